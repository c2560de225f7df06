import type { CallByName } from "../client/call-by-name.ts";
import { ServiceError } from "../client/errors.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { CopySource } from "../rules/copy-source.ts";
import { sourceInput } from "./copy-source.ts";
import { checksumMembers } from "../checksum/checksum-members.ts";
import { picked, uploadInputs, type UploadInputs } from "./upload-members.ts";

/** What CopyObject takes over from the source, unless `MetadataDirective` is `REPLACE`. */
const metadataMembers = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
  "Expires",
  "Metadata",
];

/** Members about the source, for each part. */
const sourceMembers = [
  "CopySource",
  "CopySourceIfMatch",
  "CopySourceIfModifiedSince",
  "CopySourceIfNoneMatch",
  "CopySourceIfUnmodifiedSince",
  "CopySourceSSECustomerAlgorithm",
  "CopySourceSSECustomerKey",
  "CopySourceSSECustomerKeyMD5",
  "ExpectedSourceBucketOwner",
];

const directiveMembers = ["MetadataDirective", "TaggingDirective", "AnnotationDirective"];

/** Checksums that parts can only have of themselves, so that the object has one of theirs. */
const compositeOnly: ReadonlySet<string> = new Set(["SHA1", "SHA256"]);

/** Codes of servers that know no tags. */
const noTagsCodes: ReadonlySet<string> = new Set([
  "NoSuchTagSet",
  "NotImplemented",
  "MethodNotAllowed",
]);

/** The members with which the source is asked about. */
export function headInput(source: CopySource, params: Input): Input {
  return {
    ...sourceInput(source, params),
    SSECustomerAlgorithm: params["CopySourceSSECustomerAlgorithm"],
    SSECustomerKey: params["CopySourceSSECustomerKey"],
    SSECustomerKeyMD5: params["CopySourceSSECustomerKeyMD5"],
  };
}

/**
 * The inputs of a copy in parts that does what CopyObject does with the same input: metadata and
 * tags are the source's, or the input's where its directives say so. Each part is of the object that
 * was found, or fails.
 *
 * @param head the output of HeadObject.
 */
export async function copyInputs(
  call: CallByName,
  params: Input,
  source: CopySource,
  head: Output,
  signal: AbortSignal,
): Promise<UploadInputs> {
  const own: Output = { ...params };
  for (const name of [...sourceMembers, ...directiveMembers]) delete own[name];
  if (params["MetadataDirective"] !== "REPLACE") {
    for (const name of metadataMembers) delete own[name];
    Object.assign(own, picked(head, metadataMembers));
  }
  if (params["TaggingDirective"] !== "REPLACE") {
    delete own["Tagging"];
    const tags = await tagsOf(call, source, params, signal);
    if (tags !== "") own["Tagging"] = tags;
  }
  const type = own["ChecksumAlgorithm"] === undefined ? keepChecksum(own, head) : undefined;
  const inputs = uploadInputs(own, false);
  // UploadPartCopy takes none: the service computes what was announced.
  const { ChecksumAlgorithm: _, ...part } = inputs.part;
  const create = type === undefined ? inputs.create : { ...inputs.create, ChecksumType: type };
  const condition = params["CopySourceIfMatch"] ?? head["ETag"];
  return {
    ...inputs,
    create,
    part: { ...part, ...picked(params, sourceMembers), CopySourceIfMatch: condition },
  };
}

/** The copy gets a checksum of the source's kind, where the service has told it. */
function keepChecksum(own: Output, head: Output): string | undefined {
  const found = checksumMembers.find((name) => typeof head[name] === "string");
  if (found === undefined) return undefined;
  const algorithm = found.slice("Checksum".length);
  own["ChecksumAlgorithm"] = algorithm;
  if (compositeOnly.has(algorithm)) return "COMPOSITE";
  return head["ChecksumType"] as string | undefined;
}

/** The source's tags as PutObject takes them. */
async function tagsOf(
  call: CallByName,
  source: CopySource,
  params: Input,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { TagSet } = await call("GetObjectTagging", sourceInput(source, params), { signal });
    return ((TagSet ?? []) as readonly { readonly Key: string; readonly Value: string }[])
      .map(({ Key, Value }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`)
      .join("&");
  } catch (error) {
    if (error instanceof ServiceError && noTagsCodes.has(error.code)) return "";
    throw error;
  }
}
