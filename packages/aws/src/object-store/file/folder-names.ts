import type { Dirent } from "node:fs";
import { fs } from "../../builtin/fs.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import { decodeName } from "./key-path.ts";
import { openFolder } from "./open-folder.ts";

/** A name in a folder that keys have. */
export interface FolderName {
  /** What it adds to the keys: the end of an object's, or the next piece of those in a folder. */
  readonly text: string;
  readonly name: string;
  readonly isFolder: boolean;
}

interface KnownFolder {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly names: readonly FolderName[];
}

/** Names that are kept, of all folders. */
const keptMax = 100_000;
/** Milliseconds after a change within which another one may have the same time. */
const settledMs = 1000;

/**
 * The names in folders, in the order of their keys' bytes. A listing comes back to a folder page after
 * page, so those are kept that have not changed since; the folder's time says so.
 */
export class FolderNames {
  /** The least recently used first. */
  readonly #known = new Map<string, KnownFolder>();
  #kept = 0;

  /** `undefined`: there is no such folder below the root. */
  async read(root: string, path: string): Promise<readonly FolderName[] | undefined> {
    const folder = openFolder(root, path);
    if (folder === undefined) {
      this.#forget(path);
      return undefined;
    }
    try {
      const { ino, mtimeMs } = fs.statSync(folder.base);
      const known = this.#known.get(path);
      this.#forget(path);
      if (known?.ino === ino && known.mtimeMs === mtimeMs) {
        this.#keep(path, known);
        return known.names;
      }
      const isSettled = Date.now() - mtimeMs > settledMs;
      const names = sortedNames(await readNames(folder.base));
      if (isSettled) this.#keep(path, { ino, mtimeMs, names });
      return names;
    } finally {
      folder.close();
    }
  }

  #keep(path: string, folder: KnownFolder): void {
    this.#forget(path);
    if (folder.names.length > keptMax) return;
    this.#known.set(path, folder);
    // One more for each, so that empty ones count.
    this.#kept += folder.names.length + 1;
    for (const oldest of this.#known.keys()) {
      if (this.#kept <= keptMax) break;
      this.#forget(oldest);
    }
  }

  #forget(path: string): void {
    const known = this.#known.get(path);
    if (known === undefined) return;
    this.#known.delete(path);
    this.#kept -= known.names.length + 1;
  }
}

function sortedNames(entries: readonly Dirent[]): readonly FolderName[] {
  const names: FolderName[] = [];
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    if (!isFolder && !entry.isFile()) continue;
    const decoded = decodeName(entry.name, isFolder);
    if (decoded === undefined) continue;
    const { text, kind } = decoded;
    names.push({ text: kind === "folder" ? `${text}/` : text, name: entry.name, isFolder });
  }
  // An object has at most two names; its own is the shorter one.
  return names.sort((a, b) => compareUtf8(a.text, b.text) || a.name.length - b.name.length);
}

function readNames(path: string): Promise<Dirent[]> {
  return new Promise((resolve, reject) => {
    fs.readdir(path, { withFileTypes: true }, (error, names) => {
      if (error === null) resolve(names);
      else reject(error);
    });
  });
}
