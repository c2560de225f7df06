import { crypto } from "../builtin/crypto.ts";
import type { CallByName } from "../client/call-by-name.ts";
import {
  AbortError,
  type AwsClientError,
  ClientClosedError,
  ServiceError,
} from "../client/errors.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { checksumMembers } from "../checksum/checksum-members.ts";
import { customerKeyMembers, picked, placeMembers } from "./upload-members.ts";

const outputMembers: readonly string[] = [
  "ETag",
  "VersionId",
  "Expiration",
  "ServerSideEncryption",
  "SSEKMSKeyId",
  "BucketKeyEnabled",
  "RequestCharged",
  "ChecksumType",
  ...checksumMembers,
];

/**
 * Looks whether CompleteMultipartUpload took effect although it ended with an error: the first
 * attempt did its work and its answer was lost, so that the next one found no such upload. It did if
 * the object's ETag is the one that these parts make. Where S3 makes other ETags (some kinds of
 * encryption) nothing can be said, and the error stands.
 *
 * @param complete the input, without parts.
 * @returns what can be said of the object; `undefined`: the error stands.
 */
export async function confirmedUpload(
  call: CallByName,
  complete: Input,
  parts: readonly Output[],
  error: unknown,
): Promise<Output | undefined> {
  if (!isAmbiguous(error, complete)) return undefined;
  const expected = multipartETag(parts);
  if (expected === undefined) return undefined;
  try {
    const head = await call(
      "HeadObject",
      picked(complete, [...placeMembers, ...customerKeyMembers]),
      {},
    );
    if (head["ETag"] !== expected) return undefined;
    return picked(head, [...outputMembers, "$metadata"]);
  } catch {
    return undefined;
  }
}

/**
 * Whether the work may have been done all the same. With a condition, an object that is alike may be
 * another's, which the condition was to find out.
 */
function isAmbiguous(error: unknown, complete: Input): boolean {
  if (error instanceof AbortError || error instanceof ClientClosedError) return false;
  if (error instanceof ServiceError) {
    const attempts = error.$metadata?.attempts ?? 1;
    if (error.code === "NoSuchUpload") return attempts > 1;
    if (error.$fault === "client") return false;
  }
  const isConditional = complete["IfMatch"] !== undefined || complete["IfNoneMatch"] !== undefined;
  return !isConditional && (error as AwsClientError).$metadata !== undefined;
}

/** The ETag of an object whose parts have these: the MD5 of their MD5s, and their number. */
export function multipartETag(parts: readonly Output[]): string | undefined {
  const digest = crypto.createHash("md5");
  for (const { ETag } of parts) {
    const hex = typeof ETag === "string" ? ETag.replaceAll('"', "") : "";
    if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
    digest.update(Buffer.from(hex, "hex"));
  }
  return `"${digest.digest("hex")}-${parts.length}"`;
}
