// Serves the objects of a bucket to browsers, and takes uploads. Objects pass through in pieces.
//
// node server.ts [--store URL | --endpoint-url URL] [--bucket NAME]
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Session } from "@lambdad/aws";
import { objectRequest, objectResponse } from "./object-http.ts";
import { statusOf } from "./status-of.ts";

const { values } = parseArgs({
  options: {
    // A folder, `redis://…`, or with --endpoint-url an S3 server.
    store: { type: "string", default: pathToFileURL(resolve("objects")).href },
    "endpoint-url": { type: "string" },
    bucket: { type: "string", default: "public" },
  },
});
const Bucket = values.bucket;
const session = new Session({
  endpoint: values["endpoint-url"] ?? values.store,
  forcePathStyle: true,
});
const s3 = session.client("s3");
await s3.createBucket({ Bucket }).catch((error: unknown) => {
  if (!(error instanceof s3.errors.BucketAlreadyOwnedByYou)) throw error;
});

/** `GET` and `HEAD`: an object or a range of it, unless the browser has it already. */
async function send(
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const input = { Bucket, Key: key, ...objectRequest(request.headers) };
  const isDownload = new URL(request.url ?? "/", "http://server").searchParams.has("download");
  if (request.method === "HEAD") {
    const object = await s3.headObject(input, { signal });
    response.writeHead(...objectResponse(object, key, isDownload)).end();
    return;
  }
  const object = await s3.getObject(input, { signal });
  response.writeHead(...objectResponse(object, key, isDownload));
  await object.Body?.pipe(response);
}

/** `PUT`: stores what comes, in parts when it is large, as fast as the store takes it. */
async function take(
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const type = request.headers["content-type"];
  const length = request.headers["content-length"];
  const { ETag = "" } = await s3.upload(
    {
      Bucket,
      Key: key,
      Body: request,
      ...(type !== undefined && { ContentType: type }),
      // A browser that goes away in the middle leaves no half object.
      ...(length !== undefined && { ContentLength: Number(length) }),
    },
    { signal, concurrency: 2 },
  );
  response.writeHead(201, { etag: ETag }).end();
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A browser that goes away ends what is done for it.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const key = decodeURIComponent(new URL(request.url ?? "/", "http://server").pathname.slice(1));
    if (key === "") sendText(response, 404, "Give the name of an object: /NAME");
    else if (request.method === "GET" || request.method === "HEAD") {
      await send(key, request, response, gone.signal);
    } else if (request.method === "PUT") await take(key, request, response, gone.signal);
    else if (request.method === "DELETE") {
      await s3.deleteObject({ Bucket, Key: key }, { signal: gone.signal });
      response.writeHead(204).end();
    } else sendText(response, 405, "GET, HEAD, PUT and DELETE are what there is");
  } catch (error) {
    fail(error, request, response);
  }
}

function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) {
    // Too late for another status: a response that breaks off is not taken for a whole one.
    response.destroy();
    return;
  }
  const [status, text, headers] = statusOf(error);
  if (status >= 500) console.error(error);
  // The rest of an upload is not read: its connection cannot serve another request.
  const isOpen = request.complete || request.method === "GET" || request.method === "HEAD";
  response.writeHead(status, { ...headers, ...(isOpen ? {} : { connection: "close" }) });
  response.end(status === 304 || request.method === "HEAD" ? undefined : `${text}\n`);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") return;
  console.log(`Listening on http://${address.address}:${address.port}`);
});

let isStopping = false;

/** Takes no new requests, finishes those that run, and only then closes the client. */
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await new Promise<void>((resolved) => {
    server.close(() => resolved());
    server.closeIdleConnections();
  });
  await session.close();
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(`Stopped; at most ${megabytes.toFixed()} MiB of memory`);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
