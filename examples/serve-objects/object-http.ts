import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { ServiceClients } from "@lambdad/aws";

/** What GetObject and HeadObject say of an object. */
type ObjectOutput = Awaited<ReturnType<ServiceClients["s3"]["headObject"]>>;

/** Members of a request for an object. */
interface ObjectRequest {
  readonly Range?: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

/** What a browser says of the object that it wants: which part, and what it has already. */
export function objectRequest(headers: IncomingHttpHeaders): ObjectRequest {
  const since = dateOf(headers["if-modified-since"]);
  const unmodified = dateOf(headers["if-unmodified-since"]);
  // A range of an object that has changed since would not fit what the browser has: it gets the whole.
  const range = headers["if-range"] === undefined ? headers.range : undefined;
  return {
    ...(range !== undefined && { Range: range }),
    ...(headers["if-match"] !== undefined && { IfMatch: headers["if-match"] }),
    ...(headers["if-none-match"] !== undefined && { IfNoneMatch: headers["if-none-match"] }),
    ...(since !== undefined && { IfModifiedSince: since }),
    ...(unmodified !== undefined && { IfUnmodifiedSince: unmodified }),
  };
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Status and headers of the response that an object is. */
export function objectResponse(
  object: ObjectOutput,
  key: string,
  isDownload: boolean,
): [status: number, headers: OutgoingHttpHeaders] {
  const headers: OutgoingHttpHeaders = {
    "content-type": object.ContentType ?? "application/octet-stream",
    "content-length": object.ContentLength,
    "content-range": object.ContentRange,
    "content-encoding": object.ContentEncoding,
    "cache-control": object.CacheControl ?? "no-cache",
    etag: object.ETag,
    "last-modified": object.LastModified?.toUTCString(),
    "accept-ranges": "bytes",
    "content-disposition": isDownload ? attachment(key) : object.ContentDisposition,
    // What somebody uploaded is not run as a page of this site's.
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox",
  };
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return [object.ContentRange === undefined ? 200 : 206, Object.fromEntries(present)];
}

/** The name under which a browser stores a file: for old ones in ASCII, for others as it is. RFC 6266. */
export function attachment(key: string): string {
  const name = key.split("/").findLast((part) => part !== "") ?? "object";
  const plain = name.replaceAll(/[^\w !#$&+.^`|~()-]/g, "_");
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
