/** Memory of parts, used again from part to part: to get new memory costs as much as to fill it. */
export class PartBuffers {
  #free: Buffer[] = [];
  #size = 0;

  /** A buffer of that size; its content is anything. */
  take(size: number): Buffer {
    if (size !== this.#size) {
      this.#size = size;
      this.#free = [];
    }
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** Gives one back that nothing reads any more. */
  give(buffer: Buffer): void {
    if (buffer.length === this.#size) this.#free.push(buffer);
  }
}
