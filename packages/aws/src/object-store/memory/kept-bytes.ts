const blockBytes = 8 * 1024;
/** Up to here a body is cut out of a block; memory of its own costs more than the copy. */
const smallMax = blockBytes / 4;

/**
 * Memory for bodies that are kept. Node, too, cuts small buffers out of blocks, but shares them out to all
 * the process: a body of a few bytes would keep what others have long done with.
 */
export class KeptBytes {
  #block = Buffer.allocUnsafeSlow(blockBytes);
  #used = 0;

  /** A copy in memory of the store's. */
  copy(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    let copy: Buffer;
    if (length > smallMax) {
      copy = Buffer.allocUnsafeSlow(length);
    } else {
      if (length > blockBytes - this.#used) {
        this.#block = Buffer.allocUnsafeSlow(blockBytes);
        this.#used = 0;
      }
      copy = this.#block.subarray(this.#used, this.#used + length);
      this.#used += length;
    }
    copy.set(bytes);
    return copy;
  }

  /** The same bytes where they are in such memory already, or in some of their own; else a copy. */
  keep(body: Buffer): Buffer {
    const { buffer } = body;
    const isKept = buffer === this.#block.buffer || buffer.byteLength === body.length;
    return isKept ? body : this.copy(body);
  }
}
