import type { GetObjectAttributesRequest } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { refuseUnsupported, refuseVersion } from "../object-members.ts";
import type { ObjectRecord } from "../object-storage.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey } from "../store-names.ts";
import { found } from "./get-object.ts";
import { limitOf } from "./list-objects.ts";

const known: ReadonlySet<string> = new Set([
  "ETag",
  "Checksum",
  "ObjectParts",
  "StorageClass",
  "ObjectSize",
]);

/** Says of an object what the input asks for. */
export async function getObjectAttributes({ storage }: StoreCall, input: Input): Promise<Output> {
  const { Bucket, Key, VersionId, ObjectAttributes, MaxParts, PartNumberMarker } =
    input as unknown as GetObjectAttributesRequest;
  checkBucket(Bucket);
  checkKey(Key);
  refuseUnsupported(input, storage.url);
  refuseVersion(VersionId);
  for (const name of ObjectAttributes) {
    if (known.has(name)) continue;
    throw new StoreFailure("InvalidArgument", {
      message: `Invalid attribute name specified: "${name}"`,
    });
  }
  const wanted = new Set<string>(ObjectAttributes);
  const options = { body: "none", streamAbove: 0 } as const;
  const { record } = found(await storage.read(Bucket, Key, options), Bucket, Key);
  const { etag, modified, size, details } = record;
  const output: Output = {};
  if (modified !== undefined) output["LastModified"] = new Date(modified);
  // The one place where S3 gives it without quotes.
  if (wanted.has("ETag") && etag !== undefined) output["ETag"] = etag.replaceAll('"', "");
  if (wanted.has("ObjectSize")) output["ObjectSize"] = size;
  if (wanted.has("StorageClass")) output["StorageClass"] = details.storageClass ?? "STANDARD";
  const { checksum } = details;
  if (wanted.has("Checksum") && checksum !== undefined) {
    output["Checksum"] = {
      [`Checksum${checksum.algorithm}`]: checksum.value,
      ChecksumType: checksum.type,
    };
  }
  if (wanted.has("ObjectParts") && details.parts !== undefined) {
    const after = PartNumberMarker ?? 0;
    output["ObjectParts"] = partsOf(record, limitOf("max-parts", MaxParts), after);
  }
  return output;
}

function partsOf({ details }: ObjectRecord, limit: number, after: number): Output {
  const { parts = [], checksum } = details;
  const rest = parts.filter(({ number }) => number > after);
  const page = rest.slice(0, limit);
  const isTruncated = limit > 0 && rest.length > page.length;
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: after,
    ...(isTruncated && { NextPartNumberMarker: page.at(-1)?.number ?? after }),
    MaxParts: limit,
    IsTruncated: isTruncated,
    // S3 lists parts only where they have checksums of their own.
    ...(checksum !== undefined && {
      Parts: page.map((part) => ({
        PartNumber: part.number,
        Size: part.size,
        ...(part.checksum !== undefined && { [`Checksum${checksum.algorithm}`]: part.checksum }),
      })),
    }),
  };
}
