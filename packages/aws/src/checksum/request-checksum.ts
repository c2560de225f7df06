import type { ChecksumTrait } from "../model/model.ts";
import { checksumHeader, isChecksumAlgorithm, type ChecksumAlgorithm } from "./checksum.ts";

/** When checksums are sent, and validated: botocore's two options have the same values. */
export type ChecksumMode = "WHEN_SUPPORTED" | "WHEN_REQUIRED";

/** What the model says of an operation's checksum. An `OperationModel` is one. */
export interface ChecksumRules {
  readonly checksumRequired?: boolean | undefined;
  readonly checksum?: ChecksumTrait | undefined;
}

/** What decides on the checksum of one request. */
export interface RequestChecksumFacts {
  /** `requestChecksumCalculation` */
  readonly mode: ChecksumMode;
  /** Value of the operation's algorithm member in the input. */
  readonly algorithm?: string | undefined;
  /** Header of the algorithm member: `x-amz-sdk-checksum-algorithm`. */
  readonly algorithmHeader?: string | undefined;
  /** The headers so far: a checksum that the caller gave is sent as it is. */
  readonly headers: readonly string[];
  /** The body can only be read once, so its checksum is known at its end. */
  readonly oneShot: boolean;
  /** The endpoint is not AWS's. */
  readonly customEndpoint: boolean;
}

/** The checksum to send with a request. */
export interface RequestChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** `none`: only the algorithm is announced (CreateMultipartUpload). */
  readonly place: "header" | "trailer" | "none";
  /** Header or trailer of the value: `x-amz-checksum-crc32`. */
  readonly name: string;
  /** Header to add whose value is the algorithm's name; absent when the caller chose it. */
  readonly algorithmHeader: string | undefined;
  /** Send `content-md5` too: other stores than AWS's may know nothing else. */
  readonly contentMd5: boolean;
}

const DEFAULT_ALGORITHM = "CRC32";

/**
 * Chooses the checksum of a request: none if the caller set one; else the algorithm that the caller
 * named; else CRC32 if one is required, or supported and `WHEN_SUPPORTED`.
 *
 * @throws TypeError for an algorithm that is not computed here.
 */
export function chooseRequestChecksum(
  rules: ChecksumRules,
  facts: RequestChecksumFacts,
): RequestChecksum | undefined {
  const member = rules.checksum?.requestAlgorithmMember;
  const required =
    rules.checksumRequired === true || rules.checksum?.requestChecksumRequired === true;
  const named = facts.algorithm?.toUpperCase();
  if (named === undefined) {
    if (!required && (member === undefined || facts.mode === "WHEN_REQUIRED")) return undefined;
    // Other stores have answered the framing of trailers with errors, or stored it.
    if (facts.oneShot && facts.customEndpoint) return undefined;
  }
  if (hasChecksumHeader(facts.headers)) return undefined;
  const algorithm = named ?? DEFAULT_ALGORITHM;
  if (!isChecksumAlgorithm(algorithm)) {
    throw new TypeError(
      `Cannot compute a checksum of the algorithm "${algorithm}": give its value in the input instead`,
    );
  }
  return {
    algorithm,
    place: placeOf(facts),
    name: checksumHeader(algorithm),
    algorithmHeader: named === undefined ? facts.algorithmHeader : undefined,
    contentMd5: required && facts.customEndpoint && !facts.oneShot,
  };
}

function placeOf(facts: RequestChecksumFacts): RequestChecksum["place"] {
  if (facts.algorithmHeader === "x-amz-checksum-algorithm") return "none";
  return facts.oneShot ? "trailer" : "header";
}

function hasChecksumHeader(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name.startsWith("x-amz-checksum-") && name !== "x-amz-checksum-mode") return true;
  }
  return false;
}
