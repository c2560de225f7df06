import { type ChecksumAlgorithm, isChecksumAlgorithm } from "../checksum/checksum.ts";
import type { Output } from "../protocol/protocol.ts";
import type { ObjectChecksum, ObjectDetails, ObjectRecord, Tag } from "./object-storage.ts";
import { StoreFailure } from "./store-errors.ts";

/** Text members of inputs that are kept with the object and come back in outputs. */
const keptHeaders = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
  "WebsiteRedirectLocation",
] as const;

/** What S3 calls content whose type nobody gave. */
const unknownType = "binary/octet-stream";

/** Bytes of names and values together. Source: Amazon S3 User Guide, "Working with object metadata". */
const metadataBytesMax = 2048;
const tagsMax = 10;

/** Members of an input that a store cannot honour, and must not pass over. */
const refused = [
  "SSECustomerAlgorithm",
  "SSECustomerKey",
  "CopySourceSSECustomerAlgorithm",
  "SSEKMSKeyId",
  "SSEKMSEncryptionContext",
  "ObjectLockMode",
  "ObjectLockRetainUntilDate",
  "ObjectLockLegalHoldStatus",
  "WriteOffsetBytes",
] as const;

/** @throws StoreFailure `NotImplemented` for what a store cannot do, `NoSuchVersion` for versions. */
export function refuseUnsupported(input: Readonly<Record<string, unknown>>, url: string): void {
  for (const name of refused) {
    if (input[name] !== undefined && input[name] !== null) throw unsupported(name, url);
  }
  const encryption = input["ServerSideEncryption"];
  if (typeof encryption === "string" && encryption.startsWith("aws:")) {
    throw unsupported("ServerSideEncryption", url);
  }
}

/** A version that is asked for; stores have none but the one there is. */
export function refuseVersion(version: unknown): void {
  if (version === undefined || version === null || version === "null") return;
  throw new StoreFailure("NoSuchVersion", {
    message: "The version does not exist: stores keep no versions",
    members: { VersionId: version },
  });
}

/** The error of a member that a store does not honour. */
export function unsupported(member: string, url: string): StoreFailure {
  return new StoreFailure("NotImplemented", {
    message: `The store "${url}" does not have the parameter ${member}; leave it out`,
  });
}

/** What is kept of an input beside the body. @throws StoreFailure */
export function detailsOf(input: Readonly<Record<string, unknown>>): ObjectDetails {
  let headers: Record<string, string> | undefined;
  for (const name of keptHeaders) {
    const value = input[name];
    if (typeof value === "string") (headers ??= {})[name] = value;
  }
  const expires = input["Expires"];
  if (expires instanceof Date) (headers ??= {})["Expires"] = expires.toUTCString();
  const metadata = input["Metadata"] as Readonly<Record<string, string>> | undefined | null;
  if (metadata) checkMetadata(metadata);
  const storageClass = input["StorageClass"];
  if (headers === undefined && !metadata && storageClass === undefined) return noDetails;
  return {
    ...(headers && { headers }),
    ...(metadata && { metadata: { ...metadata } }),
    ...(typeof storageClass === "string" && storageClass !== "STANDARD" && { storageClass }),
  };
}

const noDetails: ObjectDetails = Object.freeze({});

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes <= metadataBytesMax) return;
  throw new StoreFailure("MetadataTooLarge", {
    message: `The user metadata has ${bytes} bytes: S3 allows ${metadataBytesMax}`,
    members: { Size: String(bytes), MaxSizeAllowed: String(metadataBytesMax) },
  });
}

/** Adds what an object is to the output of a read. */
export function addObjectMembers(output: Output, record: ObjectRecord): void {
  const { etag, modified, details, tags } = record;
  const { headers, metadata, storageClass } = details;
  output["AcceptRanges"] = "bytes";
  if (modified !== undefined) output["LastModified"] = new Date(modified);
  if (etag !== undefined) output["ETag"] = etag;
  output["ContentType"] = unknownType;
  if (headers !== undefined) {
    for (const name of keptHeaders) if (headers[name] !== undefined) output[name] = headers[name];
    const expires = headers["Expires"];
    if (expires !== undefined) {
      output["Expires"] = new Date(expires);
      output["ExpiresString"] = expires;
    }
  }
  output["Metadata"] = { ...metadata };
  if (storageClass !== undefined) output["StorageClass"] = storageClass;
  if (tags.length > 0) output["TagCount"] = tags.length;
}

