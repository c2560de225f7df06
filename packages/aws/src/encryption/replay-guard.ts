import { crypto } from "../builtin/crypto.ts";

const { createHash } = crypto;

const DIGEST_BYTES = 32;

/**
 * Sees to it that a body that is read again is the same body. A request that is repeated, or read once
 * for its signature and once to be sent, has the same key and vector each time: GCM is broken for an
 * object as soon as they encrypt two plaintexts (NIST SP 800-38D, 8). So nothing is encrypted at a
 * place where something else was before, a file that has changed meanwhile for example.
 */
export class ReplayGuard {
  readonly #digests: Buffer;
  #seen = 0;

  /** @param blocksMax blocks of the body at the most. */
  constructor(blocksMax: number) {
    this.#digests = Buffer.alloc(blocksMax * DIGEST_BYTES);
  }

  /** Before block number `index` is encrypted. @throws TypeError when it is not what it was before */
  check(index: number, block: Uint8Array): void {
    const digest = createHash("sha256").update(block).digest();
    const at = index * DIGEST_BYTES;
    if (index < this.#seen) {
      if (digest.equals(this.#digests.subarray(at, at + DIGEST_BYTES))) return;
      throw new TypeError(
        "Cannot send the body again: it has changed since it was first read; put the object anew",
      );
    }
    digest.copy(this.#digests, at);
    this.#seen = index + 1;
  }
}
