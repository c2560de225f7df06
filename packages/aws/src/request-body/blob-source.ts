import type { BodySource } from "./body-source.ts";

/** Bytes taken from a `Blob` at a time. */
const BLOB_PIECE_BYTES = 256 * 1024;

/** A `Blob`, which may be a file of `openAsBlob`. */
export class BlobSource implements BodySource {
  readonly #blob: Blob;
  readonly replayable = true;
  readonly taken = false;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get length(): number {
    return this.#blob.size;
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    const { size } = this.#blob;
    for (let at = 0; at < size; at += BLOB_PIECE_BYTES) {
      const piece = this.#blob.slice(at, Math.min(size, at + BLOB_PIECE_BYTES));
      yield new Uint8Array(await piece.arrayBuffer());
    }
  }

  slice(start: number, end: number): BodySource {
    return new BlobSource(this.#blob.slice(start, end));
  }

  discard(): void {
    // A blob holds nothing open.
  }
}
