import type { KeyObject } from "node:crypto";
import { crypto } from "../builtin/crypto.ts";

const { createHmac, createSecretKey } = crypto;

/** The key that signs on one day in one region for one service, and the scope that names those. */
export interface SigningKey {
  /** A `KeyObject`: hashing with raw bytes costs six times as much on Node 24. */
  readonly key: KeyObject;
  /** `20150830/us-east-1/s3/aws4_request` */
  readonly scope: string;
}

/** Keys kept; the oldest goes first. A process signs for few pairs of region and service. */
export const SIGNING_KEYS_MAX = 256;

const keys = new Map<string, SigningKey>();

/**
 * The signing key of a secret: HMAC over date, region, service and `aws4_request`. Kept for the
 * process, bounded by `SIGNING_KEYS_MAX`.
 *
 * @param date - `20150830`
 */
export function signingKey(
  secretAccessKey: string,
  date: string,
  region: string,
  service: string,
): SigningKey {
  const scope = `${date}/${region}/${service}/aws4_request`;
  const name = `${scope}/${secretAccessKey}`;
  let found = keys.get(name);
  if (found === undefined) {
    found = { key: deriveKey(secretAccessKey, date, region, service), scope };
    if (keys.size >= SIGNING_KEYS_MAX) keys.delete(keys.keys().next().value ?? "");
    keys.set(name, found);
  }
  return found;
}

function deriveKey(secret: string, date: string, region: string, service: string): KeyObject {
  let key = createHmac("sha256", `AWS4${secret}`).update(date).digest();
  key = createHmac("sha256", key).update(region).digest();
  key = createHmac("sha256", key).update(service).digest();
  return createSecretKey(createHmac("sha256", key).update("aws4_request").digest());
}

/** Signature of a string to sign: lower-case hexadecimal HMAC-SHA256. */
export function signText(key: KeyObject, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
