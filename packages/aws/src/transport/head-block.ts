import { headBytesMax } from "./limits.ts";

/** Lines up to an empty one, from any pieces: the head of a response, or its trailer section. */
export class HeadBlock {
  #held: Buffer | undefined;
  #length = 0;
  /** Bytes of the finished block and of those before it that count to the same limit. */
  #counted = 0;
  /** The lines without the empty one, once `read` has found it; `undefined` before. */
  text: string | undefined;

  /** Begins a block; `isFirst`: with the whole limit ahead. */
  reset(isFirst: boolean): void {
    this.#length = 0;
    this.text = undefined;
    if (isFirst) this.#counted = 0;
  }

  /** Puts the line end before a trailer section into the block, so that an empty section ends it, too. */
  beginTrailers(): void {
    this.reset(true);
    this.#hold(lineEnd, 0, 2);
  }

  /**
   * Reads on from `start`.
   * @returns where it stopped: after the block, or at the end; -1 when the block is too long.
   */
  read(bytes: Buffer, start: number, end: number): number {
    if (this.#length === 0) {
      // Nearly always the whole head is there, and it is short.
      const text = bytes.toString("latin1", start, Math.min(end, start + 2048));
      const at = text.indexOf("\r\n\r\n");
      if (at >= 0) return this.#finish(text.slice(0, at), at + 4, start + at + 4);
    }
    const before = this.#length;
    this.#hold(bytes, start, Math.min(end, start + headBytesMax + 4 - before));
    const held = this.#held as Buffer;
    const at = held
      .subarray(0, this.#length)
      .indexOf("\r\n\r\n", Math.max(before - 3, 0), "latin1");
    if (at >= 0) {
      return this.#finish(held.toString("latin1", 0, at), at + 4, start + at + 4 - before);
    }
    return this.#length + this.#counted > headBytesMax ? -1 : end;
  }

  #finish(text: string, length: number, stop: number): number {
    this.#counted += length;
    this.#held = undefined;
    if (this.#counted > headBytesMax) return -1;
    this.text = text;
    return stop;
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (this.#held === undefined || length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, 2 * length));
      if (this.#held !== undefined && this.#length > 0) this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    this.#held.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
  }
}

const lineEnd = Buffer.from("\r\n");
