import type { ReadStream, Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { fs } from "../builtin/fs.ts";
import type { BodySource } from "./body-source.ts";

/** A file, or the part of one from `start` up to but not including `end`. */
export interface FileInput {
  readonly path: string | Buffer | URL;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** Bytes read from a file at a time. */
const FILE_PIECE_BYTES = 256 * 1024;

/** Whether a value names a file. */
export function isFileInput(value: object): value is FileInput {
  if (!("path" in value)) return false;
  const { path } = value;
  return typeof path === "string" || Buffer.isBuffer(path) || path instanceof URL;
}

/** A file that is read by its position: opened for each reading, so it can be sent again. */
export class FileSource implements BodySource {
  readonly #path: string | Buffer | URL;
  readonly #start: number;
  readonly #end: number;
  readonly #stats: Stats;
  readonly replayable = true;
  readonly taken = false;

  /**
   * @param stats what the path has been found to be; default: what it is now.
   * @throws RangeError for a part that the file does not have; TypeError for what is no regular
   * file; an error of the file system.
   */
  constructor({ path, start = 0, end }: FileInput, stats: Stats = fs.statSync(path)) {
    if (!stats.isFile()) {
      throw new TypeError(
        `Cannot send "${String(path)}": it is no regular file; pass a stream of it instead`,
      );
    }
    const last = end ?? stats.size;
    const isPart = Number.isSafeInteger(start) && Number.isSafeInteger(last);
    if (!isPart || start < 0 || start > last || last > stats.size) {
      throw new RangeError(
        `Cannot send bytes ${start} to ${last} of "${String(path)}": it has ${stats.size} bytes`,
      );
    }
    this.#path = path;
    this.#start = start;
    this.#end = last;
    this.#stats = stats;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.#file();
    try {
      for (let at = this.#start; at < this.#end;) {
        const piece = await readPiece(file, at, Math.min(FILE_PIECE_BYTES, this.#end - at));
        if (piece.length === 0) throw this.#shortened();
        at += piece.length;
        yield piece;
      }
    } finally {
      await file.close();
    }
  }

  async readInto(target: Uint8Array, start: number): Promise<void> {
    const file = await this.#file();
    try {
      for (let at = 0; at < target.length;) {
        const { bytesRead } = await file.read(
          target,
          at,
          target.length - at,
          this.#start + start + at,
        );
        if (bytesRead === 0) throw this.#shortened();
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  /** @throws TypeError when it is another file than before: parts of two would be one object. */
  async #file(): Promise<FileHandle> {
    const file = await fs.promises.open(this.#path, "r");
    try {
      if (isSameFile(await file.stat(), this.#stats)) return file;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    throw new TypeError(
      `Cannot send "${String(this.#path)}": it was replaced by another file while it was read`,
    );
  }

  #shortened(): TypeError {
    return new TypeError(
      `Cannot send "${String(this.#path)}": it has become shorter while it was read`,
    );
  }

  slice(start: number, end: number): BodySource {
    const from = Math.min(this.#start + start, this.#end);
    const last = Math.max(from, Math.min(this.#start + end, this.#end));
    return new FileSource({ path: this.#path, start: from, end: last }, this.#stats);
  }

  discard(): void {
    // Each reading closes the file itself.
  }
}

/** A new buffer for each piece: what reads it may keep it. */
async function readPiece(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  const { bytesRead } = await file.read(buffer, 0, size, position);
  return bytesRead === size ? buffer : buffer.subarray(0, bytesRead);
}

/** What the declarations do not have. */
interface OpenedStream {
  readonly start?: number;
  /** Inclusive, and infinite by default. */
  readonly end?: number;
  readonly fd?: number | null;
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/**
 * The source of a stream of `fs.createReadStream` that nobody has read from: the file itself, so
 * that its size is known and it can be sent again. The stream is closed. `undefined`: it must be
 * read as a stream.
 */
export function readStreamSource(stream: ReadStream): BodySource | undefined {
  const { path, start, end, fd } = stream as ReadStream & OpenedStream;
  if (!path || stream.bytesRead > 0 || stream.destroyed || stream.readableFlowing) return undefined;
  // "hex" and the like make other bytes of the file's.
  if ((stream.readableEncoding ?? "utf8") !== "utf8") return undefined;
  let source: BodySource;
  try {
    const stats = fs.statSync(path);
    // The stream reads what it has opened, whatever has that name now.
    if (typeof fd === "number" && !isSameFile(fs.fstatSync(fd), stats)) return undefined;
    const last = end === undefined ? stats.size : Math.min(stats.size, end + 1);
    source = new FileSource({ path, start: Math.min(start ?? 0, last), end: last }, stats);
  } catch {
    // The stream has the error, or is no file: a pipe, a device.
    return undefined;
  }
  stream.on("error", ignore);
  stream.destroy();
  return source;
}

function ignore(): void {
  // The file is read by another handle, which reports its own errors.
}
