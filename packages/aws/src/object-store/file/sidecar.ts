// What is kept of an object beside its bytes, in a file of its own in `.lambdad/meta/<bucket>`, named by a
// hash of the key. It says which file it speaks of, by what the file system says of that, and is written
// before the file is in its place. There are two such names for each key, so that what speaks of the file
// that is there stays until the next one has replaced it. Nothing is renamed over something in this, which
// file systems make wait for the disk.
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

/** One of the two names. */
export type SidecarSlot = 0 | 1;

/** What was found of a file, and under which name. */
export interface FoundEntry {
  readonly entry: SidecarEntry;
  readonly slot: SidecarSlot;
}

/** Contents of a sidecar. */
interface Sidecar {
  readonly version: 1;
  readonly key: string;
  readonly entry: SidecarEntry;
}

const version = 1;

/** Name for a key in the store's own folders: of its sidecar, of its lock. */
export function keyName(bucket: string, key: string): string {
  return crypto.hash("sha256", `${bucket}/${key}`, "hex").slice(0, 40);
}

/** Whether two looks saw the same contents. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
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

  /** What is known of a file with these contents. */
  find(bucket: string, name: string, file: FileIdentity): FoundEntry | undefined {
    if (!this.#own.isThere()) return undefined;
    for (const slot of slots) {
      const entry = readEntry(this.#path(bucket, name, slot));
      if (entry !== undefined && isSameFile(entry, file)) return { entry, slot };
    }
    return undefined;
  }

  /**
   * What is known of a file that was copied with its time, as a restored backup is: it has another inode.
   * Only for who holds the key's lock, as a file that is being replaced looks the same.
   */
  findCopied(bucket: string, name: string, file: FileIdentity): FoundEntry | undefined {
    const found: FoundEntry[] = [];
    for (const slot of slots) {
      const entry = readEntry(this.#path(bucket, name, slot));
      if (entry !== undefined && isCopy(entry, file)) found.push({ entry, slot });
    }
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * Writes what will be known of the next file, and leaves alone what is in `used`.
   * @returns where it is
   */
  write(
    bucket: string,
    name: string,
    key: string,
    entry: SidecarEntry,
    used: SidecarSlot | undefined,
  ): string {
    const path = this.#path(bucket, name, used === 0 ? 1 : 0);
    const text = sidecarText(key, entry);
    for (let attempt = 1; ; attempt++) {
      try {
        this.#makeFolder(bucket, name);
        fs.writeFileSync(path, text, { flag: "wx" });
        return path;
      } catch (error) {
        const code = errorCode(error);
        if (attempt === writeAttempts) throw error;
        // Left behind by a writer that did not come to its end.
        if (code === "EEXIST") ifThere(() => fs.unlinkSync(path));
        // The bucket was deleted since its folder was made, and perhaps made anew.
        else if (code === "ENOENT") this.#folders.clear();
        else throw error;
      }
    }
  }

  /** Replaces, at once, what is known of a file that stays where it is. */
  replace(
    bucket: string,
    name: string,
    key: string,
    entry: SidecarEntry,
    slot: SidecarSlot | undefined,
  ): void {
    const prepared = this.#own.temporary();
    fs.writeFileSync(prepared, sidecarText(key, entry), { flag: "wx" });
    try {
      this.#makeFolder(bucket, name);
      fs.renameSync(prepared, this.#path(bucket, name, slot ?? 0));
    } catch (error) {
      this.#folders.clear();
      ifThere(() => fs.unlinkSync(prepared));
      // The bucket has gone, and the object with it.
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }

  /** Removes what spoke of a file that is no more. */
  drop(bucket: string, name: string, slot: SidecarSlot): void {
    ifThere(() => fs.unlinkSync(this.#path(bucket, name, slot)));
  }

  /** Removes all that is known of a key. */
  remove(bucket: string, name: string): void {
    for (const slot of slots) {
      if (fs.existsSync(this.#path(bucket, name, slot))) this.drop(bucket, name, slot);
    }
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

  #path(bucket: string, name: string, slot: SidecarSlot): string {
    return `${this.#folder(bucket, name)}/${name.slice(2)}${slot === 0 ? "" : "-"}`;
  }
}

const foldersMax = 16_384;
const writeAttempts = 20;
const slots = [0, 1] as const;

function sidecarText(key: string, entry: SidecarEntry): string {
  const sidecar: Sidecar = { version, key, entry };
  return JSON.stringify(sidecar);
}

function isCopy(entry: SidecarEntry, { size, mtimeMs }: FileIdentity): boolean {
  if (entry.size !== size) return false;
  // Some programs keep whole seconds.
  return entry.mtimeMs === mtimeMs || Math.floor(entry.mtimeMs / 1000) * 1000 === mtimeMs;
}

/** `undefined`: there is none, or it is not whole: it is being written, or the power was cut. */
function readEntry(path: string): SidecarEntry | undefined {
  // Most often one of the two is missing, and an error takes ten times as long as a look.
  if (!fs.existsSync(path)) return undefined;
  const text = ifThere(() => readSmallText(path));
  if (text === undefined) return undefined;
  try {
    const sidecar = JSON.parse(text) as Partial<Sidecar>;
    return sidecar.version === version ? sidecar.entry : undefined;
  } catch {
    return undefined;
  }
}

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
