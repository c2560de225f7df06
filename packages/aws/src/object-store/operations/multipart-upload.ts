import type {
  CompletedPart,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadRequest,
} from "../../../types/s3.d.ts";
import { crypto } from "../../builtin/crypto.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import {
  addChecksum,
  askedChecksum,
  detailsOf,
  parseTagging,
  refuseUnsupported,
} from "../object-members.ts";
import type { ObjectRecord, PartRecord, UploadRecord } from "../object-storage.ts";
import { completeChecksum } from "../part-checksums.ts";
import { quotedEtag } from "../read-conditions.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey, noSuchBucket, noSuchUpload, refusedWrite } from "../store-names.ts";
import { conditionName, writeCondition } from "./put-object.ts";

const { createHash, randomBytes } = crypto;

/** The least that a part has, the last one apart. Source: Amazon S3 User Guide, "Multipart upload limits". */
const partBytesMin = 5 * 1024 * 1024;
const partsMax = 10_000;

/** Begins an upload in parts. */
export async function createMultipartUpload(call: StoreCall, input: Input): Promise<Output> {
  const { storage } = call;
  const { Bucket, Key, Tagging, ChecksumType } = input as unknown as CreateMultipartUploadRequest;
  checkBucket(Bucket);
  checkKey(Key);
  refuseUnsupported(input, storage.url);
  const algorithm = askedChecksum({ ChecksumAlgorithm: input["ChecksumAlgorithm"] })?.algorithm;
  const checksum =
    algorithm === undefined ? undefined : { algorithm, type: typeOf(algorithm, ChecksumType) };
  const initiated = Date.now();
  const upload: UploadRecord = {
    id: newUploadId(initiated),
    key: Key,
    initiated,
    details: detailsOf(input),
    tags: parseTagging(Tagging),
    checksum,
  };
  const outcome = await storage.createUpload(Bucket, upload);
  if (outcome === "no-bucket") throw noSuchBucket(Bucket);
  return {
    Bucket,
    Key,
    UploadId: upload.id,
    ...(checksum && { ChecksumAlgorithm: algorithm, ChecksumType: checksum.type }),
  };
}

/** Ids of a key are in the order of their uploads' beginnings: a listing goes on behind one that has ended. */
function newUploadId(initiated: number): string {
  return initiated.toString(16).padStart(12, "0") + randomBytes(32).toString("base64url");
}

/** @throws StoreFailure `InvalidRequest` for a kind that the algorithm does not have. */
function typeOf(algorithm: string, wanted: string | undefined): "FULL_OBJECT" | "COMPOSITE" {
  const isWhole = algorithm === "CRC64NVME";
  const type = wanted ?? (isWhole ? "FULL_OBJECT" : "COMPOSITE");
  const fits = type === "FULL_OBJECT" ? algorithm.startsWith("CRC") : !isWhole;
  if (fits) return type as "FULL_OBJECT" | "COMPOSITE";
  throw new StoreFailure("InvalidRequest", {
    message: `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm`,
  });
}

/** Ends an upload and gives up its parts. */
export async function abortMultipartUpload(call: StoreCall, input: Input): Promise<Output> {
  const { upload, bucket } = await uploadOf(call, input);
  const outcome = await call.storage.abortUpload(bucket, upload.key, upload.id);
  if (outcome !== "done") throw noSuchUpload(upload.id);
  return {};
}

/** The upload that an input names. @throws StoreFailure `NoSuchBucket`, `NoSuchUpload` */
export async function uploadOf(
  { storage }: StoreCall,
  input: Input,
): Promise<{ readonly bucket: string; readonly upload: UploadRecord }> {
  const bucket = input["Bucket"] as string;
  const key = input["Key"] as string;
  const id = input["UploadId"] as string;
  checkBucket(bucket);
  checkKey(key);
  const upload = await storage.upload(bucket, key, id);
  if (upload === "no-bucket") throw noSuchBucket(bucket);
  if (upload === "no-upload") throw noSuchUpload(id);
  return { bucket, upload };
}

