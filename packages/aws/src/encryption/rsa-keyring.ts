import type { KeyObject } from "node:crypto";
import { crypto } from "./node-crypto.ts";
import { KEY_BYTES } from "./algorithms.ts";
import type { DataKey, DataKeyRequest, Description, Keyring, UnwrapRequest } from "./keyring.ts";
import { openKey, refuseContext } from "./open-key.ts";
import { removeOaepPadding } from "./remove-oaep-padding.ts";
import { removePkcs1Padding } from "./remove-pkcs1-padding.ts";

/** Bits of an RSA key at the least. */
const RSA_BITS_MIN = 2048;

/** Keys of `rsaKeyring`, as PEM text or key objects. One of them may be left out. */
export interface RsaKeyringOptions {
  /** Writes objects; default: that of `privateKey`. */
  readonly publicKey?: string | KeyObject | undefined;
  /** Reads objects. */
  readonly privateKey?: string | KeyObject | undefined;
  /** Says which key it is, for whoever reads the metadata; it is not secret and not authenticated. */
  readonly description?: Description | undefined;
}

/**
 * Wraps the keys of objects with an RSA key: `RSA-OAEP-SHA1`. With `legacy` it also opens
 * `RSA/ECB/OAEPWithSHA-256AndMGF1Padding`, and the `RSA` (PKCS #1) of version 1.
 *
 * @throws TypeError without a key, or for one that is not RSA or shorter than 2,048 bits
 */
export function rsaKeyring({ publicKey, privateKey, description }: RsaKeyringOptions): Keyring {
  const opens =
    privateKey === undefined ? undefined : keyObject(privateKey, crypto().createPrivateKey);
  if (opens !== undefined && opens.type !== "private") {
    throw new TypeError(
      `Cannot make an RSA keyring: privateKey is a ${opens.type} key; give it as publicKey, to write only`,
    );
  }
  const wraps = publicKey === undefined ? opens && publicOf(opens) : keyObject(publicKey, publicOf);
  if (wraps === undefined) {
    throw new TypeError("Cannot make an RSA keyring: give publicKey, privateKey or both");
  }
  for (const key of opens === undefined ? [wraps] : [wraps, opens]) checkKey(key);
  return new RsaKeyring(wraps, opens, { ...description });
}

function publicOf(key: string | KeyObject): KeyObject {
  return crypto().createPublicKey(key);
}

function keyObject(key: string | KeyObject, parse: (pem: string) => KeyObject): KeyObject {
  return typeof key === "string" ? parse(key) : key;
}

function checkKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (asymmetricKeyType === "rsa" && bits >= RSA_BITS_MIN) return;
  const given = asymmetricKeyType === "rsa" ? `${bits} bits` : (asymmetricKeyType ?? "a secret");
  throw new TypeError(
    `Cannot make an RSA keyring: the key is ${given}; give RSA of at least ${RSA_BITS_MIN} bits`,
  );
}

class RsaKeyring implements Keyring {
  readonly #wraps: KeyObject;
  readonly #opens: KeyObject | undefined;
  readonly #description: Description;

  constructor(wraps: KeyObject, opens: KeyObject | undefined, description: Description) {
    this.#wraps = wraps;
    this.#opens = opens;
    this.#description = description;
  }

  // oxlint-disable-next-line typescript/require-await -- the interface is asynchronous: errors reject
  async generateDataKey({ contentAlgorithm, encryptionContext }: DataKeyRequest): Promise<DataKey> {
    refuseContext(encryptionContext);
    const plaintext = crypto().randomBytes(KEY_BYTES);
    // The content algorithm is bound to the key: length, key, name.
    const bound = Buffer.concat([Buffer.of(KEY_BYTES), plaintext, Buffer.from(contentAlgorithm)]);
    const padding = crypto().constants.RSA_PKCS1_OAEP_PADDING;
    const encrypted = crypto().publicEncrypt(
      { key: this.#wraps, padding, oaepHash: "sha1" },
      bound,
    );
    bound.fill(0);
    return { plaintext, encrypted, wrapAlgorithm: "RSA-OAEP-SHA1", description: this.#description };
  }

  // oxlint-disable-next-line typescript/require-await -- see above
  async decryptDataKey(request: UnwrapRequest): Promise<Uint8Array> {
    refuseContext(request.encryptionContext);
    const key = this.#opens;
    if (key === undefined) {
      throw new TypeError("Cannot read objects with a public key: give the keyring its privateKey");
    }
    const { encrypted, contentAlgorithm } = request;
    return openKey(request, {
      "RSA-OAEP-SHA1": () => openBound(key, encrypted, contentAlgorithm),
      "RSA/ECB/OAEPWithSHA-256AndMGF1Padding": () => openJavaOaep(key, encrypted),
      "": () => openPkcs1(key, encrypted),
    });
  }
}

function openBound(key: KeyObject, encrypted: Uint8Array, contentAlgorithm: string): Buffer {
  const padding = crypto().constants.RSA_PKCS1_OAEP_PADDING;
  const bound = crypto().privateDecrypt({ key, padding, oaepHash: "sha1" }, encrypted);
  const length = bound[0] ?? 0;
  const name = bound.toString("utf8", 1 + length);
  if (length !== KEY_BYTES || name !== contentAlgorithm) {
    throw new Error("The key was made for another content algorithm");
  }
  return bound.subarray(1, 1 + length);
}

/** The padding that the first clients had, of which Node's versions make different things. */
function openPkcs1(key: KeyObject, encrypted: Uint8Array): Buffer {
  const padding = crypto().constants.RSA_NO_PADDING;
  const opened = removePkcs1Padding(crypto().privateDecrypt({ key, padding }, encrypted));
  if (opened === undefined) throw new Error("The padding of the key is wrong");
  return opened;
}

/**
 * Java's provider makes the mask of this padding with SHA-1 though it hashes with SHA-256, which
 * OpenSSL through Node cannot be told. Providers that take SHA-256 for both exist: try them next.
 */
function openJavaOaep(key: KeyObject, encrypted: Uint8Array): Buffer {
  const block = crypto().privateDecrypt(
    { key, padding: crypto().constants.RSA_NO_PADDING },
    encrypted,
  );
  const opened = removeOaepPadding(block, "sha256", "sha1");
  if (opened !== undefined) return opened;
  const padding = crypto().constants.RSA_PKCS1_OAEP_PADDING;
  return crypto().privateDecrypt({ key, padding, oaepHash: "sha256" }, encrypted);
}
