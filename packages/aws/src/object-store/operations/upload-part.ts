import type { UploadPartRequest, UploadPartCopyRequest } from "../../../types/s3.d.ts";
import { isChecksumAlgorithm } from "../../checksum/checksum.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { parseRange } from "../byte-range.ts";
import { copySourceOf } from "../copy-source.ts";
import { type AskedChecksum, askedChecksum, refuseUnsupported } from "../object-members.ts";
import type { ByteRange, PartRecord, UploadRecord } from "../object-storage.ts";
import { giveBack, type ReceivedBody, receiveBody, receiveStored } from "../receive-body.ts";
import { releaseBody } from "../release-body.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { noSuchUpload } from "../store-names.ts";
import { readCopySource } from "./copy-object.ts";
import { uploadOf } from "./multipart-upload.ts";

const partNumberMax = 10_000;

/** Stores a part of an upload. */
export async function uploadPart(call: StoreCall, input: Input): Promise<Output> {
  const { Body, ContentMD5, ContentLength, PartNumber } = input as unknown as UploadPartRequest;
  checkPartNumber(PartNumber);
  refuseUnsupported(input, call.storage.url);
  const { bucket, upload } = await uploadOf(call, input);
  const received = await receiveBody(call, Body, {
    checksum: partChecksum(input, upload),
    contentMd5: ContentMD5,
    contentLength: ContentLength,
  });
  const part = await storePart(call, bucket, upload, PartNumber, received);
  return { ETag: part.etag, ...checksumMembers(received) };
}

/** Makes a part of an object, or of a range of it. */
export async function uploadPartCopy(call: StoreCall, input: Input): Promise<Output> {
  const { CopySource, CopySourceRange, PartNumber } = input as unknown as UploadPartCopyRequest;
  checkPartNumber(PartNumber);
  refuseUnsupported(input, call.storage.url);
  const { bucket, upload } = await uploadOf(call, input);
  const source = copySourceOf(CopySource as string);
  const range = copyRange(CopySourceRange);
  const { record, body } = await readCopySource(call, source, input, range ?? "whole");
  const isBeyond = range !== undefined && range.last >= record.size;
  if (body === undefined || isBeyond) {
    releaseBody(body);
    throw new StoreFailure("InvalidArgument", {
      message: `Range specified is not valid for source object of size: ${record.size}`,
      members: { ArgumentName: "x-amz-copy-source-range", ArgumentValue: CopySourceRange },
    });
  }
  const received = await receiveStored(call, body, partChecksum({}, upload));
  const part = await storePart(call, bucket, upload, PartNumber, received);
  return {
    CopyPartResult: {
      ETag: part.etag,
      LastModified: new Date(part.modified),
      ...checksumMembers(received),
    },
  };
}

function checkPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= partNumberMax) return;
  throw new StoreFailure("InvalidArgument", {
    message: `Part number must be an integer between 1 and ${partNumberMax}, inclusive`,
    members: { ArgumentName: "partNumber", ArgumentValue: String(number) },
  });
}

/** The range of a copy has both ends. @throws StoreFailure `InvalidArgument` */
function copyRange(
  text: string | null | undefined,
): (ByteRange & { readonly first: number; readonly last: number }) | undefined {
  if (text === undefined || text === null) return undefined;
  const range = parseRange(text);
  if (range !== undefined && "first" in range && range.last !== undefined) {
    return { first: range.first, last: range.last };
  }
  throw new StoreFailure("InvalidArgument", {
    message:
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    members: { ArgumentName: "x-amz-copy-source-range", ArgumentValue: text },
  });
}

/** A part has the checksum of its upload, whether the caller gives it or not. */
function partChecksum(input: Input, { checksum }: UploadRecord): AskedChecksum | undefined {
  const given = askedChecksum(input);
  if (checksum === undefined) return given;
  if (given !== undefined && given.algorithm !== checksum.algorithm) {
    throw new StoreFailure("InvalidRequest", {
      message: `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${given.algorithm.toLowerCase()}`,
    });
  }
  const { algorithm } = checksum;
  return given ?? (isChecksumAlgorithm(algorithm) ? { algorithm, expected: undefined } : undefined);
}

async function storePart(
  call: StoreCall,
  bucket: string,
  { id, key }: UploadRecord,
  number: number,
  { staged, size, md5, checksum }: ReceivedBody,
): Promise<PartRecord> {
  if (call.settled) return await giveBack(call, staged);
  const part: PartRecord = {
    number,
    size,
    etag: `"${md5}"`,
    modified: Date.now(),
    checksum: checksum?.value,
  };
  const outcome = await call.storage.writePart(bucket, key, id, part, staged);
  if (outcome === "no-upload") throw noSuchUpload(id);
  return part;
}

function checksumMembers({ checksum }: ReceivedBody): Output {
  return checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value };
}
