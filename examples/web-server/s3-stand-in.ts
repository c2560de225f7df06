import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";

interface StoredObject {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly modified: Date;
}

/** Objects by `bucket/key`; a bucket is there as soon as something is put into it. */
const objects = new Map<string, StoredObject>();

const mebibyte = 1024 * 1024;
put("files/hello.txt", Buffer.from("Hello from S3\n"), "text/plain");
put("files/large.bin", Buffer.alloc(64 * mebibyte), "application/octet-stream");

/** Objects: put, get with ranges, head, delete, upload forms; buckets: list, page after page. */
export async function answerS3(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stand-in");
  const [bucket = "", ...segments] = pathname.slice(1).split("/").map(decodeURIComponent);
  const key = segments.join("/");
  const name = `${bucket}/${key}`;
  const body = Buffer.concat(await request.toArray());
  const { method } = request;
  if (key === "" && method === "GET") {
    sendXml(response, 200, listing(bucket, searchParams));
  } else if (key === "" && method === "POST") {
    await takeForm(bucket, request.headers["content-type"] ?? "", body);
    response.writeHead(204).end();
  } else if (key === "") {
    response.writeHead(200).end();
  } else if (method === "PUT") {
    const { etag } = put(name, body, request.headers["content-type"]);
    response.writeHead(200, { etag }).end();
  } else if (method === "DELETE") {
    objects.delete(name);
    response.writeHead(204).end();
  } else {
    await sendObject(objects.get(name), key, request, response);
  }
}

function put(name: string, bytes: Buffer, type = "application/octet-stream"): StoredObject {
  const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
  const stored: StoredObject = { bytes, type, etag, modified: new Date() };
  objects.set(name, stored);
  return stored;
}

async function takeForm(bucket: string, type: string, body: Buffer): Promise<void> {
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": type },
  }).formData();
  const file = form.get("file");
  const key = form.get("key");
  if (typeof key !== "string" || file === null) {
    throw new TypeError("The form has no key or no file");
  }
  const bytes = typeof file === "string" ? Buffer.from(file) : Buffer.from(await file.bytes());
  put(`${bucket}/${key}`, bytes);
}

async function sendObject(
  stored: StoredObject | undefined,
  key: string,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (stored === undefined) {
    const message = "The specified key does not exist.";
    const error = `<Error><Code>NoSuchKey</Code><Message>${message}</Message><Key>${escapeXml(key)}</Key></Error>`;
    sendXml(response, 404, method === "HEAD" ? "" : error);
    return;
  }
  const { bytes, type, etag, modified } = stored;
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] || bytes.length - 1) + 1, bytes.length);
  response.writeHead(range === null ? 200 : 206, {
    "content-type": type,
    "content-length": end - start,
    "last-modified": modified.toUTCString(),
    etag,
    ...(range !== null && { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` }),
  });
  if (method === "HEAD") response.end();
  else await pipeline(pieces(bytes.subarray(start, end)), response);
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function listing(bucket: string, query: URLSearchParams): string {
  const prefix = `${bucket}/${query.get("prefix") ?? ""}`;
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).sort();
  const from = Number(query.get("continuation-token") ?? 0);
  const to = from + Number(query.get("max-keys") ?? 1000);
  const isUrl = query.get("encoding-type") === "url";
  const contents = names.slice(from, to).map((name) => {
    const key = name.slice(bucket.length + 1);
    const { bytes, etag, modified } = objects.get(name) as StoredObject;
    return `<Contents><Key>${isUrl ? encodeURIComponent(key) : escapeXml(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${bytes.length}</Size></Contents>`;
  });
  const isTruncated = to < names.length;
  return `<ListBucketResult><Name>${escapeXml(bucket)}</Name><KeyCount>${contents.length}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>${isUrl ? "<EncodingType>url</EncodingType>" : ""}${isTruncated ? `<NextContinuationToken>${to}</NextContinuationToken>` : ""}${contents.join("")}</ListBucketResult>`;
}

function sendXml(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(xml);
}

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
