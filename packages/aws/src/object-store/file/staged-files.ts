// Bodies that are no objects yet.
import { fs } from "../../builtin/fs.ts";
import type { StagedBody, StagedFile } from "../object-storage.ts";
import { errorCode, ifThere } from "./file-place.ts";
import { readFully } from "./file-stream.ts";
import type { OwnFolder } from "./own-folder.ts";

/** Up to here the page cache takes bytes faster than a thread would be asked to. */
const atOnceMax = 64 * 1024;
const copyBytes = 1024 * 1024;
const { O_RDONLY, O_NOFOLLOW, COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants;

/** The bodies of a store on their way in. */
export class StagedFiles {
  readonly #own: OwnFolder;

  constructor(own: OwnFolder) {
    this.#own = own;
  }

  /** Writes pieces to a file as they come. */
  async stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    const { path, descriptor } = this.#create();
    let size = 0;
    try {
      for await (const piece of pieces) {
        await writeFully(descriptor, piece, size);
        size += piece.length;
      }
      await this.#end(descriptor);
    } catch (error) {
      fs.closeSync(descriptor);
      this.#remove(path);
      throw error;
    }
    fs.closeSync(descriptor);
    return { path, size };
  }

  /** A body as a file; at once when it is small. */
  file(body: StagedBody): StagedFile | Promise<StagedFile> {
    if (!Buffer.isBuffer(body)) return body;
    if (body.length > atOnceMax || this.#own.place.fsync) return this.stage(once(body));
    const { path, descriptor } = this.#create();
    try {
      let done = 0;
      while (done < body.length) done += fs.writeSync(descriptor, body, done);
    } catch (error) {
      fs.closeSync(descriptor);
      this.#remove(path);
      throw error;
    }
    fs.closeSync(descriptor);
    return { path, size: body.length };
  }

  /** One file of several; `undefined`: one of them is not there. */
  async join(parts: readonly StagedFile[]): Promise<StagedFile | undefined> {
    const [first, ...others] = parts;
    if (first === undefined) return this.stage(once(Buffer.alloc(0)));
    const path = this.#own.temporary();
    try {
      // File systems that can share blocks copy nothing.
      await copyFile(first.path, path);
      const descriptor = fs.openSync(path, "r+");
      try {
        let size = first.size;
        for (const part of others) {
          await appendFile(descriptor, part, size);
          size += part.size;
        }
        await this.#end(descriptor);
        return { path, size };
      } finally {
        fs.closeSync(descriptor);
      }
    } catch (error) {
      this.#remove(path);
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  discard(body: StagedBody): void {
    if (!Buffer.isBuffer(body)) this.#remove(body.path);
  }

  async #end(descriptor: number): Promise<void> {
    if (this.#own.place.fsync) await syncFile(descriptor);
  }

  #create(): { path: string; descriptor: number } {
    const path = this.#own.temporary();
    try {
      return { path, descriptor: fs.openSync(path, "wx") };
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      // Somebody has removed the store's own folder.
      this.#own.remake();
      return { path, descriptor: fs.openSync(path, "wx") };
    }
  }

  #remove(path: string): void {
    ifThere(() => fs.unlinkSync(path));
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}

async function appendFile(to: number, part: StagedFile, start: number): Promise<void> {
  const from = fs.openSync(part.path, O_RDONLY | O_NOFOLLOW);
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(copyBytes, part.size));
    for (let position = 0; position < part.size; position += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, part.size - position));
      await readFully(from, piece, position);
      await writeFully(to, piece, start + position);
    }
  } finally {
    fs.closeSync(from);
  }
}

function copyFile(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

async function writeFully(descriptor: number, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += await writeSome(descriptor, bytes, done, position + done);
}

function writeSome(
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, bytes, offset, bytes.length - offset, position, (error, length) => {
      if (error === null) resolve(length);
      else reject(error);
    });
  });
}

function syncFile(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(descriptor, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
