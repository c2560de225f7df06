import type { PendingFile } from "./download-pending-file.ts";
import type { PartTarget } from "./download-part.ts";

/** Writes under way for one part, while the next bytes are gathered. */
const writesMax = 2;

/** The bytes of one part on their way into a file, at their place. */
export class FilePart implements PartTarget {
  onWritable: (() => void) | undefined;
  readonly #file: PendingFile;
  #position: number;
  /** Bytes still to come. */
  #expected: number;
  #slab: Buffer | undefined;
  #filled = 0;
  #writes = 0;
  #isHeld = false;
  #onComplete: (() => void) | undefined;

  constructor(file: PendingFile, position: number, length: number | undefined) {
    this.#file = file;
    this.#position = position;
    this.#expected = length ?? Infinity;
  }

  write(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      this.#slab ??= this.#file.slab(this.#expected);
      const end = Math.min(piece.length, at + this.#slab.length - this.#filled);
      this.#slab.set(
        at === 0 && end === piece.length ? piece : piece.subarray(at, end),
        this.#filled,
      );
      this.#filled += end - at;
      this.#expected -= end - at;
      at = end;
      if (this.#filled === this.#slab.length) this.#flush(this.#slab);
    }
    this.#isHeld = this.#writes >= writesMax;
    return !this.#isHeld;
  }

  complete(): Promise<void> | undefined {
    if (this.#slab !== undefined) this.#flush(this.#slab);
    if (this.#writes === 0) return undefined;
    // A write that fails ends the download, and with it this wait.
    return new Promise((resolve) => {
      this.#onComplete = resolve;
    });
  }

  #flush(slab: Buffer): void {
    const length = this.#filled;
    this.#slab = undefined;
    this.#filled = 0;
    this.#writes++;
    this.#file.write(slab, length, this.#position, () => this.#written());
    this.#position += length;
  }

  #written(): void {
    this.#writes--;
    if (this.#isHeld && this.#writes < writesMax) {
      this.#isHeld = false;
      this.onWritable?.();
    }
    if (this.#writes === 0) this.#onComplete?.();
  }
}
