import { compareUtf8 } from "../compare-utf8.ts";

/** Keys of a chunk before it is split in two. */
const chunkMax = 512;

/**
 * Texts in the order of their UTF-8 bytes. They lie in chunks, so that adding one moves few; a place is
 * found by halving twice.
 */
export class SortedKeys {
  readonly #chunks: string[][] = [];

  /** Adds a key that is not there. */
  add(key: string): void {
    const chunks = this.#chunks;
    if (chunks.length === 0) {
      chunks.push([key]);
      return;
    }
    // The last chunk takes what is behind all others.
    const at = Math.min(this.#chunkOf(key), chunks.length - 1);
    const chunk = chunks[at] as string[];
    chunk.splice(firstNotBefore(chunk, key), 0, key);
    if (chunk.length > chunkMax) chunks.splice(at + 1, 0, chunk.splice(chunkMax / 2));
  }

  /** Takes a key away that is there. */
  delete(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const place = firstNotBefore(chunk, key);
    if (chunk[place] !== key) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** @yields keys that are not before `start`, in order; the keys must not change meanwhile */
  *from(start: string): Generator<string, void, undefined> {
    let at = this.#chunkOf(start);
    let chunk = this.#chunks[at];
    let place = chunk === undefined ? 0 : firstNotBefore(chunk, start);
    while (chunk !== undefined) {
      for (; place < chunk.length; place++) yield chunk[place] as string;
      place = 0;
      chunk = this.#chunks[++at];
    }
  }

  /** The first chunk whose last key is not before `key`. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle] as string[];
      if (compareUtf8(chunk[chunk.length - 1] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstNotBefore(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(sorted[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
