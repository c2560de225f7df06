import type { CallOptions } from "../client/options.ts";
import { DecryptionError } from "./decryption-error.ts";
import type { DataKey, DataKeyRequest, Keyring, UnwrapRequest } from "./keyring.ts";
import { unsupportedWrap } from "./open-key.ts";

/** Name in the encryption context that binds the content algorithm to the key. */
const algorithmName = "aws:x-amz-cek-alg";
/** Name in the encryption context of the way `kms`. */
const keyIdName = "kms_cmk_id";
const ownNames: readonly string[] = [algorithmName, keyIdName];

/** What is used of a client of KMS: that of `session.client("kms")`. */
export interface KmsCalls {
  call(
    operation: "GenerateDataKey" | "Decrypt",
    input: object,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** Options of `kmsKeyring`. */
export interface KmsKeyringOptions {
  /** Tell KMS which key must open objects. `false`: any that the caller may use. Default `true`. */
  readonly onlyThisKey?: boolean | undefined;
}

/**
 * Has the keys of objects made and opened by KMS: `kms+context`. With `legacy` it also opens `kms`.
 *
 * @param keyId id or ARN of the key, or of an alias.
 */
export function kmsKeyring(kms: KmsCalls, keyId: string, options: KmsKeyringOptions = {}): Keyring {
  if (typeof keyId !== "string" || keyId === "") {
    throw new TypeError("Cannot make a KMS keyring: give the id or the ARN of a key");
  }
  return new KmsKeyring(kms, keyId, options.onlyThisKey ?? true);
}

class KmsKeyring implements Keyring {
  readonly #kms: KmsCalls;
  readonly #keyId: string;
  readonly #onlyThisKey: boolean;

  constructor(kms: KmsCalls, keyId: string, onlyThisKey: boolean) {
    this.#kms = kms;
    this.#keyId = keyId;
    this.#onlyThisKey = onlyThisKey;
  }

  async generateDataKey(request: DataKeyRequest): Promise<DataKey> {
    const { contentAlgorithm, encryptionContext, signal } = request;
    for (const name of ownNames) {
      if (!Object.hasOwn(encryptionContext, name)) continue;
      throw new TypeError(`Cannot use the encryption context: "${name}" is the client's own`);
    }
    const description = { ...encryptionContext, [algorithmName]: contentAlgorithm };
    const input = { KeyId: this.#keyId, KeySpec: "AES_256", EncryptionContext: description };
    const output = await this.#kms.call("GenerateDataKey", input, { signal });
    return {
      plaintext: bytes(output["Plaintext"], "GenerateDataKey"),
      encrypted: bytes(output["CiphertextBlob"], "GenerateDataKey"),
      wrapAlgorithm: "kms+context",
      description,
    };
  }

  async decryptDataKey(request: UnwrapRequest): Promise<Uint8Array> {
    const { wrapAlgorithm, contentAlgorithm, description, encrypted, signal } = request;
    if (wrapAlgorithm !== "kms+context" && wrapAlgorithm !== "kms") {
      throw unsupportedWrap(wrapAlgorithm);
    }
    // Under `kms` nothing is bound: what is bound to an algorithm was not written so, but renamed.
    const bound = wrapAlgorithm === "kms+context" ? contentAlgorithm : undefined;
    if (description[algorithmName] !== bound) {
      throw new DecryptionError("Tampered", "its key was made for another content algorithm");
    }
    checkContext(request);
    const input = {
      CiphertextBlob: encrypted,
      EncryptionContext: description,
      ...(this.#onlyThisKey && { KeyId: this.#keyId }),
    };
    const output = await this.#kms.call("Decrypt", input, { signal });
    return bytes(output["Plaintext"], "Decrypt");
  }
}

/**
 * The caller's context is that of the object, but for the clients' own entries. A context that readers
 * need not know would protect nothing; AWS's clients compare it too.
 */
function checkContext({ encryptionContext, description }: UnwrapRequest): void {
  const wanted = Object.keys(encryptionContext);
  const names = Object.keys(description).filter(
    (name) => !ownNames.includes(name) || Object.hasOwn(encryptionContext, name),
  );
  const same = (name: string): boolean =>
    Object.hasOwn(description, name) && description[name] === encryptionContext[name];
  if (names.length === wanted.length && wanted.every(same)) return;
  throw new DecryptionError(
    "ContextMismatch",
    "it was written with another encryption context than the one given as encryptionContext",
  );
}

function bytes(value: unknown, operation: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`Cannot use the answer of ${operation}: it has no key`);
}
