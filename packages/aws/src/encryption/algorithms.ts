/** Content algorithms by their names in `x-amz-cek-alg`, which are Java's. */
export const GCM = "AES/GCM/NoPadding";
export const CBC = "AES/CBC/PKCS5Padding";

/** How the bytes of an object are encrypted. */
export type ContentAlgorithm = typeof GCM | typeof CBC;

/** Bytes of an object's key; `x-amz-cek-alg` does not say it, all clients use AES-256. */
export const KEY_BYTES = 32;
/** Bytes of an initialization vector under GCM. */
export const GCM_IV_BYTES = 12;
export const CBC_IV_BYTES = 16;
/** Bytes of GCM's tag, which is behind the last byte of the ciphertext; `x-amz-tag-len` has it in bits. */
export const TAG_BYTES = 16;
export const AES_BLOCK_BYTES = 16;

/** Bytes that GCM may encrypt with one key and vector: 2^39 - 256 bits. Source: NIST SP 800-38D, 5.2.1.1. */
export const GCM_PLAIN_BYTES_MAX: number = 2 ** 36 - 32;

/**
 * Ways to wrap an object's key, by their names in `x-amz-wrap-alg`, and whether they need `legacy`:
 * nothing binds the content algorithm to the key in these.
 */
export const wrapAlgorithms: Readonly<Record<string, { readonly legacy: boolean }>> = {
  "kms+context": { legacy: false },
  "AES/GCM": { legacy: false },
  "RSA-OAEP-SHA1": { legacy: false },
  kms: { legacy: true },
  AESWrap: { legacy: true },
  "RSA/ECB/OAEPWithSHA-256AndMGF1Padding": { legacy: true },
};
