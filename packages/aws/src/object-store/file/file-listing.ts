// Keys in the order of their bytes, from a walk over folders: a folder's keys are where its name would be
// if it ended in "/". A walk holds the names of the folders that it is in, and reads no others.
import type { Dirent } from "node:fs";
import { fs } from "../../builtin/fs.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import type { ListedObject, ListPosition } from "../object-storage.ts";
import { hasBucket, type FileParts } from "./file-parts.ts";
import { besideFolder, decodeName, prefixFolder } from "./key-path.ts";
import { openFolder, type OpenFolder } from "./open-folder.ts";
import { entryOf, foreignEntry, isSameFile, keyName, type SidecarEntry } from "./sidecar.ts";

/** Objects that are looked at before others have their turn. */
const batchSize = 32;

/** A name in a folder. */
interface Entry {
  /** The object's key, or what all keys in the folder begin with. */
  readonly key: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** A folder on the way, with what is left of it. */
interface Level {
  /** Path below the root. */
  readonly path: string;
  readonly entries: readonly Entry[];
  next: number;
}

/** Lists the objects of a bucket. */
export async function listFiles(
  parts: FileParts,
  bucket: string,
  position: ListPosition,
): Promise<readonly ListedObject[] | "no-bucket"> {
  const { root } = parts.place;
  if (root === undefined || !hasBucket(root, bucket)) return "no-bucket";
  return new FileListing(parts, root, bucket, position).run();
}

class FileListing {
  readonly #parts: FileParts;
  readonly #root: string;
  readonly #bucket: string;
  readonly #position: ListPosition;
  readonly #levels: Level[] = [];
  readonly #listed: ListedObject[] = [];

  constructor(parts: FileParts, root: string, bucket: string, position: ListPosition) {
    this.#parts = parts;
    this.#root = root;
    this.#bucket = bucket;
    this.#position = position;
  }

  async run(): Promise<readonly ListedObject[]> {
    const { prefix, limit } = this.#position;
    const start = prefixFolder(prefix);
    const path = start.path === "" ? this.#bucket : `${this.#bucket}/${start.path}`;
    if (limit > 0 && this.#isWanted(start.prefix, true)) await this.#enter(path, start.prefix);
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      if (this.#listed.length === limit) break;
      const entry = level.entries[level.next];
      if (entry === undefined) {
        this.#levels.pop();
      } else if (entry.isFolder) {
        level.next++;
        await this.#enter(`${level.path}/${entry.name}`, entry.key);
      } else {
        this.#take(level);
        await nextTurn();
      }
    }
    return this.#listed;
  }

  /** Reads a folder all of whose keys begin with `start`. */
  async #enter(path: string, start: string): Promise<void> {
    const folder = openFolder(this.#root, path);
    if (folder === undefined) return;
    let names: readonly Dirent[];
    try {
      names = await readNames(folder.base);
    } finally {
      folder.close();
    }
    const entries: Entry[] = [];
    for (const dirent of names) {
      const entry = entryOfName(dirent, start);
      if (entry !== undefined && this.#isWanted(entry.key, entry.isFolder)) entries.push(entry);
    }
    entries.sort(compareEntries);
    this.#levels.push({ path, entries, next: 0 });
  }

  /** Whether the listing can have a key, or keys that begin with it. */
  #isWanted(key: string, isStart: boolean): boolean {
    const { prefix, after, past } = this.#position;
    if (!key.startsWith(prefix) && !(isStart && prefix.startsWith(key))) return false;
    if (after !== undefined && compareUtf8(key, after) <= 0) {
      if (!isStart || !after.startsWith(key)) return false;
    }
    if (past === undefined || past === "") return past === undefined;
    if (key.startsWith(past)) return false;
    return compareUtf8(key, past) > 0 || (isStart && past.startsWith(key));
  }

  /** Lists the objects that come next in a folder, up to the next folder in it. */
  #take(level: Level): void {
    const { limit } = this.#position;
    const folder = openFolder(this.#root, level.path);
    if (folder === undefined) {
      this.#levels.pop();
      return;
    }
    try {
      for (let taken = 0; taken < batchSize && this.#listed.length < limit; taken++) {
        const entry = level.entries[level.next];
        if (entry === undefined || entry.isFolder) return;
        level.next++;
        if (entry.key === this.#listed.at(-1)?.key) continue;
        const found = this.#look(folder, entry);
        if (found === undefined) continue;
        const { size, etag, modified, details } = found;
        const { storageClass, checksum } = details;
        this.#listed.push({ key: entry.key, size, etag, modified, storageClass, checksum });
      }
    } finally {
      folder.close();
    }
  }

  /** What is known of an object; `undefined`: it has gone since its folder was read. */
  #look(folder: OpenFolder, { key, name }: Entry): SidecarEntry | undefined {
    const own = `${folder.base}/${name}`;
    for (let attempt = 1; ; attempt++) {
      let status = fs.lstatSync(own, { throwIfNoEntry: false });
      // It may have gone beside a folder that has come meanwhile.
      if (status?.isFile() !== true && !name.endsWith(besideFolder)) {
        status = fs.lstatSync(own + besideFolder, { throwIfNoEntry: false });
      }
      if (status?.isFile() !== true) return undefined;
      const sidecar = this.#parts.sidecars.read(this.#bucket, keyName(this.#bucket, key));
      const entry = entryOf(sidecar, status);
      if (entry !== undefined) return entry;
      // The sidecar may be that of the object that has just replaced this one.
      const later = fs.lstatSync(own, { throwIfNoEntry: false });
      const isSame = later !== undefined && isSameFile(status, later);
      if (sidecar === undefined || isSame || attempt === looksMax) return foreignEntry(status);
    }
  }
}

const looksMax = 10;

function entryOfName(dirent: Dirent, start: string): Entry | undefined {
  const { name } = dirent;
  const isFolder = dirent.isDirectory();
  if (!isFolder && !dirent.isFile()) return undefined;
  const decoded = decodeName(name, isFolder);
  if (decoded === undefined) return undefined;
  const { text, kind } = decoded;
  return { key: kind === "folder" ? `${start}${text}/` : start + text, name, isFolder };
}

/** An object has at most two names; its own is the shorter one. */
function compareEntries(a: Entry, b: Entry): number {
  return compareUtf8(a.key, b.key) || a.name.length - b.name.length;
}

function readNames(path: string): Promise<Dirent[]> {
  return new Promise((resolve, reject) => {
    fs.readdir(path, { withFileTypes: true }, (error, names) => {
      if (error === null) resolve(names);
      else reject(error);
    });
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
