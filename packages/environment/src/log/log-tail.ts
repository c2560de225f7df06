import { limits } from "@lambdad/core";

/** Keeps the last bytes of an invocation's log: `X-Amz-Log-Result` before base64. */
export class LogTail {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #byteLength = 0;

  constructor(bytesMax: number = limits.logTailBytes) {
    this.#bytesMax = bytesMax;
  }

  push(line: Buffer): void {
    this.#chunks.push(line);
    this.#byteLength += line.length;
    // Lines that can no longer be part of the tail go at once: a flood must not be kept.
    while (this.#chunks.length > 1) {
      const first = this.#chunks[0];
      if (first === undefined || this.#byteLength - first.length < this.#bytesMax) break;
      this.#chunks.shift();
      this.#byteLength -= first.length;
    }
  }

  /** At most the last `bytesMax` bytes, cut at a byte and not at a line, as on AWS. */
  bytes(): Buffer {
    const all = Buffer.concat(this.#chunks, this.#byteLength);
    return all.subarray(Math.max(0, all.length - this.#bytesMax));
  }
}