/** Adds a checksum under the member of its algorithm. */
export function addChecksum(output: Output, checksum: ObjectChecksum | undefined): void {
  if (checksum === undefined) return;
  output[`Checksum${checksum.algorithm}`] = checksum.value;
  output["ChecksumType"] = checksum.type;
}

/** A checksum that the caller gave, or asked for by its algorithm alone. */
export interface AskedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `undefined`: it is to be computed. */
  readonly expected: string | undefined;
}

/** Members of checksums that can be computed here. */
const checksumMembers: readonly (readonly [member: string, algorithm: ChecksumAlgorithm])[] = [
  ["ChecksumCRC32", "CRC32"],
  ["ChecksumCRC32C", "CRC32C"],
  ["ChecksumCRC64NVME", "CRC64NVME"],
  ["ChecksumSHA1", "SHA1"],
  ["ChecksumSHA256", "SHA256"],
  ["ChecksumSHA512", "SHA512"],
  ["ChecksumMD5", "MD5"],
];

/** The checksum of an input. @throws StoreFailure for an algorithm that is not known here, or two of them. */
export function askedChecksum(input: Readonly<Record<string, unknown>>): AskedChecksum | undefined {
  let asked: AskedChecksum | undefined;
  for (const [member, algorithm] of checksumMembers) {
    const expected = input[member];
    if (typeof expected !== "string") continue;
    if (asked !== undefined) {
      throw new StoreFailure("InvalidRequest", {
        message:
          "Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed",
      });
    }
    asked = { algorithm, expected };
  }
  if (asked !== undefined) return asked;
  const algorithm = input["ChecksumAlgorithm"];
  if (typeof algorithm !== "string") return undefined;
  if (!isChecksumAlgorithm(algorithm)) {
    throw new StoreFailure("InvalidRequest", {
      message: `The checksum algorithm "${algorithm}" is not available; give ${checksumMembers.map(([, name]) => name).join(", ")}`,
    });
  }
  return { algorithm, expected: undefined };
}

/** Tags in the form of a query: `a=1&b=2`. @throws StoreFailure `InvalidArgument`, `InvalidTag` */
export function parseTagging(text: unknown): readonly Tag[] {
  if (typeof text !== "string" || text === "") return noTags;
  const tags = [...new URLSearchParams(text)].map(([Key, Value]) => ({ Key, Value }));
  return checkTags(tags);
}

const noTags: readonly Tag[] = Object.freeze([]);

/** Source: Amazon S3 User Guide, "Categorizing your storage using tags". */
const tagForm = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws StoreFailure `InvalidTag`, `BadRequest` */
export function checkTags(tags: readonly Partial<Tag>[]): readonly Tag[] {
  if (tags.length > tagsMax) {
    throw new StoreFailure("BadRequest", {
      message: `Object tags cannot be greater than ${tagsMax}`,
    });
  }
  const keys = new Set<string>();
  return tags.map(({ Key = "", Value = "" }) => {
    const isValid = Key.length > 0 && tagForm.test(Key) && tagForm.test(Value);
    if (!isValid || Key.length > 128 || Value.length > 256 || keys.has(Key)) {
      const message = keys.has(Key)
        ? `Cannot provide multiple Tags with the same key: "${Key}"`
        : `The tag "${Key}" is not valid: its key has 1 to 128 characters, its value up to 256: letters, digits, blanks and + - = . _ : / @`;
      throw new StoreFailure("InvalidTag", { message, members: { TagKey: Key } });
    }
    keys.add(Key);
    return { Key, Value };
  });
}
