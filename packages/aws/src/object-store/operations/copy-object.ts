import type { CopyObjectRequest } from "../../../types/s3.d.ts";
import { checksum as checksumOf, isChecksumAlgorithm } from "../../checksum/checksum.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { copySourceOf } from "../copy-source.ts";
import type { CopySource } from "../../rules/copy-source.ts";
import {
  addChecksum,
  type AskedChecksum,
  askedChecksum,
  detailsOf,
  parseTagging,
  refuseUnsupported,
} from "../object-members.ts";
import type { ByteRange, ObjectRecord, StoredBody, StoredObject } from "../object-storage.ts";
import { failedCondition } from "../read-conditions.ts";
import { giveBack, type ReceivedBody, receiveStored } from "../receive-body.ts";
import { releaseBody } from "../release-body.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey, refusedWrite } from "../store-names.ts";
import { found } from "./get-object.ts";
import { conditionName, writeCondition } from "./put-object.ts";

/** The largest object that is copied at once. Source: the Amazon S3 API Reference, CopyObject. */
const copyBytesMax = 5 * 1024 ** 3;
/** Bytes above which a body is copied piece by piece where the store can do that. */
export const copiedWholeMax: number = 1024 * 1024;

/** Copies an object. */
export async function copyObject(call: StoreCall, input: Input): Promise<Output> {
  const { storage } = call;
  const request = input as unknown as CopyObjectRequest;
  const { Bucket, Key } = request;
  checkBucket(Bucket);
  checkKey(Key);
  refuseUnsupported(input, storage.url);
  const source = copySourceOf(request.CopySource as string);
  const condition = writeCondition(input);
  const replaces = request.MetadataDirective === "REPLACE";
  if (!replaces && source.bucket === Bucket && source.key === Key) refuseSame(request);
  // What is wrong with the input is said before anything is read or staged.
  const given = detailsOf(input);
  const tags = request.TaggingDirective === "REPLACE" ? parseTagging(request.Tagging) : undefined;
  const asked = askedChecksum(input);
  const { record, body } = await readCopySource(call, source, input, "whole");
  if (record.size > copyBytesMax) {
    releaseBody(body);
    throw new StoreFailure("InvalidRequest", {
      message: `The specified copy source is larger than the maximum allowable size for a copy source: ${copyBytesMax}`,
    });
  }
  const copied = await receiveCopy(call, body ?? Buffer.alloc(0), record, asked);
  const { headers, metadata } = replaces ? given : record.details;
  const { storageClass } = given;
  const copy: ObjectRecord = {
    size: copied.size,
    etag: `"${copied.md5}"`,
    modified: Date.now(),
    details: {
      ...(headers && { headers }),
      ...(metadata && { metadata }),
      ...(copied.checksum && { checksum: copied.checksum }),
      ...(storageClass !== undefined && { storageClass }),
    },
    tags: tags ?? record.tags,
  };
  if (call.settled) return await giveBack(call, copied.staged);
  const outcome = await storage.write(Bucket, Key, copy, copied.staged, condition);
  if (outcome !== "done") throw refusedWrite(outcome, Bucket, Key, conditionName(condition));
  const result: Output = { ETag: copy.etag, LastModified: new Date(copy.modified ?? 0) };
  addChecksum(result, copied.checksum);
  return { CopyObjectResult: result };
}

/** A copy of an object onto itself must change something. */
function refuseSame({ StorageClass, WebsiteRedirectLocation }: CopyObjectRequest): void {
  if (StorageClass !== undefined || WebsiteRedirectLocation !== undefined) return;
  throw new StoreFailure("InvalidRequest", {
    message:
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  });
}

/** Reads what is copied, under the conditions of the copy. */
export async function readCopySource(
  { storage }: StoreCall,
  { bucket, key }: CopySource,
  input: Input,
  body: "whole" | ByteRange,
): Promise<StoredObject> {
  const read = await storage.read(bucket, key, { body, streamAbove: copiedWholeMax });
  const object = found(read, bucket, key);
  const failure = failedCondition(object.record, {
    ifMatch: input["CopySourceIfMatch"] as string | undefined,
    ifNoneMatch: input["CopySourceIfNoneMatch"] as string | undefined,
    ifModifiedSince: input["CopySourceIfModifiedSince"] as Date | undefined,
    ifUnmodifiedSince: input["CopySourceIfUnmodifiedSince"] as Date | undefined,
  });
  if (failure === undefined) return object;
  releaseBody(object.body);
  const condition =
    failure.kind === "failed" ? failure.condition : "If-None-Match or If-Modified-Since";
  throw new StoreFailure("PreconditionFailed", {
    members: { Condition: `x-amz-copy-source-${condition}` },
  });
}

/** Hands the bytes on. A plain ETag is their MD5 already: they are not hashed again. */
async function receiveCopy(
  call: StoreCall,
  body: StoredBody,
  record: ObjectRecord,
  given: AskedChecksum | undefined,
): Promise<ReceivedBody> {
  const kept = record.details.checksum;
  const asked = given ?? askedOf(kept);
  const md5 = /^"([0-9a-f]{32})"$/.exec(record.etag ?? "")?.[1];
  if (!Buffer.isBuffer(body) || md5 === undefined) {
    return receiveStored(call, body, asked);
  }
  const isKept = kept?.type === "FULL_OBJECT" && kept.algorithm === asked?.algorithm;
  const checksum = isKept
    ? kept
    : asked && {
        algorithm: asked.algorithm,
        value: checksumOf(asked.algorithm, body),
        type: "FULL_OBJECT" as const,
      };
  return { staged: body, size: body.length, md5, checksum };
}

/** The copy has a checksum by the algorithm of what it is made from. */
function askedOf(kept: ObjectRecord["details"]["checksum"]): AskedChecksum | undefined {
  if (kept === undefined || !isChecksumAlgorithm(kept.algorithm)) return undefined;
  return { algorithm: kept.algorithm, expected: undefined };
}
