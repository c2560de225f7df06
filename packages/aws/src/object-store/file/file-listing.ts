// Keys in the order of their bytes, from a walk over folders: a folder's keys are where its name would be
// if it ended in "/". A walk holds the names of the folders that it is in, and reads no others.
import { fs } from "../../builtin/fs.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import type { ListedObject, ListPosition } from "../object-storage.ts";
import { hasBucket, type FileParts } from "./file-parts.ts";
import type { FolderName, FolderNames } from "./folder-names.ts";
import { besideFolder, prefixFolder } from "./key-path.ts";
import { openFolder, type OpenFolder } from "./open-folder.ts";
import { foreignEntry, isSameFile, keyName, type SidecarEntry } from "./sidecar.ts";

/** Objects that are looked at before others have their turn. */
const batchSize = 32;

/** A folder on the way, with what is left of it. */
interface Level {
  /** Path below the root. */
  readonly path: string;
  /** What all keys in it begin with. */
  readonly start: string;
  readonly names: readonly FolderName[];
  next: number;
}

/** Lists the objects of a bucket. */
export async function listFiles(
  parts: FileParts,
  names: FolderNames,
  bucket: string,
  position: ListPosition,
): Promise<readonly ListedObject[] | "no-bucket"> {
  const { root } = parts.place;
  if (root === undefined || !hasBucket(root, bucket)) return "no-bucket";
  return new FileListing(parts, names, root, bucket, position).run();
}

class FileListing {
  readonly #parts: FileParts;
  readonly #names: FolderNames;
  readonly #root: string;
  readonly #bucket: string;
  readonly #position: ListPosition;
  readonly #levels: Level[] = [];
  readonly #listed: ListedObject[] = [];

  constructor(
    parts: FileParts,
    names: FolderNames,
    root: string,
    bucket: string,
    position: ListPosition,
  ) {
    this.#parts = parts;
    this.#names = names;
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
      const name = level.names[level.next];
      const key = name === undefined ? "" : level.start + name.text;
      if (name === undefined || this.#isBehind(key)) {
        this.#levels.pop();
      } else if (name.isFolder) {
        level.next++;
        if (this.#isWanted(key, true)) await this.#enter(`${level.path}/${name.name}`, key);
      } else {
        this.#take(level);
        await nextTurn();
      }
    }
    return this.#listed;
  }

  /** Reads a folder all of whose keys begin with `start`, and goes to the first that may be wanted. */
  async #enter(path: string, start: string): Promise<void> {
    const names = await this.#names.read(this.#root, path);
    if (names === undefined) return;
    const lower = lowestKey(this.#position);
    let next = 0;
    for (let end = names.length; next < end;) {
      const middle = (next + end) >> 1;
      const key = start + (names[middle] as FolderName).text;
      if (compareUtf8(key, lower) < 0) next = middle + 1;
      else end = middle;
    }
    // The folder that the lowest key is in sorts before it, as the last one.
    const before = names[next - 1];
    if (before?.isFolder === true && lower.startsWith(start + before.text)) next--;
    this.#levels.push({ path, start, names, next });
  }

  /** Whether a key, and all that come after it, are behind the prefix. */
  #isBehind(key: string): boolean {
    const { prefix } = this.#position;
    return !key.startsWith(prefix) && !prefix.startsWith(key) && compareUtf8(key, prefix) > 0;
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
        const name = level.names[level.next];
        if (name === undefined || name.isFolder) return;
        const key = level.start + name.text;
        if (this.#isBehind(key)) return;
        level.next++;
        if (!this.#isWanted(key, false) || key === this.#listed.at(-1)?.key) continue;
        const found = this.#look(folder, key, name.name);
        if (found === undefined) continue;
        const { size, etag, modified, details } = found;
        const { storageClass, checksum } = details;
        this.#listed.push({ key, size, etag, modified, storageClass, checksum });
      }
    } finally {
      folder.close();
    }
  }

  /** What is known of an object; `undefined`: it has gone since its folder was read. */
  #look(folder: OpenFolder, key: string, name: string): SidecarEntry | undefined {
    const own = `${folder.base}/${name}`;
    for (let attempt = 1; ; attempt++) {
      let status = fs.lstatSync(own, { throwIfNoEntry: false });
      // It may have gone beside a folder that has come meanwhile.
      if (status?.isFile() !== true && !name.endsWith(besideFolder)) {
        status = fs.lstatSync(own + besideFolder, { throwIfNoEntry: false });
      }
      if (status?.isFile() !== true) return undefined;
      const found = this.#parts.sidecars.find(this.#bucket, keyName(this.#bucket, key), status);
      if (found !== undefined) return found.entry;
      // The sidecar may be that of the object that has just replaced this one.
      const later = fs.lstatSync(own, { throwIfNoEntry: false });
      const isSame = later !== undefined && isSameFile(status, later);
      if (isSame || attempt === looksMax) return foreignEntry(status);
    }
  }
}

const looksMax = 10;

/** No key before it is wanted. */
function lowestKey({ prefix, after, past }: ListPosition): string {
  let lowest = prefix;
  if (after !== undefined && compareUtf8(after, lowest) > 0) lowest = after;
  // Nearly all keys that begin with it are before this one.
  const end = past === undefined ? "" : `${past}\u{10FFFF}`;
  return compareUtf8(end, lowest) > 0 ? end : lowest;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
