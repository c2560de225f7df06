import { type FSWatcher, watch } from "node:fs";
import { sep } from "node:path";

/** Changes that come within this time are one change, in milliseconds. */
const settleMs = 100;

const ignoredFolders: ReadonlySet<string> = new Set(["node_modules", ".git", "__pycache__"]);

/** Calls back when files of a function have changed, once for changes that come together. */
export class FileWatch {
  readonly #folder: string;
  readonly #onChange: (path: string) => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, onChange: (path: string) => void) {
    this.#folder = folder;
    this.#onChange = onChange;
  }

  /** `onError` is called when the folder cannot be watched, or cannot any more. */
  start(onError: (error: Error) => void): void {
    try {
      this.#watcher = watch(this.#folder, { recursive: true }, (_event, path) => {
        if (path === null || path.split(sep).some((part) => ignoredFolders.has(part))) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#onChange(path), settleMs);
      });
      this.#watcher.on("error", onError);
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }
}
