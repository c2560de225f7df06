import { AwsClientError } from "../client/errors.ts";

/** Characters of what a store says, in a message. */
const SHOWN_MAX = 100;

/** Why an object was not decrypted. */
export type DecryptionErrorCode =
  /** It has no envelope: nobody encrypted it on a client. */
  | "NotEncrypted"
  /** The envelope is not whole, or contradicts itself. */
  | "InvalidEnvelope"
  /** The envelope names an algorithm or a form that is not known here, or not to this keyring. */
  | "Unsupported"
  /** An old client wrote it, in a way that is read only with `legacy`. */
  | "Legacy"
  /** The object's encryption context is not the one that was asked for. */
  | "ContextMismatch"
  /** The keyring cannot open the object's key. */
  | "WrongKey"
  /** The bytes, or the envelope, are not those that were written. */
  | "Tampered"
  /** More than `maxBufferBytes` would have to be held back until they are verified. */
  | "TooLarge";

/**
 * What a store says, for a message: short, and without characters that would change what a terminal or a
 * log shows.
 */
export function shown(text: string): string {
  const short = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return `"${short.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?")}"`;
}

/**
 * An object cannot be decrypted. No byte of it has been given out, unless `delayedAuthentication` or
 * `unauthenticatedRanges` allowed it, or `legacy` for a large object under CBC.
 */
export class DecryptionError extends AwsClientError {
  override readonly name = "DecryptionError";
  readonly code: DecryptionErrorCode;

  constructor(code: DecryptionErrorCode, reason: string, cause?: unknown) {
    super(`Cannot decrypt the object: ${reason}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
