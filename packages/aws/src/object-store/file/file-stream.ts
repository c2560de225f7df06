import { fs } from "../../builtin/fs.ts";
import type { StoredStream } from "../object-storage.ts";
import { StoreFailure } from "../store-errors.ts";

const pieceBytes = 256 * 1024;

/** Closes what nobody can read any more. */
const forgotten = new FinalizationRegistry<number>((descriptor) => {
  fs.close(descriptor, () => undefined);
});

/** Bytes of an open file. They stay those of the object that was opened when it is replaced. */
export class FileStream implements StoredStream {
  readonly length: number;
  readonly #descriptor: number;
  readonly #start: number;
  #state: "new" | "reading" | "closed" = "new";

  /** @param descriptor is the stream's from now on */
  constructor(descriptor: number, start: number, length: number) {
    this.length = length;
    this.#descriptor = descriptor;
    this.#start = start;
    forgotten.register(this, descriptor, this);
  }

  async *read(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#state !== "new") throw new Error("Cannot read a stored body again: read the object");
    this.#state = "reading";
    try {
      let position = this.#start;
      const end = this.#start + this.length;
      while (position < end) {
        const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, end - position));
        await readFully(this.#descriptor, piece, position);
        position += piece.length;
        yield piece;
      }
    } finally {
      this.#close();
    }
  }

  release(): void {
    if (this.#state === "new") this.#close();
  }

  #close(): void {
    this.#state = "closed";
    forgotten.unregister(this);
    fs.close(this.#descriptor, () => undefined);
  }
}

/** Fills a buffer from a place in a file. @throws StoreFailure when the file has been cut short */
export async function readFully(
  descriptor: number,
  buffer: Buffer,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < buffer.length) {
    const length = await readSome(descriptor, buffer, done, position + done);
    if (length === 0) throw cutShort();
    done += length;
  }
}

/** The same at once. */
export function readFullySync(descriptor: number, buffer: Buffer, position: number): void {
  let done = 0;
  while (done < buffer.length) {
    const left = buffer.length - done;
    const length = fs.readSync(descriptor, buffer, done, left, position + done);
    if (length === 0) throw cutShort();
    done += length;
  }
}

function readSome(
  descriptor: number,
  buffer: Buffer,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, buffer, offset, buffer.length - offset, position, (error, length) => {
      if (error === null) resolve(length);
      else reject(error);
    });
  });
}

function cutShort(): StoreFailure {
  return new StoreFailure("InternalError", {
    message:
      "The object's file became shorter while it was read: another program writes into it; replace files by renaming instead",
  });
}
