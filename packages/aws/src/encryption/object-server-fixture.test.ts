import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";
import type { TestContext } from "node:test";
import type { S3Client } from "../../types/s3.d.ts";
import { Session } from "../client/session.ts";

/** An object as the server has it: what a store can see, and change. */
export interface StoredObject {
  body: Buffer;
  metadata: Record<string, string>;
}

/** A server that keeps objects in memory, open to anybody's hands. */
export interface ObjectServer {
  readonly s3: S3Client;
  readonly objects: Map<string, StoredObject>;
  /** Bodies of all PUT requests that arrived whole. */
  readonly received: Buffer[];
  /** So many PUT requests are answered with 500, when their body has come. */
  failing: number;
}

/** Starts the server; it ends with the test. */
export async function objectServer(t: TestContext): Promise<ObjectServer> {
  const objects = new Map<string, StoredObject>();
  const received: Buffer[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, state);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const session = new Session({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    environment: {},
    configFile: "/nonexistent/config",
    credentialsFile: "/nonexistent/credentials",
    retry: { baseDelay: 1, maxDelay: 1 },
  });
  t.after(async () => {
    await session.close();
    server.close();
    server.closeAllConnections();
  });
  const state: ObjectServer = { s3: session.client("s3"), objects, received, failing: 0 };
  return state;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: ObjectServer,
): Promise<void> {
  const key = decodeURIComponent(request.url ?? "").replace(/^\/[^/]*\//, "");
  if (request.method === "PUT") {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    state.received.push(body);
    if (state.failing > 0) {
      state.failing -= 1;
      response.writeHead(500).end();
      return;
    }
    const names = Object.entries(request.headers).filter(([name]) =>
      name.startsWith("x-amz-meta-"),
    );
    const metadata = names.map(([name, value]) => [name.slice(11), String(value)] as const);
    state.objects.set(key, { body, metadata: Object.fromEntries(metadata) });
    response.writeHead(200, { etag: '"1"' }).end();
    return;
  }
  const object = state.objects.get(key);
  if (object === undefined) {
    response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    return;
  }
  give(request, response, object);
}

function give(
  request: IncomingMessage,
  response: ServerResponse,
  { body, metadata }: StoredObject,
): void {
  const headers: Record<string, string> = { etag: '"1"', "content-type": "text/x-test" };
  for (const [name, value] of Object.entries(metadata)) headers[`x-amz-meta-${name}`] = value;
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  let [start, end, status] = [0, body.length, 200];
  if (match !== null) {
    const [, from = "", to = ""] = match;
    start = from === "" ? Math.max(0, body.length - Number(to)) : Number(from);
    end = from === "" || to === "" ? body.length : Math.min(body.length, Number(to) + 1);
    status = start >= body.length ? 416 : 206;
    headers["content-range"] = `bytes ${start}-${end - 1}/${body.length}`;
  }
  const part = status === 416 ? Buffer.alloc(0) : body.subarray(start, end);
  headers["content-length"] = String(part.length);
  response.writeHead(status, headers);
  if (request.method === "HEAD") response.end();
  else if (part.length <= 1_048_576) response.end(part);
  // Readers that leave are part of the tests.
  else pipeline(Readable.from(pieces(part)), response, () => {});
}

// Large bodies go at the pace of the reader.
function* pieces(part: Buffer): Generator<Buffer> {
  for (let at = 0; at < part.length; at += 65_536) yield part.subarray(at, at + 65_536);
}
