import type { BodySource } from "./body-source.ts";

/** Bytes in memory. */
export class BytesSource implements BodySource {
  readonly #bytes: Buffer;
  readonly replayable = true;
  readonly taken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes.length > 0) yield this.#bytes;
  }

  slice(start: number, end: number): BodySource {
    return new BytesSource(this.#bytes.subarray(start, end));
  }

  discard(): void {
    // Nothing is held but memory.
  }
}
