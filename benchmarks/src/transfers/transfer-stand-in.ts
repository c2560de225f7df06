// A stand-in for S3 that takes objects of any size in parts and gives them by ranges; it verifies no
// signature, but that as many bytes come as the name of an object says. A process of its own.
// Arguments: paths of a certificate and its key, or none. It writes its ports as a line of JSON.
import { readFileSync } from "node:fs";
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { bytesOf } from "../../aws-clients/operations.mjs";

const block: Buffer = bytesOf(1_048_576);
const etag = '"0cc175b9c0f1b6a831c399e269772661"';
/** Bytes of each part, by upload. */
const uploads = new Map<string, Map<string, number>>();
let uploadsMade = 0;

function handle(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stand-in");
  const wanted = Number(/-(\d+)$/.exec(pathname)?.[1] ?? 0);
  if (request.method === "GET" || request.method === "HEAD") {
    give(request, response, wanted);
    return;
  }
  let received = 0;
  request.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  request.on("end", () => {
    const bytes = Number(request.headers["x-amz-decoded-content-length"] ?? received);
    take(request.method ?? "", searchParams, { bytes, wanted }, response);
  });
}

function take(
  method: string,
  query: URLSearchParams,
  { bytes, wanted }: { readonly bytes: number; readonly wanted: number },
  response: ServerResponse,
): void {
  const id = query.get("uploadId");
  if (method === "POST" && query.has("uploads")) {
    uploadsMade += 1;
    uploads.set(String(uploadsMade), new Map());
    const text = `<Bucket>b</Bucket><Key>k</Key><UploadId>${uploadsMade}</UploadId>`;
    answer(response, 200, `<InitiateMultipartUploadResult>${text}</InitiateMultipartUploadResult>`);
    return;
  }
  if (method === "PUT" && id !== null) {
    uploads.get(id)?.set(query.get("partNumber") ?? "", bytes);
    answer(response, 200, "");
    return;
  }
  const parts = id === null ? undefined : uploads.get(id);
  if (id !== null) uploads.delete(id);
  if (method === "DELETE") {
    answer(response, 204, "");
    return;
  }
  const total = parts === undefined ? bytes : sum(parts);
  if (total !== wanted) {
    answer(response, 400, `<Error><Code>IncompleteBody</Code><Message>${total}</Message></Error>`);
    return;
  }
  const text = `<Bucket>b</Bucket><Key>k</Key><ETag>${etag}</ETag>`;
  const done = `<CompleteMultipartUploadResult>${text}</CompleteMultipartUploadResult>`;
  answer(response, 200, parts === undefined ? "" : done);
}

function sum(parts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const bytes of parts.values()) total += bytes;
  return total;
}

function answer(response: ServerResponse, status: number, text: string): void {
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(text) };
  response.writeHead(status, { etag, "x-amz-request-id": "4442587FB7D0A2F9", ...length });
  response.end(text);
}

function give(request: IncomingMessage, response: ServerResponse, total: number): void {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(match?.[1] ?? 0);
  const end = Math.min(total, match?.[2] ? Number(match[2]) + 1 : total);
  const headers: Record<string, string | number> = {
    etag,
    "accept-ranges": "bytes",
    "last-modified": "Fri, 20 Nov 2026 12:00:00 GMT",
    "content-type": "application/octet-stream",
    "content-length": end - start,
  };
  if (match !== null) headers["content-range"] = `bytes ${start}-${end - 1}/${total}`;
  response.writeHead(match === null ? 200 : 206, headers);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  let at = start;
  const write = (): void => {
    while (at < end) {
      const from = at % block.length;
      const piece = block.subarray(from, Math.min(block.length, from + end - at));
      at += piece.length;
      if (!response.write(piece)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
}

const [certPath, keyPath] = process.argv.slice(2);
const plain = createPlainServer(handle).listen(0, "127.0.0.1", () => {
  if (certPath === undefined || keyPath === undefined) {
    announce();
    return;
  }
  const options = { cert: readFileSync(certPath), key: readFileSync(keyPath) };
  const secure = createTlsServer(options, handle).listen(0, "127.0.0.1", () =>
    announce((secure.address() as AddressInfo).port),
  );
});

function announce(https?: number): void {
  const { port: http } = plain.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ http, https })}\n`);
}
// Who started it has gone.
process.stdin.on("end", () => process.exit(0)).resume();
