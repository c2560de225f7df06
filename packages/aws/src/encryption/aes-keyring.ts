import type { KeyObject } from "node:crypto";
import { crypto } from "./node-crypto.ts";
import { GCM_IV_BYTES, KEY_BYTES, TAG_BYTES } from "./algorithms.ts";
import type { DataKey, Description, DataKeyRequest, Keyring, UnwrapRequest } from "./keyring.ts";
import { openKey, refuseContext } from "./open-key.ts";

/** The vector of RFC 3394, 2.2.3.1. */
const wrapVector = Buffer.alloc(8, 0xa6);

/** Options of `aesKeyring`. */
export interface AesKeyringOptions {
  /** Says which key it is, for whoever reads the metadata; it is not secret and not authenticated. */
  readonly description?: Description | undefined;
}

/**
 * Wraps the keys of objects with a secret of the caller's: `AES/GCM`. With `legacy` it also opens
 * `AESWrap`, and the `AES` (ECB) of version 1.
 *
 * @param secret 16, 24 or 32 random bytes. @throws TypeError for another length, and for text
 */
export function aesKeyring(secret: Uint8Array, options: AesKeyringOptions = {}): Keyring {
  // Text would be taken for its bytes: a password is no key.
  if (!((secret as unknown) instanceof Uint8Array)) {
    throw new TypeError("Cannot make an AES keyring: the secret must be bytes, and random ones");
  }
  const bits = secret.length * 8;
  if (![128, 192, 256].includes(bits)) {
    throw new TypeError(
      `Cannot make an AES keyring: the secret has ${secret.length} bytes; give 16, 24 or 32`,
    );
  }
  return new AesKeyring(crypto().createSecretKey(secret), bits, { ...options.description });
}

class AesKeyring implements Keyring {
  readonly #secret: KeyObject;
  readonly #bits: number;
  readonly #description: Description;

  constructor(secret: KeyObject, bits: number, description: Description) {
    this.#secret = secret;
    this.#bits = bits;
    this.#description = description;
  }

  // oxlint-disable-next-line typescript/require-await -- the interface is asynchronous: errors reject
  async generateDataKey({ contentAlgorithm, encryptionContext }: DataKeyRequest): Promise<DataKey> {
    refuseContext(encryptionContext);
    const plaintext = crypto().randomBytes(KEY_BYTES);
    const iv = crypto().randomBytes(GCM_IV_BYTES);
    const cipher = crypto().createCipheriv(this.#gcm, this.#secret, iv, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(Buffer.from(contentAlgorithm));
    const wrapped = Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
    const encrypted = Buffer.concat([wrapped, cipher.getAuthTag()]);
    return { plaintext, encrypted, wrapAlgorithm: "AES/GCM", description: this.#description };
  }

  // oxlint-disable-next-line typescript/require-await -- see above
  async decryptDataKey(request: UnwrapRequest): Promise<Uint8Array> {
    refuseContext(request.encryptionContext);
    return openKey(request, {
      "AES/GCM": () => this.#openGcm(request),
      AESWrap: () => this.#openWrap(request.encrypted),
      "": () => this.#openEcb(request.encrypted),
    });
  }

  get #gcm(): "aes-256-gcm" {
    return `aes-${this.#bits}-gcm` as "aes-256-gcm";
  }

  #openGcm({ encrypted, contentAlgorithm }: UnwrapRequest): Buffer {
    const iv = encrypted.subarray(0, GCM_IV_BYTES);
    const end = Math.max(GCM_IV_BYTES, encrypted.length - TAG_BYTES);
    const cipher = crypto().createDecipheriv(this.#gcm, this.#secret, iv, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(Buffer.from(contentAlgorithm));
    cipher.setAuthTag(encrypted.subarray(end));
    return Buffer.concat([cipher.update(encrypted.subarray(GCM_IV_BYTES, end)), cipher.final()]);
  }

  #openWrap(encrypted: Uint8Array): Buffer {
    const cipher = crypto().createDecipheriv(`id-aes${this.#bits}-wrap`, this.#secret, wrapVector);
    return Buffer.concat([cipher.update(encrypted), cipher.final()]);
  }

  #openEcb(encrypted: Uint8Array): Buffer {
    const cipher = crypto().createDecipheriv(`aes-${this.#bits}-ecb`, this.#secret, null);
    return Buffer.concat([cipher.update(encrypted), cipher.final()]);
  }
}
