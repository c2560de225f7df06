export { encryptedS3, type EncryptedS3 } from "./encrypted-s3.ts";
export type {
  DecryptionOptions,
  EncryptedGetOptions,
  EncryptedPutOptions,
  EncryptedUploadOptions,
  EncryptionOptions,
} from "./encryption-options.ts";
export { DecryptionError, type DecryptionErrorCode } from "./decryption-error.ts";
export { aesKeyring, type AesKeyringOptions } from "./aes-keyring.ts";
export { kmsKeyring, type KmsCalls, type KmsKeyringOptions } from "./kms-keyring.ts";
export { rsaKeyring, type RsaKeyringOptions } from "./rsa-keyring.ts";
export type { DataKey, DataKeyRequest, Description, Keyring, UnwrapRequest } from "./keyring.ts";
export type { ContentAlgorithm } from "./algorithms.ts";
