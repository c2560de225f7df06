import {
  CBC,
  CBC_IV_BYTES,
  type ContentAlgorithm,
  GCM,
  GCM_IV_BYTES,
  TAG_BYTES,
  wrapAlgorithms,
} from "./algorithms.ts";
import { DecryptionError, shown } from "./decryption-error.ts";
import type { DataKey, Description } from "./keyring.ts";

/** What an object's metadata, or its instruction file, says of how it is encrypted. */
export interface Envelope {
  readonly encryptedKey: Buffer;
  /** `undefined`: an envelope of version 1. */
  readonly wrapAlgorithm: string | undefined;
  readonly contentAlgorithm: ContentAlgorithm;
  readonly iv: Buffer;
  readonly description: Description;
  /** Bytes of the plaintext, if it says so. */
  readonly plainLength: number | undefined;
  /** Only old clients write it so: read with `legacy`. */
  readonly legacy: boolean;
}

const keyV1 = "x-amz-key";
const keyV2 = "x-amz-key-v2";
/** Name of the metadata with the length of the plaintext. */
const lengthName = "x-amz-unencrypted-content-length";

/** Names of metadata that belong to the envelope. */
export const envelopeNames: ReadonlySet<string> = new Set([
  keyV1,
  keyV2,
  "x-amz-iv",
  "x-amz-matdesc",
  "x-amz-wrap-alg",
  "x-amz-cek-alg",
  "x-amz-tag-len",
  "x-amz-crypto-instr-file",
  lengthName,
  "x-amz-unencrypted-content-md5",
]);

/** Names of AWS's format of 2025, whose keys are committed to: `x-amz-c` is its content algorithm. */
const keyV3 = ["x-amz-c", "x-amz-3"];

/** Whether metadata of that name would be taken for an envelope, or a part of one. */
export function isEnvelopeName(name: string): boolean {
  return envelopeNames.has(name) || keyV3.includes(name);
}

/** Metadata of an object that is written: version 2, GCM. @param length bytes of the plaintext, if known. */
export function writeEnvelope(
  { encrypted, wrapAlgorithm, description }: DataKey,
  iv: Uint8Array,
  length: number | undefined,
): Record<string, string> {
  const metadata: Record<string, string> = {
    [keyV2]: Buffer.from(encrypted).toString("base64"),
    "x-amz-iv": Buffer.from(iv).toString("base64"),
    "x-amz-matdesc": asciiJson(description),
    "x-amz-wrap-alg": wrapAlgorithm,
    "x-amz-cek-alg": GCM,
    "x-amz-tag-len": String(TAG_BYTES * 8),
  };
  if (length !== undefined) metadata[lengthName] = String(length);
  return metadata;
}

/** Metadata takes ASCII only. */
function asciiJson(value: Description): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether metadata has an envelope: of any version, whole or not. */
export function hasEnvelope(metadata: Description): boolean {
  return [keyV1, keyV2, ...keyV3].some((name) => metadata[name] !== undefined);
}

/** @throws DecryptionError for an envelope that is not whole, or is of a form that is not known. */
export function readEnvelope(metadata: Description): Envelope {
  if (keyV3.some((name) => metadata[name] !== undefined)) {
    throw new DecryptionError(
      "Unsupported",
      "its envelope is of version 3, with a key commitment; versions 1 and 2 are read",
    );
  }
  const [v1, v2] = [metadata[keyV1], metadata[keyV2]];
  if (v1 !== undefined && v2 !== undefined) {
    throw invalid(`it has both ${keyV1} and ${keyV2}`);
  }
  return v2 === undefined ? readVersion1(metadata) : readVersion2(metadata);
}

function readVersion1(metadata: Description): Envelope {
  const algorithm = metadata["x-amz-cek-alg"] ?? CBC;
  if (algorithm !== CBC) throw invalid(`${keyV1} goes with ${CBC}, not with ${shown(algorithm)}`);
  if (metadata["x-amz-wrap-alg"] !== undefined) throw invalid(`${keyV1} has no x-amz-wrap-alg`);
  return {
    encryptedKey: base64(metadata, keyV1),
    wrapAlgorithm: undefined,
    contentAlgorithm: CBC,
    iv: vector(metadata, CBC_IV_BYTES),
    description: readDescription(metadata),
    plainLength: plainLength(metadata),
    legacy: true,
  };
}

function readVersion2(metadata: Description): Envelope {
  const wrapAlgorithm = text(metadata, "x-amz-wrap-alg");
  const contentAlgorithm = text(metadata, "x-amz-cek-alg");
  if (contentAlgorithm !== GCM && contentAlgorithm !== CBC) {
    throw new DecryptionError("Unsupported", `x-amz-cek-alg is ${shown(contentAlgorithm)}`);
  }
  const wrap = Object.hasOwn(wrapAlgorithms, wrapAlgorithm)
    ? wrapAlgorithms[wrapAlgorithm]
    : { legacy: false };
  const isGcm = contentAlgorithm === GCM;
  const tagBits = metadata["x-amz-tag-len"];
  // The length of a tag is not for the store to choose: a short one can be guessed.
  if (isGcm && tagBits !== String(TAG_BYTES * 8)) {
    throw invalid(`x-amz-tag-len is ${shown(tagBits ?? "")}, not "${TAG_BYTES * 8}"`);
  }
  if (!isGcm && wrap?.legacy !== true) {
    throw invalid(`${shown(wrapAlgorithm)} does not go with ${contentAlgorithm}`);
  }
  return {
    encryptedKey: base64(metadata, keyV2),
    wrapAlgorithm,
    contentAlgorithm,
    iv: vector(metadata, isGcm ? GCM_IV_BYTES : CBC_IV_BYTES),
    description: readDescription(metadata),
    plainLength: plainLength(metadata),
    legacy: wrap?.legacy === true,
  };
}

function text(metadata: Description, name: string): string {
  const value = metadata[name];
  if (value === undefined || value === "") throw invalid(`${name} is missing`);
  return value;
}

function base64(metadata: Description, name: string): Buffer {
  const value = text(metadata, name);
  const bytes = Buffer.from(value, "base64");
  // Node leaves out what is not base64. Some clients break lines, or leave out the padding.
  const plain = value.replaceAll(/[\s=]/g, "");
  const same = bytes.toString("base64").replaceAll("=", "") === plain;
  if (!same) throw invalid(`${name} is not base64`);
  return bytes;
}

function vector(metadata: Description, bytes: number): Buffer {
  const iv = base64(metadata, "x-amz-iv");
  if (iv.length !== bytes) throw invalid(`x-amz-iv has ${iv.length} bytes, not ${bytes}`);
  return iv;
}

function plainLength(metadata: Description): number | undefined {
  const value = metadata[lengthName];
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw invalid(`${lengthName} is ${shown(value)}`);
  return Number(value);
}

function readDescription(metadata: Description): Description {
  const value = metadata["x-amz-matdesc"];
  if (value === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw invalid("x-amz-matdesc is not JSON", cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid("x-amz-matdesc is not a JSON object");
  }
  for (const [name, one] of Object.entries(parsed)) {
    if (typeof one !== "string") throw invalid(`${shown(name)} in x-amz-matdesc is not text`);
  }
  return parsed as Description;
}

function invalid(reason: string, cause?: unknown): DecryptionError {
  return new DecryptionError("InvalidEnvelope", `its envelope is not valid: ${reason}`, cause);
}
