import { crypto } from "../builtin/crypto.ts";

const chunkBytes = 1024 * 1024;

/** Glacier's SHA-256 tree hash: hashes of each MiB, and of pairs of hashes up to one. */
export class TreeHash {
  #leaf: ReturnType<typeof crypto.createHash> | undefined;
  #leafBytes = 0;
  readonly #leaves: Buffer[] = [];

  update(data: Uint8Array): void {
    let at = 0;
    while (at < data.length) {
      this.#leaf ??= crypto.createHash("sha256");
      const end = Math.min(data.length, at + chunkBytes - this.#leafBytes);
      this.#leaf.update(data.subarray(at, end));
      this.#leafBytes += end - at;
      at = end;
      if (this.#leafBytes === chunkBytes) this.#endLeaf();
    }
  }

  /** The hash in hex; of nothing, that of no bytes. */
  digest(): string {
    if (this.#leaf !== undefined) this.#endLeaf();
    let level = this.#leaves.length === 0 ? [sha256(Buffer.alloc(0))] : this.#leaves;
    while (level.length > 1) {
      const above: Buffer[] = [];
      for (let index = 0; index < level.length; index += 2) {
        const left = level[index] as Buffer;
        const right = level[index + 1];
        above.push(right === undefined ? left : sha256(Buffer.concat([left, right])));
      }
      level = above;
    }
    return (level[0] as Buffer).toString("hex");
  }

  #endLeaf(): void {
    this.#leaves.push((this.#leaf as ReturnType<typeof crypto.createHash>).digest());
    this.#leaf = undefined;
    this.#leafBytes = 0;
  }
}

function sha256(data: Buffer): Buffer {
  return crypto.createHash("sha256").update(data).digest();
}
