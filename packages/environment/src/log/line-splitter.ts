import { limits } from "@lambdad/core";

/** Marks a line that was cut at the limit. */
export const cutMark: Buffer = Buffer.from(" [line cut]\n");

/** Pieces of one line that are kept apart: a line of dots, written one by one, has a piece for each. */
const piecesMax = 512;

/**
 * Cuts a function's output into lines. Holds at most one line of `bytesMax`: of a longer line the
 * beginning is passed on with a mark, and the rest is dropped and counted (RT-21, INV-8).
 */
export class LineSplitter {
  readonly #bytesMax: number;
  readonly #onLine: (line: Buffer) => void;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  /** The current line has been cut already: what follows up to its end is dropped. */
  #cut = false;
  #droppedBytes = 0;

  constructor(onLine: (line: Buffer) => void, bytesMax: number = limits.logLineBytesMax) {
    this.#onLine = onLine;
    this.#bytesMax = bytesMax;
  }

  /** Bytes dropped because their line was too long. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Takes output as it comes and calls back for each complete line, newline included. */
  push(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(10, start);
      if (newline === -1) {
        this.#append(chunk.subarray(start));
        return;
      }
      this.#append(chunk.subarray(start, newline + 1));
      this.#emit();
      start = newline + 1;
    }
  }

  /** The line ends here: passes it on with a newline added, when there is one that has none. */
  end(): void {
    this.#cut = false;
    if (this.#partialBytes === 0) return;
    this.#append(Buffer.from("\n"));
    this.#emit();
  }

  #append(piece: Buffer): void {
    if (this.#cut) {
      this.#droppedBytes += piece.length;
      return;
    }
    const room = this.#bytesMax - this.#partialBytes;
    if (piece.length <= room) {
      this.#partial.push(piece);
      this.#partialBytes += piece.length;
      if (this.#partial.length > piecesMax) this.#partial = [Buffer.concat(this.#partial)];
      return;
    }
    this.#partial.push(piece.subarray(0, room), cutMark);
    this.#partialBytes += room + cutMark.length;
    this.#droppedBytes += piece.length - room;
    this.#cut = true;
    this.#onLine(Buffer.concat(this.#partial));
    this.#partial = [];
    this.#partialBytes = 0;
  }

  #emit(): void {
    const wasCut = this.#cut;
    this.#cut = false;
    if (wasCut || this.#partialBytes === 0) return;
    const [only] = this.#partial;
    const line =
      this.#partial.length === 1 && only !== undefined ? only : Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialBytes = 0;
    this.#onLine(line);
  }
}
