import type { Decipher, DecipherGCM } from "node:crypto";
import { crypto } from "../builtin/crypto.ts";
import { AES_BLOCK_BYTES, GCM, KEY_BYTES, TAG_BYTES } from "./algorithms.ts";
import { DecryptionError } from "./decryption-error.ts";
import type { Envelope } from "./envelope.ts";

const { createDecipheriv } = crypto;

/** Turns ciphertext into plaintext, chunk by chunk. */
export interface ContentDecipher {
  update(chunk: Uint8Array): Buffer;
  /** The rest. @throws DecryptionError when the whole is not what was written. */
  final(): Buffer;
}

/** For a whole object. @throws DecryptionError for a key of the wrong length */
export function contentDecipher(
  { contentAlgorithm, iv, plainLength }: Envelope,
  key: Uint8Array,
): ContentDecipher {
  const isGcm = contentAlgorithm === GCM;
  checkKey(key, isGcm);
  const cipher = isGcm
    ? new GcmDecipher(createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES }))
    : new CbcDecipher(createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv));
  return plainLength === undefined ? cipher : new MeasuredDecipher(cipher, plainLength);
}

/**
 * For a part of an object under GCM, whose blocks are those of CTR from the counter 2 on. Nothing
 * verifies them.
 *
 * @param start place of the first byte in the object.
 */
export function rangeDecipher(
  { iv }: Envelope,
  key: Uint8Array,
  start: number,
): Pick<ContentDecipher, "update"> {
  checkKey(key, true);
  const counter = Buffer.alloc(AES_BLOCK_BYTES);
  counter.set(iv);
  counter.writeUInt32BE(2 + Math.floor(start / AES_BLOCK_BYTES), iv.length);
  const cipher = createDecipheriv("aes-256-ctr", key, counter);
  // A range may begin in the middle of a block.
  cipher.update(Buffer.alloc(start % AES_BLOCK_BYTES));
  return cipher;
}

function checkKey({ length }: Uint8Array, isGcm: boolean): void {
  // The clients of version 1 could be set to shorter keys for CBC.
  if (length === KEY_BYTES || (!isGcm && (length === 16 || length === 24))) return;
  throw new DecryptionError("WrongKey", `its key has ${length} bytes, not ${KEY_BYTES}`);
}

/** The tag is the end of the ciphertext: the last bytes are held back, which may be it. */
class GcmDecipher implements ContentDecipher {
  readonly #cipher: DecipherGCM;
  #tail: Buffer = Buffer.alloc(0);

  constructor(cipher: DecipherGCM) {
    this.#cipher = cipher;
  }

  update(chunk: Uint8Array): Buffer {
    if (chunk.length >= TAG_BYTES) {
      const start = this.#cipher.update(this.#tail);
      const end = chunk.length - TAG_BYTES;
      const plain = this.#cipher.update(chunk.subarray(0, end));
      this.#tail = Buffer.from(chunk.subarray(end));
      return start.length === 0 ? plain : Buffer.concat([start, plain]);
    }
    const held = Buffer.concat([this.#tail, chunk]);
    const end = Math.max(0, held.length - TAG_BYTES);
    this.#tail = held.subarray(end);
    return this.#cipher.update(held.subarray(0, end));
  }

  final(): Buffer {
    if (this.#tail.length < TAG_BYTES) {
      throw tampered("it is too short to have a tag");
    }
    try {
      this.#cipher.setAuthTag(this.#tail);
      return this.#cipher.final();
    } catch (cause) {
      throw tampered("its tag does not fit", cause);
    }
  }
}

class CbcDecipher implements ContentDecipher {
  readonly #cipher: Decipher;

  constructor(cipher: Decipher) {
    this.#cipher = cipher;
  }

  update(chunk: Uint8Array): Buffer {
    return this.#cipher.update(chunk);
  }

  final(): Buffer {
    try {
      return this.#cipher.final();
    } catch (cause) {
      throw tampered("its padding is wrong", cause);
    }
  }
}

/** The envelope says how much it is. */
class MeasuredDecipher implements ContentDecipher {
  readonly #cipher: ContentDecipher;
  readonly #length: number;
  #made = 0;

  constructor(cipher: ContentDecipher, length: number) {
    this.#cipher = cipher;
    this.#length = length;
  }

  update(chunk: Uint8Array): Buffer {
    return this.#count(this.#cipher.update(chunk));
  }

  final(): Buffer {
    const rest = this.#count(this.#cipher.final());
    if (this.#made !== this.#length) {
      throw tampered(`it has ${this.#made} bytes, the envelope says ${this.#length}`);
    }
    return rest;
  }

  #count(plain: Buffer): Buffer {
    this.#made += plain.length;
    return plain;
  }
}

function tampered(reason: string, cause?: unknown): DecryptionError {
  return new DecryptionError(
    "Tampered",
    `${reason}: the object or its envelope has changed`,
    cause,
  );
}