/** Makes an object of the parts. */
export async function completeMultipartUpload(call: StoreCall, input: Input): Promise<Output> {
  const { storage } = call;
  const { MultipartUpload, MpuObjectSize } = input as unknown as CompleteMultipartUploadRequest;
  const condition = writeCondition(input);
  const { bucket, upload } = await uploadOf(call, input);
  const { key, id } = upload;
  const listed = await storage.parts(bucket, key, id);
  if (listed === "no-upload") throw noSuchUpload(id);
  const parts = chosenParts(MultipartUpload?.Parts ?? [], listed, upload);
  const record = recordOf(upload, parts);
  checkWhole(record, input, MpuObjectSize, storage.maxObjectBytes);
  const outcome = await storage.completeUpload(bucket, key, id, parts, record, condition);
  if (outcome === "no-upload") throw noSuchUpload(id);
  if (outcome === "changed") throw invalidPart(undefined);
  if (outcome !== "done") throw refusedWrite(outcome, bucket, key, conditionName(condition));
  const output: Output = {
    Location: `/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: record.etag,
  };
  addChecksum(output, record.details.checksum);
  return output;
}

/** The parts that the caller names, as the store has them. @throws StoreFailure */
function chosenParts(
  named: readonly CompletedPart[],
  listed: readonly PartRecord[],
  { checksum }: UploadRecord,
): readonly PartRecord[] {
  if (named.length === 0 || named.length > partsMax) {
    throw new StoreFailure("MalformedXML", {
      message: `The input has ${named.length} parts: give 1 to ${partsMax}`,
    });
  }
  const byNumber = new Map(listed.map((part) => [part.number, part]));
  let before = 0;
  return named.map((part, index) => {
    const number = part.PartNumber ?? 0;
    if (number <= before) throw new StoreFailure("InvalidPartOrder");
    before = number;
    const found = byNumber.get(number);
    if (found === undefined || quotedEtag(part.ETag ?? "") !== found.etag) {
      throw invalidPart(number);
    }
    const given = checksum && (part as Record<string, unknown>)[`Checksum${checksum.algorithm}`];
    if (typeof given === "string" && given !== found.checksum) throw invalidPart(number);
    if (found.size < partBytesMin && index < named.length - 1) {
      throw new StoreFailure("EntityTooSmall", {
        message: `Your proposed upload is smaller than the minimum allowed size: part ${number} has ${found.size} bytes`,
        members: {
          ProposedSize: String(found.size),
          MinSizeAllowed: String(partBytesMin),
          PartNumber: String(number),
          ETag: found.etag,
        },
      });
    }
    return found;
  });
}

function invalidPart(number: number | undefined): StoreFailure {
  return new StoreFailure("InvalidPart", {
    message: `One or more of the specified parts could not be found, or has another ETag or checksum${number === undefined ? "" : `: part ${number}`}`,
    members: number === undefined ? undefined : { PartNumber: String(number) },
  });
}

function recordOf(upload: UploadRecord, parts: readonly PartRecord[]): ObjectRecord {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(etag.slice(1, -1), "hex"));
  const checksum = upload.checksum && completeChecksum(upload.checksum, parts);
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `"${md5.digest("hex")}-${parts.length}"`,
    modified: Date.now(),
    details: {
      ...upload.details,
      ...(checksum && { checksum }),
      parts: parts.map(({ number, size, checksum: value }) => ({
        number,
        size,
        ...(value !== undefined && { checksum: value }),
      })),
    },
    tags: upload.tags,
  };
}

/** What the caller says of the whole object must be so. */
function checkWhole(
  { size, details }: ObjectRecord,
  input: Input,
  wantedSize: number | bigint | null | undefined,
  maxBytes: number,
): void {
  if (size > maxBytes) {
    throw new StoreFailure("EntityTooLarge", {
      message: `The object has ${size} bytes, and may have ${maxBytes}`,
      members: { ProposedSize: String(size), MaxSizeAllowed: String(maxBytes) },
    });
  }
  if (wantedSize !== undefined && wantedSize !== null && Number(wantedSize) !== size) {
    throw new StoreFailure("InvalidRequest", {
      message: `The provided 'x-amz-mp-object-size' header value ${wantedSize} does not match the object's size ${size}`,
    });
  }
  const { checksum } = details;
  const asked = askedChecksum({ ...input, ChecksumAlgorithm: undefined });
  if (asked?.expected === undefined || asked.algorithm !== checksum?.algorithm) return;
  if (asked.expected !== checksum.value && !checksum.value.startsWith(`${asked.expected}-`)) {
    throw new StoreFailure("BadDigest", {
      message: `The ${asked.algorithm} you specified did not match the calculated checksum`,
    });
  }
}
