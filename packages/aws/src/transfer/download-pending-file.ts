import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fs } from "../builtin/fs.ts";
import { FilePart } from "./download-file-part.ts";

/** Bytes of one write. */
const slabBytes: number = 512 * 1024;

/**
 * A file that is being downloaded: under a temporary name in the folder of its own until all of it is
 * there. A file of that name stays as it was until then.
 */
export class PendingFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #onError: (error: Error) => void;
  readonly #free: Buffer[] = [];
  #writes = 0;
  #onQuiet: (() => void) | undefined;
  #error: Error | undefined;
  #isClosed = false;

  private constructor(path: string, temporary: string, fd: number, onError: (e: Error) => void) {
    this.#path = path;
    this.#temporary = temporary;
    this.#fd = fd;
    this.#onError = onError;
  }

  /**
   * @param path of a regular file or of none; links have been followed
   * @param previous the file that is there
   * @param onError told of the first write that fails
   * @throws an error of the file system
   */
  static async open(
    path: string,
    previous: Stats | undefined,
    onError: (error: Error) => void,
  ): Promise<PendingFile> {
    const temporary = temporaryName(path);
    const fd = await new Promise<number>((resolve, reject) => {
      fs.open(temporary, "wx", 0o666, (error, opened) => {
        if (error === null) resolve(opened);
        else reject(openError(path, error));
      });
    });
    if (previous !== undefined) {
      // Who may read the old file may read the new one.
      await done((callback) => fs.fchmod(fd, previous.mode & 0o777, callback)).catch(ignore);
    }
    return new PendingFile(path, temporary, fd, onError);
  }

  /** Takes the bytes from `position` on; `length`: how many there will be, if known. */
  part(position: number, length: number | undefined): FilePart {
    return new FilePart(this, position, length);
  }

  /** Where its bytes are now. */
  get temporary(): string {
    return this.#temporary;
  }

  /** Memory for bytes that will be written; of no use for more than `length`. */
  slab(length: number): Buffer {
    if (length < slabBytes) return Buffer.allocUnsafe(length);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
  }

  /** Writes the first bytes of a slab, which is its own again afterwards. */
  write(slab: Buffer, length: number, position: number, onWritten: () => void): void {
    this.#writes++;
    this.#writeOn(slab, 0, length, position, onWritten);
  }

  /** All that was to be written is. @throws an error of the file system. */
  async complete(): Promise<void> {
    await this.#quiet();
    if (this.#error !== undefined) throw this.#error;
  }

  /** The file, which is complete, gets its name. @throws an error of the file system. */
  async finish(fsync: boolean): Promise<void> {
    if (fsync) await done((callback) => fs.fsync(this.#fd, callback));
    await this.#close();
    await done((callback) => fs.rename(this.#temporary, this.#path, callback));
    if (fsync) await syncFolder(dirname(this.#path));
  }

  /** Nothing is left of it. Never throws. */
  async remove(): Promise<void> {
    await this.#quiet();
    await this.#close().catch(ignore);
    await done((callback) => fs.unlink(this.#temporary, callback)).catch(ignore);
  }

  /** Once: another file may have the descriptor's number afterwards. */
  #close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    return done((callback) => fs.close(this.#fd, callback));
  }

  #writeOn(slab: Buffer, at: number, end: number, position: number, then: () => void): void {
    fs.write(this.#fd, slab, at, end - at, position, (error, written) => {
      if (error === null && at + written < end && written > 0) {
        this.#writeOn(slab, at + written, end, position + written, then);
        return;
      }
      this.#writes--;
      if (slab.length === slabBytes) this.#free.push(slab);
      if (error !== null || written === 0) this.#fail(error ?? new Error("Nothing was written"));
      then();
      if (this.#writes === 0) this.#onQuiet?.();
    });
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#onError(error);
  }

  /** No write is under way. */
  #quiet(): Promise<void> {
    if (this.#writes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onQuiet = resolve;
    });
  }
}

/** Hidden, told apart from others, and short enough for any file system. */
function temporaryName(path: string): string {
  const name = basename(path).slice(0, 32);
  return join(dirname(path), `.${name}.${randomUUID().slice(0, 13)}.part`);
}

function openError(path: string, cause: NodeJS.ErrnoException): Error {
  const { code } = cause;
  const reason =
    code === "ENOENT"
      ? "its folder is not there; make it first"
      : `no file can be written in its folder (${code})`;
  return Object.assign(new Error(`Cannot download to "${path}": ${reason}`, { cause }), { code });
}

/** The name is on the disk only when its folder is. Some systems know no such thing. */
async function syncFolder(path: string): Promise<void> {
  const fd = await new Promise<number | undefined>((resolve) => {
    fs.open(path, "r", (error, opened) => resolve(error === null ? opened : undefined));
  });
  if (fd === undefined) return;
  await done((callback) => fs.fsync(fd, callback)).catch(ignore);
  await done((callback) => fs.close(fd, callback)).catch(ignore);
}

function done(begin: (callback: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

function ignore(): void {}
