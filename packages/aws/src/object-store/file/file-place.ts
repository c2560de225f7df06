import { fs } from "../../builtin/fs.ts";

/** Folder of the store's own, in the root. No bucket's name begins with a dot. */
const ownFolder = ".lambdad";

/** Where a store is. */
export class FilePlace {
  /** Absolute, as the user gave it. */
  readonly folder: string;
  /** Writes are on the disk before they are answered. */
  readonly fsync: boolean;
  #root: string | undefined;

  constructor(folder: string, fsync: boolean) {
    this.folder = folder;
    this.fsync = fsync;
  }

  /** The folder without symbolic links in its path; `undefined`: it is not there. */
  get root(): string | undefined {
    if (this.#root !== undefined) return this.#root;
    try {
      this.#root = fs.realpathSync.native(this.folder);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
    return this.#root;
  }

  /** The folder, made if it is not there. */
  makeRoot(): string {
    const { root } = this;
    if (root !== undefined && fs.existsSync(root)) return root;
    fs.mkdirSync(this.folder, { recursive: true });
    this.#root = fs.realpathSync.native(this.folder);
    return this.#root;
  }

  /** Path of the store's own folder. */
  get own(): string {
    return `${this.root ?? this.folder}/${ownFolder}`;
  }
}

/** Code of an error of the file system: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** Runs a step that may find nothing there. */
export function ifThere<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** The path does not exist, or goes through what is no folder. */
export function isAbsence(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
