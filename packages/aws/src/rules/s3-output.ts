import type { BoundOperation } from "../client/bound-operation.ts";
import { ResponseParseError } from "../client/errors.ts";
import { headerValue } from "../client/metadata.ts";
import type { BufferedResponse, Input, Output } from "../protocol/protocol.ts";

/** Operations whose success has always a body: an empty one is a failure (§13.4, CL-7). */
const neverEmpty: ReadonlySet<string> = new Set([
  "CopyObject",
  "UploadPartCopy",
  "CompleteMultipartUpload",
]);

/** Operations whose answer has the header `Expires`. */
const expiring: ReadonlySet<string> = new Set(["GetObject", "HeadObject"]);

/** Members of listings that come URL-encoded, where the input asked for it. */
const encodedMembers = [
  "Delimiter",
  "Marker",
  "NextMarker",
  "Prefix",
  "StartAfter",
  "KeyMarker",
  "NextKeyMarker",
] as const;
/** Lists of listings whose items have encoded members. */
const encodedLists: readonly (readonly [list: string, member: string])[] = [
  ["Contents", "Key"],
  ["Versions", "Key"],
  ["DeleteMarkers", "Key"],
  ["Uploads", "Key"],
  ["CommonPrefixes", "Prefix"],
];

/** The output as users want it. @throws ResponseParseError for an answer that says nothing. */
export function s3Output(
  operation: BoundOperation,
  output: Output,
  { headers, body }: BufferedResponse,
  input: Input,
): void {
  if (body.length === 0 && neverEmpty.has(operation.name)) {
    throw new ResponseParseError(`Cannot read the answer to ${operation.name}: it is empty`, body);
  }
  if (output["EncodingType"] === "url" && input["EncodingType"] === undefined) {
    decodeListing(output);
  }
  if (operation.name === "GetBucketLocation") setLocation(output, body);
  if (expiring.has(operation.name)) setExpires(output, headerValue(headers, "expires"));
}

/** Undoes the encoding that `s3Input` asked for; the caller did not. */
function decodeListing(output: Output): void {
  delete output["EncodingType"];
  for (const name of encodedMembers) decodeMember(output, name);
  for (const [list, name] of encodedLists) {
    const items = output[list];
    if (!Array.isArray(items)) continue;
    for (const item of items) decodeMember(item as Output, name);
  }
}

function decodeMember(holder: Output, name: string): void {
  const value = holder[name];
  if (typeof value !== "string") return;
  const plus = value.includes("+") ? value.replaceAll("+", " ") : value;
  if (!plus.includes("%")) {
    if (plus !== value) holder[name] = plus;
    return;
  }
  try {
    holder[name] = decodeURIComponent(plus);
  } catch {
    // Not encoded by this server after all: it stays as it came.
  }
}

/** `Expires` is free text on the wire: a `Date` where it is one, and the text always. */
function setExpires(output: Output, text: string | undefined): void {
  if (text === undefined) return;
  output["ExpiresString"] = text;
  if (output["Expires"] === undefined) delete output["Expires"];
}

/** The answer is one element whose text is the region; us-east-1 has none. */
function setLocation(output: Output, body: Buffer): void {
  const region = /<LocationConstraint\b[^>]*>\s*([\w-]+)\s*</.exec(body.toString())?.[1];
  if (region === undefined) delete output["LocationConstraint"];
  else output["LocationConstraint"] = region;
}
