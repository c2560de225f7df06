import type { CallOptions } from "../client/options.ts";
import type { TransferOptions } from "../transfer/transfer-types.ts";
import type { Description, Keyring } from "./keyring.ts";
import { BUFFER_BYTES } from "./limits.ts";

/** How encrypted objects are read; for one call, or for all. */
export interface DecryptionOptions {
  /**
   * Bytes of plaintext that `getObject` holds back until all are verified; larger objects need
   * `delayedAuthentication`. Default 64 MiB.
   */
  readonly maxBufferBytes?: number | undefined;
  /**
   * Be given plaintext before it is verified, so that objects of any size pass through little memory.
   * The reading of a body that was changed fails at its end: undo then what was done with it. Default
   * `false`.
   */
  readonly delayedAuthentication?: boolean | undefined;
  /** Allow `Range`: a part of an object cannot be verified. Default `false`. */
  readonly unauthenticatedRanges?: boolean | undefined;
  /**
   * Read what clients of version 1 wrote: CBC, whose bytes can be changed unnoticed, and keys wrapped
   * without their content algorithm. Default `false`.
   */
  readonly legacy?: boolean | undefined;
  /**
   * Look for the envelope in the object `KEY.instruction` where the object's metadata has none. Whoever
   * may write there can have other plaintext read. Default `false`.
   */
  readonly instructionFiles?: boolean | undefined;
}

/** Options of `encryptedS3`. */
export interface EncryptionOptions extends DecryptionOptions {
  /** Makes the keys of objects that are written, and opens those of objects that are read. */
  readonly keyring: Keyring;
}

/** For keys in KMS. */
interface ContextOptions {
  /**
   * Names and values that are bound to the object's key. They are not secret: they are in the object's
   * metadata and in the log of KMS. Whoever reads must give the same. Default: none.
   */
  readonly encryptionContext?: Description | undefined;
}

/** Options of a call that writes. */
export interface EncryptedPutOptions extends CallOptions, ContextOptions {}

/** Options of an upload in parts. */
export interface EncryptedUploadOptions extends TransferOptions, ContextOptions {}

/** Options of a call that reads. */
export interface EncryptedGetOptions extends CallOptions, ContextOptions, DecryptionOptions {}

/** The options in force for a call. */
export interface ReadRules {
  readonly maxBufferBytes: number;
  readonly delayedAuthentication: boolean;
  readonly unauthenticatedRanges: boolean;
  readonly legacy: boolean;
  readonly instructionFiles: boolean;
}

/** @throws RangeError for a limit that is none */
export function readRules(all: DecryptionOptions, call: DecryptionOptions = {}): ReadRules {
  const maxBufferBytes = call.maxBufferBytes ?? all.maxBufferBytes ?? BUFFER_BYTES;
  if (!Number.isSafeInteger(maxBufferBytes) || maxBufferBytes < 0) {
    throw new RangeError(
      `Cannot hold back ${maxBufferBytes} bytes: maxBufferBytes must be a whole number of bytes`,
    );
  }
  return {
    maxBufferBytes,
    delayedAuthentication: call.delayedAuthentication ?? all.delayedAuthentication ?? false,
    unauthenticatedRanges: call.unauthenticatedRanges ?? all.unauthenticatedRanges ?? false,
    legacy: call.legacy ?? all.legacy ?? false,
    instructionFiles: call.instructionFiles ?? all.instructionFiles ?? false,
  };
}

/** What the client itself is given. */
export function callOptions(options: EncryptedGetOptions): CallOptions {
  const {
    encryptionContext: _,
    maxBufferBytes: _2,
    delayedAuthentication: _3,
    unauthenticatedRanges: _4,
    legacy: _5,
    instructionFiles: _6,
    ...call
  } = options;
  return call;
}
