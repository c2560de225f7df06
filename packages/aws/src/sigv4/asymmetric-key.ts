import type { KeyObject } from "node:crypto";
import { crypto } from "../builtin/crypto.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { SigningKey } from "./signing-key.ts";

const { createECDH, createHmac, createPrivateKey, sign } = crypto;

/** The algorithm of Signature Version 4a. */
export const ASYMMETRIC_ALGORITHM = "AWS4-ECDSA-P256-SHA256";

/** Keys kept; the oldest goes first. They do not depend on the day. */
const ASYMMETRIC_KEYS_MAX = 64;

/** Order of the curve P-256, less 2: the largest candidate that becomes a key. */
const CANDIDATE_MAX = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn;

const keys = new Map<string, KeyObject>();

/**
 * The key of Signature Version 4a, which is valid in many regions: a pair on the curve P-256 that is
 * derived from the secret, and a scope without region.
 *
 * @param date - `20150830`
 */
export function asymmetricKey(credentials: Credentials, date: string, service: string): SigningKey {
  const { accessKeyId, secretAccessKey } = credentials;
  const name = `${accessKeyId}/${secretAccessKey}`;
  let key = keys.get(name);
  if (key === undefined) {
    key = deriveKey(accessKeyId, secretAccessKey);
    if (keys.size >= ASYMMETRIC_KEYS_MAX) keys.delete(keys.keys().next().value ?? "");
    keys.set(name, key);
  }
  return { key, scope: `${date}/${service}/aws4_request` };
}

/** Signature of a string to sign: hexadecimal ASN.1 of ECDSA with SHA-256; another one each time. */
export function signAsymmetrically(key: KeyObject, text: string): string {
  return sign("sha256", Buffer.from(text), key).toString("hex");
}

/** NIST SP 800-108 in counter mode; again in the one case of 2^32 that gives no key of the curve. */
function deriveKey(accessKeyId: string, secretAccessKey: string): KeyObject {
  for (let counter = 1; counter < 255; counter++) {
    const candidate = createHmac("sha256", `AWS4A${secretAccessKey}`)
      .update(Buffer.from([0, 0, 0, 1]))
      .update(`${ASYMMETRIC_ALGORITHM}\0${accessKeyId}`)
      .update(Buffer.from([counter, 0, 0, 1, 0]))
      .digest("hex");
    const number = BigInt(`0x${candidate}`);
    if (number <= CANDIDATE_MAX) return privateKey(number + 1n);
  }
  throw new TypeError("Cannot derive a key from these credentials");
}

function privateKey(number: bigint): KeyObject {
  const d = Buffer.from(number.toString(16).padStart(64, "0"), "hex");
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(d);
  const point = pair.getPublicKey();
  return createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      x: point.toString("base64url", 1, 33),
      y: point.toString("base64url", 33),
      d: d.toString("base64url"),
    },
  });
}
