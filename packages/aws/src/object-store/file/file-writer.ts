import { fs } from "../../builtin/fs.ts";
import type {
  Awaitable,
  ObjectRecord,
  StagedBody,
  StagedFile,
  WriteCondition,
  WriteOutcome,
} from "../object-storage.ts";
import { StoreFailure } from "../store-errors.ts";
import { folderOf, hasBucket, locate, type FileParts, type LocatedFile } from "./file-parts.ts";
import { errorCode } from "./file-place.ts";
import type { FileReader } from "./file-reader.ts";
import { besideFolder, keyOfPath, keyPath } from "./key-path.ts";
import { makeFolder, openFolder, type FileInTheWay, type OpenFolder } from "./open-folder.ts";
import { keyName, type SidecarEntry, type SidecarSlot } from "./sidecar.ts";
import { syncPath } from "./sync-path.ts";
import {
  attemptsMax,
  knownEntry,
  refusalOf,
  writeTarget,
  type WriteTarget,
} from "./write-target.ts";

/** A write. */
interface NewObject<Refusal> extends WriteTarget {
  readonly record: ObjectRecord;
  readonly file: StagedFile;
  readonly condition: WriteCondition;
  readonly also: WriteGuard<Refusal> | undefined;
}

/** What must be so, and what is done, in the same moment as a write. */
export interface WriteGuard<Refusal> {
  readonly lock: string;
  refusal(): Refusal | undefined;
  done(): void;
}

/** What a write found, short of an outcome. */
type Obstacle = "again" | "unknown" | FileInTheWay;

/** The folder is open, and the sidecar of the new file is in its place. */
interface PreparedWrite {
  readonly folder: OpenFolder;
  readonly present: LocatedFile | undefined;
  /** Path of the new sidecar. */
  readonly sidecar: string;
  /** Where that of the present file is. */
  readonly before: SidecarSlot | undefined;
}

/** Writes objects. */
export class FileWriter {
  readonly #parts: FileParts;
  readonly #reader: FileReader;

  constructor(parts: FileParts, reader: FileReader) {
    this.#parts = parts;
    this.#reader = reader;
  }

  /** Makes a body an object; it is gone afterwards. */
  write<Refusal = never>(
    bucket: string,
    key: string,
    record: ObjectRecord,
    body: StagedBody,
    condition: WriteCondition,
    also?: WriteGuard<Refusal>,
  ): Awaitable<WriteOutcome | Refusal> {
    const { place, staged } = this.#parts;
    if (!hasBucket(place.root, bucket)) {
      staged.discard(body);
      return "no-bucket";
    }
    const commit = (file: StagedFile): Awaitable<WriteOutcome | Refusal> => {
      return this.#commit({ ...writeTarget(bucket, key), record, file, condition, also });
    };
    const file = staged.file(body);
    return file instanceof Promise ? file.then(commit) : commit(file);
  }

