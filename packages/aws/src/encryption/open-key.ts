import { DecryptionError, shown } from "./decryption-error.ts";
import type { UnwrapRequest } from "./keyring.ts";

/** Ways to open a key, by `x-amz-wrap-alg`; "" is that of version 1. */
export type Openers = Readonly<Record<string, () => Buffer>>;

/** Opens a wrapped key in the way that its envelope names. @throws DecryptionError */
export function openKey({ wrapAlgorithm = "" }: UnwrapRequest, openers: Openers): Buffer {
  const open = Object.hasOwn(openers, wrapAlgorithm) ? openers[wrapAlgorithm] : undefined;
  if (open === undefined) throw unsupportedWrap(wrapAlgorithm);
  try {
    return open();
  } catch (cause) {
    throw wrongKey(cause);
  }
}

/** The keyring has no such way to open a key. */
export function unsupportedWrap(wrapAlgorithm: string | undefined): DecryptionError {
  return new DecryptionError(
    "Unsupported",
    `its key is wrapped by ${shown(wrapAlgorithm ?? "")}, which this keyring does not open`,
  );
}

/** The key could not be opened. What OpenSSL says of it is the cause. */
export function wrongKey(cause?: unknown): DecryptionError {
  return new DecryptionError(
    "WrongKey",
    "the keyring cannot open its key: it was wrapped with another, or changed",
    cause,
  );
}

/** A context that nothing verifies is no context. @throws TypeError */
export function refuseContext(context: Readonly<Record<string, string>>): void {
  if (Object.keys(context).length === 0) return;
  throw new TypeError(
    "Cannot use an encryption context: only KMS binds one to an object; leave encryptionContext out",
  );
}
