import { limits } from "@lambdad/core";

/** The end of what one call has logged: the last 4096 bytes, as AWS gives them. */
export class LogTail {
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes a line without its end. */
  readonly add = (line: string): void => {
    const joined = Buffer.concat([this.#bytes, Buffer.from(`${line}\n`)]);
    // A copy: a part of a long line must not keep all of it in memory.
    this.#bytes = Buffer.from(joined.subarray(-limits.logTailBytes));
  };

  get bytes(): Uint8Array {
    return this.#bytes;
  }
}
