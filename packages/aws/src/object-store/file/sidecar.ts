// What is kept of an object beside its bytes, in a file of its own: `.lambdad/meta/<bucket>/<hash of the
// key>`. It says which file it speaks of, by what the file system says of it, and is written before that
// file is in its place: so it speaks of two, the one that is there and the one that will be.
import type { Stats } from "node:fs";
import { crypto } from "../../builtin/crypto.ts";
import { fs } from "../../builtin/fs.ts";
import type { ObjectRecord } from "../object-storage.ts";
import { errorCode, ifThere } from "./file-place.ts";
import { readFlags } from "./open-folder.ts";
import type { OwnFolder } from "./own-folder.ts";

/** A file's contents at one moment, as far as the file system tells. */
export interface FileIdentity {
  readonly ino: number;
  readonly size: number;
  /** Milliseconds, with their fraction. */
  readonly mtimeMs: number;
}

/** What is known of one file. */
export interface SidecarEntry extends FileIdentity {
  readonly etag: string | undefined;
  readonly modified: number | undefined;
  readonly details: ObjectRecord["details"];
  readonly tags: ObjectRecord["tags"];
}

/** Contents of the file. */
export interface Sidecar {
  readonly version: 1;
  readonly key: string;
  readonly entries: readonly SidecarEntry[];
}

const version = 1;

/** Name for a key in the store's own folders: of its sidecar, of its lock. */
export function keyName(bucket: string, key: string): string {
  return crypto.hash("sha256", `${bucket}/${key}`, "hex").slice(0, 40);
}

/** What is known of a file with these contents. */
export function entryOf(
  sidecar: Sidecar | undefined,
  file: FileIdentity,
): SidecarEntry | undefined {
  return sidecar?.entries.find((entry) => isSameFile(entry, file));
}

/** Whether two looks saw the same contents. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/**
 * What is known of a file that was copied with its time, as a restored backup is: it has another inode.
 * Only for who holds the key's lock, as a file that is being replaced looks the same.
 */
export function copiedEntryOf(
  sidecar: Sidecar,
  { size, mtimeMs }: Stats,
): SidecarEntry | undefined {
  const candidates = sidecar.entries.filter(
    (entry) =>
      entry.size === size &&
      (entry.mtimeMs === mtimeMs || Math.floor(entry.mtimeMs / 1000) * 1000 === mtimeMs),
  );
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** What is known of an object, as others see it. */
export function recordOf({ size, etag, modified, details, tags }: SidecarEntry): ObjectRecord {
  return { size, etag, modified, details, tags };
}

/** What is known of a file that somebody else has put there. */
export function foreignEntry({ ino, size, mtimeMs }: FileIdentity, etag?: string): SidecarEntry {
  return { ino, size, mtimeMs, etag, modified: Math.floor(mtimeMs), details: {}, tags: [] };
}

/** Most fit; one thread has one of them. */
const page = Buffer.allocUnsafeSlow(16 * 1024);

/** The sidecars of a store. */
export class Sidecars {
  readonly #own: OwnFolder;
  readonly #folders = new Set<string>();

  constructor(own: OwnFolder) {
    this.#own = own;
  }

  /** `undefined`: there is none, or what is there is none. */
  read(bucket: string, name: string): Sidecar | undefined {
    if (!this.#own.isThere()) return undefined;
    let text: string | undefined;
    try {
      text = readSmallText(this.#path(bucket, name));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
    try {
      const sidecar = JSON.parse(text) as Sidecar;
      return sidecar.version === version && Array.isArray(sidecar.entries) ? sidecar : undefined;
    } catch {
      // A power cut can leave one without its contents.
      return undefined;
    }
  }

  /** Path of a file that becomes the sidecar with `place`. */
  prepare(key: string, entries: readonly SidecarEntry[]): string {
    const path = this.#own.temporary();
    const sidecar: Sidecar = { version, key, entries };
    const text = JSON.stringify(sidecar);
    try {
      fs.writeFileSync(path, text, { flag: "wx" });
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      this.#own.remake();
      fs.writeFileSync(path, text, { flag: "wx" });
    }
    return path;
  }

  /** Makes a prepared file the sidecar; it is gone afterwards. */
  place(prepared: string, bucket: string, name: string): void {
    const path = this.#path(bucket, name);
    for (let attempt = 1; ; attempt++) {
      try {
        this.#makeFolder(bucket, name);
        fs.renameSync(prepared, path);
        return;
      } catch (error) {
        // The bucket was deleted since its folder was made, and perhaps made anew.
        this.#folders.clear();
        if (errorCode(error) === "ENOENT" && attempt < placeAttempts) continue;
        ifThere(() => fs.unlinkSync(prepared));
        throw error;
      }
    }
  }

  write(bucket: string, name: string, key: string, entries: readonly SidecarEntry[]): void {
    this.place(this.prepare(key, entries), bucket, name);
  }

  remove(bucket: string, name: string): void {
    ifThere(() => fs.unlinkSync(this.#path(bucket, name)));
  }

  /** Brings a sidecar's name to the disk. */
  sync(bucket: string, name: string): void {
    const descriptor = fs.openSync(this.#folder(bucket, name), "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  /** Those of a bucket that is no more. */
  removeAll(bucket: string): void {
    this.#folders.clear();
    this.#own.remove(`meta/${bucket}`);
  }

  #makeFolder(bucket: string, name: string): void {
    const folder = this.#folder(bucket, name);
    if (this.#folders.has(folder)) return;
    for (const path of [folder.slice(0, -3), folder]) {
      try {
        fs.mkdirSync(path);
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
        if (!fs.lstatSync(path).isDirectory()) {
          throw Object.assign(
            new Error(`"${path}" is not a folder of the store's own: remove it`),
            {
              code: "EACCES",
              syscall: "lstat",
            },
          );
        }
      }
    }
    // 256 for each bucket.
    if (this.#folders.size >= foldersMax) this.#folders.clear();
    this.#folders.add(folder);
  }

  #folder(bucket: string, name: string): string {
    return `${this.#own.place.own}/meta/${bucket}/${name.slice(0, 2)}`;
  }

  #path(bucket: string, name: string): string {
    return `${this.#folder(bucket, name)}/${name.slice(2)}`;
  }
}

const foldersMax = 16_384;
const placeAttempts = 20;

function readSmallText(path: string): string {
  const descriptor = fs.openSync(path, readFlags);
  try {
    const length = fs.readSync(descriptor, page, 0, page.length, 0);
    if (length < page.length) return page.toString("utf8", 0, length);
    return fs.readFileSync(descriptor, "utf8");
  } finally {
    fs.closeSync(descriptor);
  }
}
