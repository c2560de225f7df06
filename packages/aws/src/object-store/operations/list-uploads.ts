import type { ListMultipartUploadsRequest, ListPartsRequest } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import type { UploadRecord } from "../object-storage.ts";
import type { StoreCall } from "../store-call.ts";
import { checkBucket, noSuchBucket, noSuchUpload } from "../store-names.ts";
import { encoderOf } from "../url-encoding.ts";
import { limitOf } from "./list-objects.ts";
import { uploadOf } from "./multipart-upload.ts";

/** Lists the parts of an upload. */
export async function listParts(call: StoreCall, input: Input): Promise<Output> {
  const { MaxParts, PartNumberMarker } = input as unknown as ListPartsRequest;
  const limit = limitOf("max-parts", MaxParts);
  const { bucket, upload } = await uploadOf(call, input);
  const listed = await call.storage.parts(bucket, upload.key, upload.id);
  if (listed === "no-upload") throw noSuchUpload(upload.id);
  const after = PartNumberMarker ?? 0;
  const rest = listed.filter(({ number }) => number > after);
  const page = rest.slice(0, limit);
  const isTruncated = limit > 0 && rest.length > page.length;
  const algorithm = upload.checksum?.algorithm;
  const output: Output = {
    Bucket: bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: isTruncated,
    StorageClass: upload.details.storageClass ?? "STANDARD",
  };
  if (page.length > 0) {
    output["Parts"] = page.map(({ number, size, etag, modified, checksum }) => ({
      PartNumber: number,
      LastModified: new Date(modified),
      ETag: etag,
      Size: size,
      ...(checksum !== undefined && algorithm && { [`Checksum${algorithm}`]: checksum }),
    }));
  }
  if (upload.checksum !== undefined) {
    output["ChecksumAlgorithm"] = algorithm;
    output["ChecksumType"] = upload.checksum.type;
  }
  return output;
}

/** Lists the uploads of a bucket that are under way, by key and then by their beginning. */
export async function listMultipartUploads(call: StoreCall, input: Input): Promise<Output> {
  const request = input as unknown as ListMultipartUploadsRequest;
  const { Bucket, Prefix, Delimiter, KeyMarker, UploadIdMarker, MaxUploads, EncodingType } =
    request;
  checkBucket(Bucket);
  const limit = limitOf("max-uploads", MaxUploads);
  const encode = encoderOf(EncodingType);
  const all = await call.storage.uploads(Bucket);
  if (all === "no-bucket") throw noSuchBucket(Bucket);
  const sorted = all.filter(({ key }) => key.startsWith(Prefix ?? "")).toSorted(byKeyAndId);
  const rest = behindMarker(sorted, KeyMarker || undefined, UploadIdMarker || undefined);
  const page = rolledUp(rest, Prefix ?? "", Delimiter ?? "", KeyMarker ?? "", limit);
  const { uploads, commonPrefixes, isTruncated } = page;
  const last = uploads.at(-1);
  const output: Output = {
    Bucket,
    KeyMarker: encode(KeyMarker ?? ""),
    UploadIdMarker: UploadIdMarker ?? "",
    Prefix: encode(Prefix ?? ""),
    MaxUploads: limit,
    IsTruncated: isTruncated,
  };
  if (Delimiter) output["Delimiter"] = encode(Delimiter);
  if (typeof EncodingType === "string") output["EncodingType"] = EncodingType;
  if (isTruncated) {
    output["NextKeyMarker"] = encode(page.last);
    output["NextUploadIdMarker"] = last?.key === page.last ? last.id : "";
  }
  if (uploads.length > 0) {
    output["Uploads"] = uploads.map(({ id, key, initiated, details, checksum }) => ({
      UploadId: id,
      Key: encode(key),
      Initiated: new Date(initiated),
      StorageClass: details.storageClass ?? "STANDARD",
      ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    }));
  }
  if (commonPrefixes.length > 0) {
    output["CommonPrefixes"] = commonPrefixes.map((each) => ({ Prefix: encode(each) }));
  }
  return output;
}

function byKeyAndId(a: UploadRecord, b: UploadRecord): number {
  return compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id);
}

/** Uploads behind a key, or behind one upload of that key, which may have ended since. */
function behindMarker(
  sorted: readonly UploadRecord[],
  key: string | undefined,
  id: string | undefined,
): readonly UploadRecord[] {
  if (key === undefined) return sorted;
  return sorted.filter((each) => {
    const order = compareUtf8(each.key, key);
    return order > 0 || (order === 0 && id !== undefined && compareUtf8(each.id, id) > 0);
  });
}

interface UploadPage {
  readonly uploads: readonly UploadRecord[];
  readonly commonPrefixes: readonly string[];
  readonly isTruncated: boolean;
  /** The last key or common prefix of the page. */
  readonly last: string;
}

function rolledUp(
  sorted: readonly UploadRecord[],
  prefix: string,
  delimiter: string,
  marker: string,
  limit: number,
): UploadPage {
  const uploads: UploadRecord[] = [];
  const commonPrefixes: string[] = [];
  let last = "";
  for (const upload of sorted) {
    const at = delimiter === "" ? -1 : upload.key.indexOf(delimiter, prefix.length);
    const common = at < 0 ? undefined : upload.key.slice(0, at + delimiter.length);
    if (common !== undefined && (common === commonPrefixes.at(-1) || common === marker)) continue;
    if (uploads.length + commonPrefixes.length === limit) {
      // A page of nothing leads nowhere.
      return { uploads, commonPrefixes, isTruncated: limit > 0, last };
    }
    if (common === undefined) uploads.push(upload);
    else commonPrefixes.push(common);
    last = common ?? upload.key;
  }
  return { uploads, commonPrefixes, isTruncated: false, last };
}
