import type { ListObjectsRequest, ListObjectsV2Request } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { type ListingPage, listPage } from "../listing.ts";
import { readToken, writeToken } from "../list-token.ts";
import type { ListedObject } from "../object-storage.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { encoderOf, type TextEncoding } from "../url-encoding.ts";
import { checkBucket } from "../store-names.ts";
import { existingBucket } from "./buckets.ts";

/** Keys of one page. Source: the Amazon S3 API Reference, ListObjectsV2. */
const keysMax = 1000;

/** Lists objects, second form: a token leads to the next page. */
export async function listObjectsV2(call: StoreCall, input: Input): Promise<Output> {
  const {
    Bucket,
    StartAfter,
    ContinuationToken,
    MaxKeys,
    Delimiter,
    Prefix,
    EncodingType,
    FetchOwner,
  } = input as unknown as ListObjectsV2Request;
  const limit = limitOf("max-keys", MaxKeys);
  const isContinued = typeof ContinuationToken === "string";
  const start = isContinued ? readToken(ContinuationToken) : { after: StartAfter || undefined };
  const page = await pageOf(call, Bucket, Prefix, Delimiter, start, limit);
  const encode = encoderOf(EncodingType);
  const output: Output = { Name: Bucket, Prefix: encode(Prefix ?? ""), MaxKeys: limit };
  addPage(output, page, {
    encode,
    delimiter: Delimiter,
    encodingType: EncodingType,
    owner: FetchOwner === true,
  });
  output["KeyCount"] = page.objects.length + page.commonPrefixes.length;
  if (isContinued) output["ContinuationToken"] = ContinuationToken;
  else if (StartAfter) output["StartAfter"] = encode(StartAfter);
  if (page.next !== undefined) output["NextContinuationToken"] = writeToken(page.next);
  return output;
}

/** Lists objects, first form: the last key leads to the next page. */
export async function listObjects(call: StoreCall, input: Input): Promise<Output> {
  const { Bucket, Marker, MaxKeys, Delimiter, Prefix, EncodingType } =
    input as unknown as ListObjectsRequest;
  const limit = limitOf("max-keys", MaxKeys);
  const start = { after: Marker || undefined };
  const page = await pageOf(call, Bucket, Prefix, Delimiter, start, limit);
  const encode = encoderOf(EncodingType);
  const output: Output = {
    Name: Bucket,
    Prefix: encode(Prefix ?? ""),
    Marker: encode(Marker ?? ""),
    MaxKeys: limit,
  };
  addPage(output, page, { encode, delimiter: Delimiter, encodingType: EncodingType, owner: true });
  // Without a delimiter the last key of the page says it. Source: the API Reference, NextMarker.
  if (page.next !== undefined && Delimiter) {
    output["NextMarker"] = encode(page.next.past ?? page.next.after ?? "");
  }
  return output;
}

/** A limit of a page. @throws StoreFailure `InvalidArgument` */
export function limitOf(name: string, wanted: number | null | undefined): number {
  if (wanted === undefined || wanted === null) return keysMax;
  if (Number.isInteger(wanted) && wanted >= 0 && wanted < 2 ** 31) return Math.min(wanted, keysMax);
  throw new StoreFailure("InvalidArgument", {
    message: `Argument ${name} must be an integer between 0 and 2147483647`,
    members: { ArgumentName: name, ArgumentValue: String(wanted) },
  });
}

async function pageOf(
  call: StoreCall,
  bucket: string,
  prefix: string | undefined,
  delimiter: string | undefined,
  start: { readonly after?: string | undefined; readonly past?: string | undefined },
  limit: number,
): Promise<ListingPage> {
  checkBucket(bucket);
  if (limit === 0) {
    await existingBucket(call, bucket);
    return { objects: [], commonPrefixes: [], next: undefined };
  }
  return listPage(call.storage, bucket, {
    prefix: prefix ?? "",
    delimiter: delimiter ?? "",
    start,
    limit,
  });
}

/** Everything in a store belongs to whoever has the store. */
const ownerOfAll = { ID: "owner", DisplayName: "owner" } as const;

/** How a page is shown. */
interface PageForm {
  readonly encode: TextEncoding;
  readonly delimiter: string | undefined;
  readonly encodingType: string | undefined;
  readonly owner: boolean;
}

function addPage(
  output: Output,
  { objects, commonPrefixes, next }: ListingPage,
  { encode, delimiter, encodingType, owner }: PageForm,
): void {
  if (delimiter) output["Delimiter"] = encode(delimiter);
  if (typeof encodingType === "string") output["EncodingType"] = encodingType;
  output["IsTruncated"] = next !== undefined;
  if (objects.length > 0) {
    output["Contents"] = objects.map((each) => contentOf(each, encode, owner));
  }
  if (commonPrefixes.length > 0) {
    output["CommonPrefixes"] = commonPrefixes.map((each) => ({ Prefix: encode(each) }));
  }
}

function contentOf(object: ListedObject, encode: TextEncoding, withOwner: boolean): Output {
  const { key, size, etag, modified, storageClass = "STANDARD", checksum } = object;
  const content: Output = { Key: encode(key), Size: size, StorageClass: storageClass };
  if (etag !== undefined) content["ETag"] = etag;
  if (modified !== undefined) content["LastModified"] = new Date(modified);
  if (withOwner) content["Owner"] = { ...ownerOfAll };
  if (checksum !== undefined) {
    content["ChecksumAlgorithm"] = [checksum.algorithm];
    content["ChecksumType"] = checksum.type;
  }
  return content;
}
