import type { PartTarget } from "./download-part.ts";

/** Bytes of one piece of memory; pieces of the network are gathered in it. */
const slabBytes: number = 512 * 1024;

/**
 * Bytes of one part that wait for their reader, in order. The reader gets what is there, without a
 * copy; memory that it was given is never written again.
 */
export class PartBuffer implements PartTarget {
  onWritable: (() => void) | undefined;
  /** Called when a reader that found nothing can go on. */
  onReadable: (() => void) | undefined;
  /** All of the part is here. */
  isComplete = false;
  readonly #bytesMax: number;
  /** Bytes still to come, if known: memory is not taken for more. */
  #expected: number;
  readonly #slabs: Buffer[] = [];
  /** Bytes of the last slab that are filled, of the first one that are read. */
  #filled = 0;
  #taken = 0;
  #unread = 0;
  #isHeld = false;

  /**
   * @param bytesMax bytes that may wait before the connection is paused.
   * @param expected bytes of the part, if known.
   * @param memory where they are to be, all of them; default: memory of its own.
   */
  constructor(bytesMax: number, expected: number | undefined, memory?: Buffer) {
    this.#bytesMax = bytesMax;
    this.#expected = expected ?? Infinity;
    if (memory !== undefined) this.#slabs.push(memory);
  }

  /** Bytes that wait. */
  get unread(): number {
    return this.#unread;
  }

  write(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      let slab = this.#slabs.at(-1);
      if (slab === undefined || this.#filled === slab.length) {
        const size = Math.max(1, Math.min(slabBytes, this.#expected));
        slab = Buffer.allocUnsafe(size);
        this.#slabs.push(slab);
        this.#filled = 0;
      }
      const end = Math.min(piece.length, at + slab.length - this.#filled);
      slab.set(at === 0 && end === piece.length ? piece : piece.subarray(at, end), this.#filled);
      this.#filled += end - at;
      this.#expected -= end - at;
      this.#unread += end - at;
      at = end;
    }
    this.onReadable?.();
    this.#isHeld = this.#unread >= this.#bytesMax;
    return !this.#isHeld;
  }

  /** Everything is here. */
  complete(): undefined {
    this.isComplete = true;
    this.onReadable?.();
  }

  /** The next bytes, as many as there are in one piece; `undefined`: none are here. */
  take(): Buffer | undefined {
    const slab = this.#slabs[0];
    if (slab === undefined) return undefined;
    const end = this.#slabs.length === 1 ? this.#filled : slab.length;
    if (end === this.#taken) return undefined;
    const piece = slab.subarray(this.#taken, end);
    this.#taken = end;
    if (end === slab.length) {
      this.#slabs.shift();
      this.#taken = 0;
    }
    this.#unread -= piece.length;
    if (this.#isHeld && this.#unread <= this.#bytesMax / 2) {
      this.#isHeld = false;
      this.onWritable?.();
    }
    return piece;
  }
}
