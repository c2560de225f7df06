import type {
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
  S3Client,
} from "../../types/s3.d.ts";
import type { CallOptions } from "../client/options.ts";
import type { Uploaded } from "../transfer/upload-types.ts";
import {
  type EncryptedGetOptions,
  type EncryptedPutOptions,
  type EncryptedUploadOptions,
  type EncryptionOptions,
  readRules,
} from "./encryption-options.ts";
import { heedErrors } from "./heed-errors.ts";

/** S3 with objects that are encrypted before they leave, and decrypted when they have come. */
export interface EncryptedS3 {
  /** The client that it calls. */
  readonly client: S3Client;
  /**
   * `GetObject`: `Body`, `ContentLength` and `ContentRange` are those of the plaintext, `Metadata` is
   * without the envelope, `ETag` that of the ciphertext.
   * @throws DecryptionError when there is no plaintext to be had; errors of S3 and of KMS as they are
   */
  getObject(
    input: GetObjectCommandInput,
    options?: EncryptedGetOptions,
  ): Promise<GetObjectCommandOutput>;
  /**
   * `PutObject` with a new key. `ContentLength`, if given, is that of the plaintext.
   * @throws TypeError for members that would be those of the ciphertext: `ContentMD5`, `ChecksumSHA256`
   */
  putObject(
    input: PutObjectCommandInput,
    options?: EncryptedPutOptions,
  ): Promise<PutObjectCommandOutput>;
  /**
   * `upload`: in parts, of a body of any length, known or not, that passes through little memory.
   * `onProgress` reports bytes of the ciphertext. What was known of the length is in the envelope.
   */
  upload(input: PutObjectCommandInput, options?: EncryptedUploadOptions): Promise<Uploaded>;
  /**
   * `HeadObject`: `ContentLength` is that of the plaintext, as the size of the ciphertext and the
   * envelope say; nothing is verified. Absent for objects under CBC that do not say it.
   * @throws TypeError for `PartNumber` and `Range`
   */
  headObject(
    input: HeadObjectCommandInput,
    options?: CallOptions,
  ): Promise<HeadObjectCommandOutput>;
}

/**
 * Client-side encryption over a client of S3, in AWS's format: each object has a key of its own, which
 * the keyring wraps, and the wrapped key is in the object's metadata. Objects that AWS's clients for
 * Java and others wrote are read, and they read what is written here.
 *
 * Loads nothing and calls nothing. Other operations, `copyObject` and `deleteObject` for example, are
 * those of the client itself: copies keep their metadata, and so their key.
 */
export function encryptedS3(client: S3Client, options: EncryptionOptions): EncryptedS3 {
  const { keyring } = options;
  if (typeof keyring?.generateDataKey !== "function") {
    throw new TypeError(
      "Cannot encrypt without a keyring: give kmsKeyring, aesKeyring or rsaKeyring as keyring",
    );
  }
  readRules(options);
  return {
    client,
    // Inputs are copied: the caller may use an object again before the code is loaded and the key is there.
    getObject: async (given, call = {}) => {
      const input = { ...given };
      const rules = readRules(options, call);
      const { getEncrypted } = await import("./encrypted-calls.ts");
      return getEncrypted({ s3: client, keyring, rules, input, options: call });
    },
    putObject: async (given, call = {}) => {
      const input = { ...given };
      heedErrors(input.Body);
      const { putEncrypted } = await import("./encrypted-calls.ts");
      return putEncrypted(client, { keyring, input, options: call, inParts: false }, call);
    },
    upload: async (given, call = {}) => {
      const input = { ...given };
      heedErrors(input.Body);
      const { uploadEncrypted } = await import("./encrypted-calls.ts");
      return uploadEncrypted(client, { keyring, input, options: call, inParts: true }, call);
    },
    headObject: async (given, call) => {
      const input = { ...given };
      const { headEncrypted } = await import("./encrypted-calls.ts");
      return headEncrypted(client, input, call);
    },
  };
}
