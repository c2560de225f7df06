import type { ContentAlgorithm } from "./algorithms.ts";

/** Names and values, as `x-amz-matdesc` has them. */
export type Description = Readonly<Record<string, string>>;

/** What a keyring is asked for when an object is written. */
export interface DataKeyRequest {
  /** Name in `x-amz-cek-alg`; the wrapping binds it to the key. */
  readonly contentAlgorithm: ContentAlgorithm;
  /** The caller's encryption context; empty if there is none. */
  readonly encryptionContext: Description;
  readonly signal?: AbortSignal | undefined;
}

/** The key of one object. */
export interface DataKey {
  /** 32 bytes. They are copied. */
  readonly plaintext: Uint8Array;
  /** The same, wrapped; `x-amz-key-v2`. */
  readonly encrypted: Uint8Array;
  /** `x-amz-wrap-alg`. */
  readonly wrapAlgorithm: string;
  /** `x-amz-matdesc`. */
  readonly description: Description;
}

/** What a keyring is asked for when an object is read. */
export interface UnwrapRequest {
  readonly encrypted: Uint8Array;
  /** `x-amz-wrap-alg`; `undefined` in the envelopes of version 1, whose key says what it is. */
  readonly wrapAlgorithm: string | undefined;
  readonly contentAlgorithm: ContentAlgorithm;
  /** `x-amz-matdesc`. */
  readonly description: Description;
  /** The caller's encryption context, which must be the object's; empty if there is none. */
  readonly encryptionContext: Description;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the key of each object and wraps it, and opens wrapped keys. Those of `kmsKeyring`,
 * `aesKeyring` and `rsaKeyring` are what AWS's clients have; others may be written.
 */
export interface Keyring {
  /** A new key, never the same twice. */
  generateDataKey(request: DataKeyRequest): Promise<DataKey>;
  /**
   * The object's key.
   * @throws DecryptionError `WrongKey` when it cannot be opened, `Unsupported` for a way to wrap that
   *   the keyring does not have.
   */
  decryptDataKey(request: UnwrapRequest): Promise<Uint8Array>;
}