  #commit<Refusal>(object: NewObject<Refusal>): Awaitable<WriteOutcome | Refusal> {
    let outcome: Awaitable<WriteOutcome | Refusal | Obstacle>;
    try {
      outcome = this.#attempt(object);
    } catch (error) {
      this.#parts.staged.discard(object.file);
      throw error;
    }
    if (outcome === "done") return "done";
    return this.#commitLater(object, outcome);
  }

  async #commitLater<Refusal>(
    object: NewObject<Refusal>,
    first: Awaitable<WriteOutcome | Refusal | Obstacle>,
  ): Promise<WriteOutcome | Refusal> {
    let outcome: WriteOutcome | Refusal | Obstacle | undefined;
    try {
      outcome = await first;
      for (let attempt = 1; isObstacle(outcome); attempt++) {
        if (attempt === attemptsMax) throw cannotPlace(object.key);
        await this.#overcome(object, outcome);
        outcome = await this.#attempt(object);
      }
      return outcome;
    } finally {
      if (outcome !== "done") this.#parts.staged.discard(object.file);
    }
  }

  #attempt<Refusal>(object: NewObject<Refusal>): Awaitable<WriteOutcome | Refusal | Obstacle> {
    const { locks } = this.#parts;
    const { name, also } = object;
    const names = also === undefined ? [name] : [also.lock, name];
    return locks.hold(names, () => this.#replace(object));
  }

  async #overcome(target: WriteTarget, obstacle: Obstacle): Promise<void> {
    if (obstacle === "unknown") {
      target.known = await this.#reader.describe(target.bucket, target.key);
    } else if (typeof obstacle === "object") {
      await this.#moveAside(obstacle.inTheWay);
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The write itself, under the lock of its key. */
  #replace<Refusal>(object: NewObject<Refusal>): Awaitable<WriteOutcome | Refusal | Obstacle> {
    const refusal = object.also?.refusal();
    if (refusal !== undefined) return refusal;
    const prepared = this.#prepare(object);
    if (typeof prepared === "string" || "inTheWay" in prepared) return prepared;
    if (this.#parts.place.fsync) return this.#finishOnDisk(object, prepared);
    if (prepared.present !== undefined) return this.#finishLater(object, prepared);
    try {
      return this.#placeBody(object, prepared);
    } finally {
      prepared.folder.close();
    }
  }

  #prepare(object: NewObject<unknown>): PreparedWrite | WriteOutcome | Obstacle {
    const { place, sidecars } = this.#parts;
    const { bucket, key, path, name, record, file, condition } = object;
    const { root } = place;
    if (root === undefined) return "no-bucket";
    let folder: OpenFolder | FileInTheWay | "no-bucket" | "again" | undefined;
    folder = openFolder(root, folderOf(bucket, path));
    if (folder === undefined) {
      if (condition.ifMatch !== undefined) return hasBucket(root, bucket) ? "no-key" : "no-bucket";
      folder = makeFolder(root, bucket, path.parent);
      if (typeof folder === "string" || "inTheWay" in folder) return folder;
      if (place.fsync) syncAbove(root, bucket, path.parent);
    }
    let isPrepared = false;
    try {
      const present = locate(folder.base, path.name);
      const found = present && sidecars.find(bucket, name, present.status);
      const entry = present && knownEntry(object, present, found);
      const refusal = refusalOf(condition, present, entry);
      if (refusal !== undefined) return refusal;
      const { ino, size, mtimeMs } = fs.lstatSync(file.path);
      const { etag, modified, details, tags } = record;
      const next: SidecarEntry = { ino, size, mtimeMs, etag, modified, details, tags };
      const sidecar = sidecars.write(bucket, name, key, next, found?.slot);
      isPrepared = true;
      return { folder, present, sidecar, before: found?.slot };
    } finally {
      if (!isPrepared) folder.close();
    }
  }

  /** The same when there is a file: to rename over one may take as long as the disk is busy. */
  async #finishLater(
    object: NewObject<unknown>,
    prepared: PreparedWrite,
  ): Promise<WriteOutcome | Obstacle> {
    const { folder, present } = prepared;
    try {
      const isPlaced = await renameLater(object.file.path, `${folder.base}/${present?.name}`);
      return isPlaced ? this.#placed(object, prepared) : this.#placeBody(object, prepared);
    } finally {
      folder.close();
    }
  }

  /** The same when each step must be on the disk before the next one. */
  async #finishOnDisk(
    object: NewObject<unknown>,
    prepared: PreparedWrite,
  ): Promise<WriteOutcome | Obstacle> {
    const { sidecars } = this.#parts;
    const { bucket, name } = object;
    try {
      await syncPath(prepared.sidecar);
      sidecars.sync(bucket, name);
      const outcome = this.#placeBody(object, prepared);
      prepared.folder.sync();
      return outcome;
    } finally {
      prepared.folder.close();
    }
  }

  /** The step that makes the body the object. */
  #placeBody(object: NewObject<unknown>, prepared: PreparedWrite): WriteOutcome | Obstacle {
    const { path, file } = object;
    const { folder, present } = prepared;
    try {
      this.#rename(file.path, folder.base, present?.name ?? path.name);
    } catch (error) {
      // The folder was removed as it was empty, or with the bucket.
      if (errorCode(error) !== "ENOENT" || !fs.existsSync(file.path)) throw error;
      return "again";
    }
    return this.#placed(object, prepared);
  }

  #placed({ bucket, name, also }: NewObject<unknown>, { before }: PreparedWrite): "done" {
    if (before !== undefined) this.#parts.sidecars.drop(bucket, name, before);
    also?.done();
    return "done";
  }

  /** Puts a file in its place, or beside the folder that has its name. */
  #rename(from: string, base: string, name: string): void {
    try {
      fs.renameSync(from, `${base}/${name}`);
    } catch (error) {
      // The folder may be gone by now; beside it is as good a place. Windows says EPERM.
      const isFolder =
        errorCode(error) === "EISDIR" ||
        fs.lstatSync(`${base}/${name}`, { throwIfNoEntry: false })?.isDirectory() === true;
      if (!isFolder || name.endsWith(besideFolder)) throw error;
      fs.renameSync(from, `${base}/${name}${besideFolder}`);
    }
  }

  /** Makes room for a folder: the object that has its name goes beside it. */
  async #moveAside(relative: string): Promise<void> {
    const { place, locks } = this.#parts;
    const [bucket = ""] = relative.split("/", 1);
    const key = keyOfPath(relative.slice(bucket.length + 1));
    const { root } = place;
    if (root === undefined) return;
    if (key === undefined) throw fileInTheWay(`${root}/${relative}`);
    const path = keyPath(key);
    await locks.hold([keyName(bucket, key)], () => {
      const folder = openFolder(root, folderOf(bucket, path));
      if (folder === undefined) return;
      try {
        const own = `${folder.base}/${path.name}`;
        if (fs.lstatSync(own, { throwIfNoEntry: false })?.isFile() !== true) return;
        fs.renameSync(own, own + besideFolder);
        fs.mkdirSync(own);
        if (place.fsync) folder.sync();
      } finally {
        folder.close();
      }
    });
  }
}

/** Renames a file, or does not: whoever asked tries again and learns why. */
function renameLater(from: string, to: string): Promise<boolean> {
  return new Promise((resolve) => fs.rename(from, to, (error) => resolve(error === null)));
}

function isObstacle(outcome: unknown): outcome is Obstacle {
  if (typeof outcome === "object") return true;
  return outcome === "again" || outcome === "unknown";
}

/** Brings the names of new folders to the disk. */
function syncAbove(root: string, bucket: string, parent: string): void {
  let path = parent === "" ? bucket : `${bucket}/${parent}`;
  while (path.length > bucket.length) {
    path = path.slice(0, path.lastIndexOf("/"));
    const folder = openFolder(root, path);
    folder?.sync();
    folder?.close();
  }
}

function cannotPlace(key: string): StoreFailure {
  return new StoreFailure("InternalError", {
    message: `Cannot write the object "${key}": its folder was removed or changed ${attemptsMax} times meanwhile; repeat the call`,
  });
}

function fileInTheWay(path: string): StoreFailure {
  return new StoreFailure("InternalError", {
    message: `Cannot write: the file "${path}" is where a folder of the store must be; remove it`,
  });
}
