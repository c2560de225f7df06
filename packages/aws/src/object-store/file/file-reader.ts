import type { Stats } from "node:fs";
import { crypto } from "../../builtin/crypto.ts";
import { fs } from "../../builtin/fs.ts";
import { resolveRange } from "../byte-range.ts";
import type { Awaitable, ReadOptions, StoredObject } from "../object-storage.ts";
import { StoreFailure } from "../store-errors.ts";
import { folderOf, hasBucket, type FileParts } from "./file-parts.ts";
import { errorCode, ifThere, isAbsence } from "./file-place.ts";
import { FileStream, readFully, readFullySync } from "./file-stream.ts";
import { besideFolder, keyPath, type KeyPath } from "./key-path.ts";
import { isInPlace, readFlags } from "./open-folder.ts";
import { foreignEntry, isSameFile, keyName, recordOf, type SidecarEntry } from "./sidecar.ts";

/** Up to here a read of the page cache costs less than to ask a thread for it. */
const atOnceMax = 64 * 1024;
const hashBytes = 1024 * 1024;
/** How often an object may be replaced between two looks of one read. */
const attemptsMax = 50;
/** Milliseconds after which a change of a file surely has another time than the one before. */
const settledMs = 2000;
/** The store can be read and not written. */
const unwritable = new Set(["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"]);

interface OpenObject {
  readonly descriptor: number;
  readonly status: Stats;
  readonly name: string;
}

interface Target {
  readonly root: string;
  readonly bucket: string;
  readonly key: string;
  readonly path: KeyPath;
}

/** Reads objects. */
export class FileReader {
  readonly #parts: FileParts;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  read(
    bucket: string,
    key: string,
    options: ReadOptions,
  ): Awaitable<StoredObject | "no-bucket" | "no-key"> {
    const { root } = this.#parts.place;
    if (root === undefined) return "no-bucket";
    const target = { root, bucket, key, path: keyPath(key) };
    const object = this.#open(target);
    if (object === undefined) return hasBucket(root, bucket) ? "no-key" : "no-bucket";
    let entry: SidecarEntry | undefined;
    try {
      entry = this.#parts.sidecars.find(bucket, keyName(bucket, key), object.status)?.entry;
    } catch (error) {
      fs.closeSync(object.descriptor);
      throw error;
    }
    return entry?.etag === undefined
      ? this.#readUnknown(target, object, options)
      : give(object, entry, options);
  }

  /** What is known of an object, its ETag included; `undefined`: there is none. */
  async describe(bucket: string, key: string): Promise<SidecarEntry | undefined> {
    const { root } = this.#parts.place;
    if (root === undefined) return undefined;
    const target = { root, bucket, key, path: keyPath(key) };
    const object = this.#open(target);
    const found = object && (await this.#know(target, object));
    if (found === undefined) return undefined;
    fs.closeSync(found.object.descriptor);
    return found.entry;
  }

  async #readUnknown(
    target: Target,
    object: OpenObject,
    options: ReadOptions,
  ): Promise<StoredObject | "no-bucket" | "no-key"> {
    const found = await this.#know(target, object);
    if (found !== undefined) return give(found.object, found.entry, options);
    return hasBucket(target.root, target.bucket) ? "no-key" : "no-bucket";
  }

  /** Learns of an object what its sidecar does not say, or says of the one that came after it. */
  async #know(
    target: Target,
    first: OpenObject,
  ): Promise<{ readonly object: OpenObject; readonly entry: SidecarEntry } | undefined> {
    const { bucket, key } = target;
    const name = keyName(bucket, key);
    let object: OpenObject | undefined = first;
    for (let attempt = 1; object !== undefined; attempt++) {
      let entry: SidecarEntry | undefined;
      try {
        entry = this.#parts.sidecars.find(bucket, name, object.status)?.entry;
        if (entry?.etag === undefined && isSameFile(object.status, this.#look(target, object))) {
          entry ??= this.#copied(target, object);
          if (entry?.etag === undefined) entry = await this.#hashed(target, object, entry);
        }
        if (attempt === attemptsMax) throw changesTooOften(key);
      } catch (error) {
        fs.closeSync(object.descriptor);
        throw error;
      }
      if (entry?.etag !== undefined) return { object, entry };
      fs.closeSync(object.descriptor);
      object = this.#open(target);
    }
    return undefined;
  }

  #look({ root, bucket, path }: Target, { name }: OpenObject): Stats | typeof nothing {
    return ifThere(() => fs.lstatSync(`${root}/${folderOf(bucket, path)}/${name}`)) ?? nothing;
  }

  /** What a copied store knows of the file; from now on under its new inode. */
  #copied(target: Target, object: OpenObject): SidecarEntry | undefined {
    const { bucket, key } = target;
    const name = keyName(bucket, key);
    const find = (): SidecarEntry | undefined =>
      this.#parts.sidecars.findCopied(bucket, name, object.status)?.entry;
    if (find() === undefined) return undefined;
    return this.#record(target, object, find);
  }

  /** Reads the file for its ETag. */
  async #hashed(
    target: Target,
    object: OpenObject,
    known: SidecarEntry | undefined,
  ): Promise<SidecarEntry | undefined> {
    const { descriptor, status } = object;
    const etag = `"${await md5Of(descriptor, status.size)}"`;
    if (!isSameFile(fs.fstatSync(descriptor), status)) return undefined;
    const entry = known === undefined ? foreignEntry(status, etag) : { ...known, etag };
    if (Date.now() - status.mtimeMs > settledMs) this.#record(target, object, () => entry);
    return entry;
  }

  /** Keeps what was learnt, unless somebody else is at it, or the store cannot be written. */
  #record(
    target: Target,
    object: OpenObject,
    learn: () => SidecarEntry | undefined,
  ): SidecarEntry | undefined {
    const { bucket, key } = target;
    const name = keyName(bucket, key);
    const { sidecars, locks } = this.#parts;
    const { ino, size, mtimeMs } = object.status;
    try {
      return locks.holdNow(name, () => {
        if (!isSameFile(object.status, this.#look(target, object))) return undefined;
        const learnt = learn();
        if (learnt === undefined) return undefined;
        const entry = { ...learnt, ino, size, mtimeMs };
        const known =
          sidecars.find(bucket, name, object.status) ??
          sidecars.findCopied(bucket, name, object.status);
        sidecars.replace(bucket, name, key, entry, known?.slot);
        return entry;
      });
    } catch (error) {
      if (!unwritable.has(errorCode(error) ?? "")) throw error;
      return learn();
    }
  }

  #open(target: Target): OpenObject | undefined {
    const { name } = target.path;
    return this.#openName(target, name) ?? this.#openName(target, name + besideFolder);
  }

  #openName({ root, bucket, path }: Target, name: string): OpenObject | undefined {
    const relative = `${folderOf(bucket, path)}/${name}`;
    let descriptor: number;
    try {
      descriptor = fs.openSync(`${root}/${relative}`, readFlags);
    } catch (error) {
      // ENXIO: a socket.
      if (isAbsence(error) || errorCode(error) === "ENXIO") return undefined;
      throw error;
    }
    let isObject = false;
    try {
      const status = fs.fstatSync(descriptor);
      isObject = status.isFile() && isInPlace(descriptor, root, relative);
      return isObject ? { descriptor, status, name } : undefined;
    } finally {
      if (!isObject) fs.closeSync(descriptor);
    }
  }
}

