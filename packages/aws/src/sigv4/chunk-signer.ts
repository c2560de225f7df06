import { crypto } from "../builtin/crypto.ts";
import { EMPTY_PAYLOAD_HASH } from "./payload-signing.ts";
import { signText, type SigningKey } from "./signing-key.ts";

const { hash } = crypto;

/** The first link of a chain of signatures. */
export interface ChunkSignerOptions {
  readonly key: SigningKey;
  /** Time of the request's signature (`signingTime`). */
  readonly time: string;
  /** Signature of the request. */
  readonly seedSignature: string;
}

/** Signs the chunks of one body; each signature covers the one before. */
export class ChunkSigner {
  readonly #key: SigningKey;
  readonly #time: string;
  #previous: string;

  /** @throws TypeError for a key of Signature Version 4a, whose chunks are not signed here. */
  constructor({ key, time, seedSignature }: ChunkSignerOptions) {
    if (key.key.type !== "secret") {
      throw new TypeError("Cannot sign chunks with Signature Version 4a: use HTTPS");
    }
    this.#key = key;
    this.#time = time;
    this.#previous = seedSignature;
  }

  /** @param digest - hexadecimal SHA-256 of the chunk's data */
  signChunk(digest: string): string {
    return this.#sign("AWS4-HMAC-SHA256-PAYLOAD", `${EMPTY_PAYLOAD_HASH}\n${digest}`);
  }

  /** @param lines - `name:value\n` for each trailer */
  signTrailer(lines: string): string {
    return this.#sign("AWS4-HMAC-SHA256-TRAILER", hash("sha256", lines));
  }

  #sign(algorithm: string, covered: string): string {
    const { key, scope } = this.#key;
    const text = `${algorithm}\n${this.#time}\n${scope}\n${this.#previous}\n${covered}`;
    this.#previous = signText(key, text);
    return this.#previous;
  }
}
