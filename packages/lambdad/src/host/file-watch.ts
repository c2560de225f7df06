import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join, sep } from "node:path";

/** Changes that come within this time are one change, in milliseconds. */
const settleMs = 100;

/** Folders that are watched at once; the system has a limit too, for all programs together. */
const foldersMax = 10_000;

const ignoredNames: ReadonlySet<string> = new Set(["node_modules", ".git", "__pycache__"]);

/**
 * Calls back when files of a function have changed, once for changes that come together.
 *
 * Each folder is watched by itself: the recursive watch of Node on Linux watches each file, and loses
 * one that an editor has replaced (seen on Node 24.21). Symbolic links are not followed.
 */
export class FileWatch {
  readonly #root: string;
  readonly #onChange: (path: string) => void;
  /** By path below the root; the root is the empty path. */
  readonly #watchers = new Map<string, FSWatcher>();
  #onError: (error: Error) => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, onChange: (path: string) => void) {
    this.#root = folder;
    this.#onChange = onChange;
  }

  /** `onError` is called when the folder cannot be watched, in part or at all. */
  start(onError: (error: Error) => void): void {
    this.#onError = onError;
    this.#watchFolder("");
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watchFolder(path: string): void {
    if (this.#watchers.size >= foldersMax) {
      this.#onError(new Error(`there are more than ${foldersMax} folders in it`));
      return;
    }
    const folder = join(this.#root, path);
    try {
      const watcher = watch(folder, (event, name) => {
        if (name !== null) this.#changed(join(path, name), event);
      });
      watcher.on("error", this.#onError);
      this.#watchers.set(path, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !ignoredNames.has(entry.name)) {
          this.#watchFolder(join(path, entry.name));
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A folder below may have gone again in the meantime.
      if (path === "" || code !== "ENOENT") this.#onError(error as Error);
    }
  }

  #changed(path: string, event: "rename" | "change"): void {
    if (path.split(sep).some((name) => ignoredNames.has(name))) return;
    if (event === "rename") this.#follow(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onChange(path), settleMs);
  }

  /** Something of this name has come or gone: a folder is watched from now on, or no more. */
  #follow(path: string): void {
    for (const [other, watcher] of this.#watchers) {
      if (other !== path && !other.startsWith(path + sep)) continue;
      watcher.close();
      this.#watchers.delete(other);
    }
    const stats = statSync(join(this.#root, path), { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) this.#watchFolder(path);
  }
}
