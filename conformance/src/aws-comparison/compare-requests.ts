import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { comparedCbor } from "./compared-cbor.ts";
import { comparedXml } from "./compared-xml.ts";
import { headerDifferences, headersOfS3, queryDifferences } from "./differences.ts";
import type { RecordedRequest } from "./recording-server.ts";

/** A request in the form in which two are compared. */
export interface ComparedRequest {
  readonly method: string;
  readonly path: string;
  /** Pairs, decoded by neither client, in order of their names: their order has no meaning. */
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Leaves out what the list of differences names, and puts into order what has none. */
export function comparedRequest(
  { method, target, rawHeaders, body }: RecordedRequest,
  service: string,
): ComparedRequest {
  const mark = target.indexOf("?");
  const path = samePath(mark === -1 ? target : target.slice(0, mark));
  const query = mark === -1 ? [] : target.slice(mark + 1).split("&");
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (Object.hasOwn(headerDifferences, name)) continue;
    if (service !== "s3" && Object.hasOwn(headersOfS3, name)) continue;
    const value = rawHeaders[at + 1] ?? "";
    if (value === crc32Of(body)) headers[name] = "the CRC-32 of the body";
    else headers[name] = value === sha256Of(body) ? "the SHA-256 of the body" : value;
  }
  return {
    method,
    path,
    query: query
      .filter((pair) => !Object.hasOwn(queryDifferences, pair.split("=")[0] ?? ""))
      // A name without a value and one with an empty value are the same parameter.
      .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
      .toSorted(),
    headers: Object.fromEntries(Object.entries(headers).toSorted(byName)),
    body: comparedBody(body, headers["content-type"] ?? ""),
  };
}

/** The slash after a bucket: botocore sends none, and it is the same resource. */
function samePath(path: string): string {
  return path.length > 1 && path.indexOf("/", 1) === path.length - 1 ? path.slice(0, -1) : path;
}

function sha256Of(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/** The order of elements may differ, and the checksum with it: each must be that of its own body. */
function crc32Of(body: Buffer): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return checksum.toString("base64");
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

/** JSON as its value with sorted keys, forms with sorted pairs, CBOR as text, XML with sorted attributes; else as it is. */
function comparedBody(body: Buffer, contentType: string): string {
  if (contentType.includes("json") && body.length > 0) {
    try {
      return JSON.stringify(JSON.parse(body.toString()), sortKeys);
    } catch {
      return body.toString("latin1");
    }
  }
  if (contentType.includes("cbor")) return comparedCbor(body);
  if (contentType.includes("form-urlencoded")) {
    return body.toString("latin1").split("&").toSorted().join("&");
  }
  return contentType.includes("xml")
    ? comparedXml(body.toString("latin1"))
    : body.toString("latin1");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    ),
  );
}
