import type { PutObjectRequest } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import {
  addChecksum,
  askedChecksum,
  detailsOf,
  parseTagging,
  refuseUnsupported,
} from "../object-members.ts";
import type { WriteCondition } from "../object-storage.ts";
import { quotedEtag } from "../read-conditions.ts";
import { giveBack, receiveBody } from "../receive-body.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey, refusedWrite } from "../store-names.ts";

/** Stores an object. */
export async function putObject(call: StoreCall, input: Input): Promise<Output> {
  const { storage } = call;
  const { Bucket, Key, Body, ContentMD5, ContentLength, Tagging } =
    input as unknown as PutObjectRequest;
  checkBucket(Bucket);
  checkKey(Key);
  refuseUnsupported(input, storage.url);
  const condition = writeCondition(input);
  const tags = parseTagging(Tagging);
  const details = detailsOf(input);
  const { staged, size, md5, checksum } = await receiveBody(call, Body, {
    checksum: askedChecksum(input),
    contentMd5: ContentMD5,
    contentLength: ContentLength,
  });
  const etag = `"${md5}"`;
  const record = {
    size,
    etag,
    modified: Date.now(),
    details: checksum === undefined ? details : { ...details, checksum },
    tags,
  };
  if (call.settled) return await giveBack(call, staged);
  const outcome = await storage.write(Bucket, Key, record, staged, condition);
  if (outcome !== "done") throw refusedWrite(outcome, Bucket, Key, conditionName(condition));
  const output: Output = { ETag: etag };
  addChecksum(output, checksum);
  return output;
}

const unconditional: WriteCondition = Object.freeze({});

/**
 * The condition of a write.
 * @throws StoreFailure `NotImplemented` for `If-None-Match` with an ETag, which S3 refuses as well.
 */
export function writeCondition({ IfMatch, IfNoneMatch }: Input): WriteCondition {
  const isMatch = typeof IfMatch === "string";
  if (typeof IfNoneMatch !== "string") {
    return isMatch ? { ifMatch: matchOf(IfMatch) } : unconditional;
  }
  if (IfNoneMatch !== "*" || isMatch) {
    throw new StoreFailure("NotImplemented", {
      message: 'A write takes either IfMatch, or IfNoneMatch with the value "*"',
    });
  }
  return { ifNone: true };
}

function matchOf(etag: string): string {
  return etag === "*" ? etag : quotedEtag(etag);
}

/** Name of the header that a condition stands for. */
export function conditionName({ ifMatch, ifNone }: WriteCondition): string | undefined {
  if (ifNone === true) return "If-None-Match";
  return ifMatch === undefined ? undefined : "If-Match";
}
