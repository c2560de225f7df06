import { chunkLineBytesMax } from "./limits.ts";

const digit = 0;
const extension = 1;
const lineFeed = 2;

/** Reads the size lines of a chunked body, in any pieces (RFC 9112 §7.1). */
export class ChunkLine {
  #state = digit;
  #digits = 0;
  #bytes = 0;
  /** Bytes of the chunk, once `read` has found the end of its line; -1 before. */
  size = -1;
  #value = 0;

  /** Begins a line. */
  reset(): void {
    this.#state = digit;
    this.#digits = 0;
    this.#bytes = 0;
    this.#value = 0;
    this.size = -1;
  }

  /**
   * Reads on from `start`.
   * @returns where it stopped: after the line, or at the end; -1 when it is not a size line.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (++this.#bytes > chunkLineBytesMax) return -1;
      if (this.#state === lineFeed) {
        if (byte !== 0x0a) return -1;
        this.size = this.#value;
        return at + 1;
      }
      if (byte === 0x0d) {
        if (this.#digits === 0) return -1;
        this.#state = lineFeed;
      } else if (this.#state === digit) {
        if (!this.#digit(byte)) return -1;
      } else if (byte === 0x0a || byte === 0) {
        return -1;
      }
    }
    return end;
  }

  #digit(byte: number): boolean {
    const value = hexValue(byte);
    if (value >= 0) {
      this.#value = this.#value * 16 + value;
      // 13 digits are the most that a number holds exactly.
      return ++this.#digits <= 13;
    }
    // ";" begins an extension; blanks before it are bad form, but allowed.
    if (this.#digits === 0 || (byte !== 0x3b && byte !== 0x20 && byte !== 0x09)) return false;
    this.#state = extension;
    return true;
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
