import { checksumMembers } from "../checksum/checksum-members.ts";
import { ResponseParseError } from "../client/errors.ts";
import type { Input, Output } from "../protocol/protocol.ts";

/** Members that every call of an upload in parts takes. */
export const placeMembers: readonly string[] = [
  "Bucket",
  "Key",
  "RequestPayer",
  "ExpectedBucketOwner",
];

/** Members of keys that the caller keeps: S3 wants them with each part. */
export const customerKeyMembers: readonly string[] = [
  "SSECustomerAlgorithm",
  "SSECustomerKey",
  "SSECustomerKeyMD5",
];

/** Conditions on the object that is there: they hold when the new one is put in its place. */
const conditionMembers = ["IfMatch", "IfNoneMatch"];

/** Checksums that S3 has of a whole object also where it came in parts. Source: Amazon S3 User Guide, "Checking object integrity". */
const wholeChecksums: ReadonlySet<string> = new Set([
  "ChecksumCRC32",
  "ChecksumCRC32C",
  "ChecksumCRC64NVME",
]);

/** Members of PutObject that the beginning of an upload in parts does not have. */
const putOnlyMembers: ReadonlySet<string> = new Set([
  "Body",
  "ContentLength",
  "ContentMD5",
  "WriteOffsetBytes",
  ...conditionMembers,
  ...checksumMembers,
]);

/** The inputs of an upload in parts, as far as they are known before it begins. */
export interface UploadInputs {
  /** CreateMultipartUpload */
  readonly create: Input;
  /** UploadPart, without number, id and body. */
  readonly part: Input;
  /** CompleteMultipartUpload, without id and parts. */
  readonly complete: Input;
  /** AbortMultipartUpload, without id. */
  readonly abort: Input;
}

/** What the parts get where a checksum is the rule and none was asked for: what PutObject gets. */
const usualAlgorithm = "CRC32";

/**
 * Divides the input of PutObject among the calls of an upload in parts.
 *
 * @param sendsChecksums the parts get checksums without being asked for: S3 must know beforehand
 * which.
 * @throws TypeError for members that only PutObject has: S3 would not check them.
 */
export function uploadInputs(params: Input, sendsChecksums: boolean): UploadInputs {
  for (const name of ["ContentMD5", "WriteOffsetBytes"]) {
    if (isGiven(params[name])) throw wholeOnly(name);
  }
  const create: Output = {};
  for (const [name, value] of Object.entries(params)) {
    if (!putOnlyMembers.has(name)) create[name] = value;
  }
  const complete = picked(params, [...placeMembers, ...customerKeyMembers, ...conditionMembers]);
  for (const name of checksumMembers) {
    if (!isGiven(params[name])) continue;
    if (!wholeChecksums.has(name)) throw wholeOnly(name);
    create["ChecksumAlgorithm"] = name.slice("Checksum".length);
    create["ChecksumType"] = "FULL_OBJECT";
    complete[name] = params[name];
    complete["ChecksumType"] = "FULL_OBJECT";
  }
  const part = picked(params, [...placeMembers, ...customerKeyMembers]);
  if (sendsChecksums && !isGiven(create["ChecksumAlgorithm"])) {
    create["ChecksumAlgorithm"] = usualAlgorithm;
  }
  const algorithm = create["ChecksumAlgorithm"];
  if (isGiven(algorithm)) part["ChecksumAlgorithm"] = algorithm;
  return { create, part, complete, abort: picked(params, placeMembers) };
}

function wholeOnly(name: string): TypeError {
  return new TypeError(
    `Cannot upload in parts with ${name}, which S3 takes with PutObject only: leave it out, name a ChecksumAlgorithm instead, or raise the option "threshold"`,
  );
}

/**
 * A part as CompleteMultipartUpload names it.
 * @throws ResponseParseError for the answer of something that does not know parts.
 */
export function completedPart(number: number, output: Output): Output {
  if (!isGiven(output["ETag"])) {
    const message = `Cannot upload in parts: the answer to part ${number} has no ETag; check the endpoint`;
    throw new ResponseParseError(message, "");
  }
  return { PartNumber: number, ...picked(output, ["ETag", ...checksumMembers]) };
}

/** The members of those names that are there. */
export function picked(from: Readonly<Record<string, unknown>>, names: readonly string[]): Output {
  const found: Output = {};
  for (const name of names) {
    if (isGiven(from[name])) found[name] = from[name];
  }
  return found;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
