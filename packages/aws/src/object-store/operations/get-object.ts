import type { GetObjectRequest } from "../../../types/s3.d.ts";
import { ResponseBody } from "../../client/response-body.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { parseRange, resolveRange } from "../byte-range.ts";
import {
  addChecksum,
  addObjectMembers,
  refuseUnsupported,
  refuseVersion,
} from "../object-members.ts";
import type { ByteRange, ObjectRecord, StoredBody, StoredObject } from "../object-storage.ts";
import { partRange } from "../part-range.ts";
import { failedCondition } from "../read-conditions.ts";
import { releaseBody } from "../release-body.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey, noSuchBucket, noSuchKey } from "../store-names.ts";

/** Reads an object. */
export async function getObject(call: StoreCall, input: Input): Promise<Output> {
  const wanted = rangeOf(input);
  const { record, body } = await readObject(call, input, wanted ?? "whole");
  const output: Output = {};
  if (body === undefined) throw invalidRange(record.size, input["Range"]);
  addRead(output, call, record, input, wanted);
  output["ContentLength"] = body.length;
  output["Body"] = responseBody(call, body);
  return output;
}

/** Says what an object is. */
export async function headObject(call: StoreCall, input: Input): Promise<Output> {
  const wanted = rangeOf(input);
  const { record } = await readObject(call, input, "none");
  const output: Output = {};
  const range = addRead(output, call, record, input, wanted);
  output["ContentLength"] = range === undefined ? record.size : range.end - range.start;
  return output;
}

/** Reads an object under the conditions of an input; with a part's number, the part of it. */
async function readObject(
  call: StoreCall,
  input: Input,
  body: "none" | "whole" | ByteRange,
): Promise<StoredObject> {
  const { storage, streamAbove } = call;
  const { Bucket, Key, PartNumber, VersionId } = input as unknown as GetObjectRequest;
  checkBucket(Bucket);
  checkKey(Key);
  refuseUnsupported(input, storage.url);
  refuseVersion(VersionId);
  const part = PartNumber === undefined || PartNumber === null ? undefined : PartNumber;
  let object: StoredObject;
  if (part === undefined || body === "none") {
    object = found(await storage.read(Bucket, Key, { body, streamAbove }), Bucket, Key);
  } else {
    object = await readPart(call, Bucket, Key, part);
  }
  const failure = failedCondition(object.record, {
    ifMatch: input["IfMatch"] as string | undefined,
    ifNoneMatch: input["IfNoneMatch"] as string | undefined,
    ifModifiedSince: input["IfModifiedSince"] as Date | undefined,
    ifUnmodifiedSince: input["IfUnmodifiedSince"] as Date | undefined,
  });
  if (failure === undefined) return object;
  releaseBody(object.body);
  throw failure.kind === "not-modified"
    ? new StoreFailure("NotModified")
    : new StoreFailure("PreconditionFailed", { members: { Condition: failure.condition } });
}

/** How often an object may change between a look at its parts and the reading of one. */
const partAttempts = 5;

/** Where a part lies is known only when the object has been looked at; the two looks must see the same. */
async function readPart(
  { storage, streamAbove }: StoreCall,
  bucket: string,
  key: string,
  number: number,
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt++) {
    const { record } = found(
      await storage.read(bucket, key, { body: "none", streamAbove }),
      bucket,
      key,
    );
    const range = partRange(record, number);
    const body = range.end === range.start ? "whole" : { first: range.start, last: range.end - 1 };
    const object = found(await storage.read(bucket, key, { body, streamAbove }), bucket, key);
    if (object.record.etag === record.etag) return object;
    releaseBody(object.body);
    if (attempt === partAttempts) {
      throw new StoreFailure("InternalError", {
        message: "The object changes too often to read a part of it",
      });
    }
  }
}

/** The object of a read. @throws StoreFailure when there is none. */
export function found(
  object: StoredObject | "no-bucket" | "no-key",
  bucket: string,
  key: string,
): StoredObject {
  if (object === "no-bucket") throw noSuchBucket(bucket);
  if (object === "no-key") throw noSuchKey(key);
  return object;
}

function rangeOf({ Range, PartNumber }: Input): ByteRange | undefined {
  if (typeof Range !== "string") return undefined;
  if (PartNumber !== undefined && PartNumber !== null) {
    throw new StoreFailure("InvalidRequest", {
      message: "Cannot specify both Range header and partNumber query parameter",
    });
  }
  return parseRange(Range);
}

/** Adds what a read says of an object; the range that it read, if it is a part of it. */
function addRead(
  output: Output,
  call: StoreCall,
  record: ObjectRecord,
  input: Input,
  wanted: ByteRange | undefined,
): { start: number; end: number } | undefined {
  addObjectMembers(output, record);
  const number = input["PartNumber"];
  let range: { start: number; end: number } | undefined;
  if (typeof number === "number") {
    range = partRange(record, number);
    if (record.details.parts !== undefined) output["PartsCount"] = record.details.parts.length;
  } else if (wanted !== undefined) {
    range = resolveRange(wanted, record.size);
    if (range === undefined) throw invalidRange(record.size, input["Range"]);
  }
  if (range !== undefined) {
    call.status = 206;
    if (range.end > range.start) {
      output["ContentRange"] = `bytes ${range.start}-${range.end - 1}/${record.size}`;
    }
  }
  if (input["ChecksumMode"] === "ENABLED" && range === undefined) {
    addChecksum(output, record.details.checksum);
  }
  for (const [name, member] of overrides) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    output[member] = value;
    if (value instanceof Date) output["ExpiresString"] = value.toUTCString();
  }
  return range;
}

/** Members of the input that replace those of the output. */
const overrides = [
  ["ResponseCacheControl", "CacheControl"],
  ["ResponseContentDisposition", "ContentDisposition"],
  ["ResponseContentEncoding", "ContentEncoding"],
  ["ResponseContentLanguage", "ContentLanguage"],
  ["ResponseContentType", "ContentType"],
  ["ResponseExpires", "Expires"],
] as const;

function invalidRange(size: number, range: unknown): StoreFailure {
  return new StoreFailure("InvalidRange", {
    members: { RangeRequested: range, ActualObjectSize: String(size) },
  });
}

function responseBody(call: StoreCall, body: StoredBody): ResponseBody {
  if (Buffer.isBuffer(body)) return new ResponseBody(body);
  const stream = call.give(body);
  return new ResponseBody(stream, () => stream.cancel());
}