const nothing = { ino: -1, size: -1, mtimeMs: -1 };

/** The answer of a read; the descriptor is closed, or the stream's. */
function give(
  { descriptor, status }: OpenObject,
  entry: SidecarEntry,
  { body, streamAbove }: ReadOptions,
): Awaitable<StoredObject> {
  const record = recordOf(entry);
  const whole = { start: 0, end: status.size };
  const range =
    body === "none" ? undefined : body === "whole" ? whole : resolveRange(body, status.size);
  if (range === undefined) {
    fs.closeSync(descriptor);
    return { record, body: undefined };
  }
  const length = range.end - range.start;
  if (length > streamAbove) {
    return { record, body: new FileStream(descriptor, range.start, length) };
  }
  if (length > atOnceMax) return readWhole(descriptor, range.start, length, record);
  const bytes = Buffer.allocUnsafe(length);
  try {
    readFullySync(descriptor, bytes, range.start);
  } finally {
    fs.closeSync(descriptor);
  }
  return { record, body: bytes };
}

async function readWhole(
  descriptor: number,
  start: number,
  length: number,
  record: StoredObject["record"],
): Promise<StoredObject> {
  try {
    const body = Buffer.allocUnsafeSlow(length);
    await readFully(descriptor, body, start);
    return { record, body };
  } finally {
    fs.closeSync(descriptor);
  }
}

async function md5Of(descriptor: number, size: number): Promise<string> {
  const hash = crypto.createHash("md5");
  const buffer = Buffer.allocUnsafeSlow(Math.min(hashBytes, size));
  for (let position = 0; position < size; position += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - position));
    await readFully(descriptor, piece, position);
    hash.update(piece);
  }
  return hash.digest("hex");
}

function changesTooOften(key: string): StoreFailure {
  return new StoreFailure("InternalError", {
    message: `Cannot read the object "${key}": it was replaced ${attemptsMax} times while it was read; repeat the call`,
  });
}
