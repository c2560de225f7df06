import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { crc32 } from "node:zlib";

/** A service whose answers follow from the requests, and that fails now and then. */
export interface EchoServer {
  readonly port: number;
  readonly requests: number;
  /** Connections that are open. */
  readonly open: number;
  /** Things that must not happen. */
  readonly violations: string[];
  close(): Promise<void>;
}

/** The bytes of an object: from its key `<id>-<size>`. */
export function objectOf(key: string): Buffer {
  const size = Number(key.split("-")[1]);
  const seed = createHash("sha256").update(key).digest();
  return Buffer.alloc(size, seed);
}

/** Starts it on loopback. @param failureRate part of the answers that are errors or harmed, 0 to 1. */
export async function startEchoServer(
  random: () => number,
  failureRate: number,
): Promise<EchoServer> {
  const violations: string[] = [];
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((request, answer) => {
    requests++;
    answer.on("error", () => {});
    void read(request).then(
      (body) => respond(request, body, answer),
      () => answer.destroy(),
    );
  });
  const respond = (request: IncomingMessage, body: Buffer, answer: ServerResponse): void => {
    const failing = random() < failureRate;
    if (failing && fail(request, answer, random())) return;
    // A harmed answer has the checksum of the right one.
    if (request.method === "PUT") put(request, body, answer, violations);
    else if (request.method === "GET") get(request, answer, failing);
    else post(body, answer, failing);
  };
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 300;
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    get open() {
      return sockets.size;
    },
    violations,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** @returns whether it has answered; else the answer is harmed in its body. */
function fail(request: IncomingMessage, answer: ServerResponse, chance: number): boolean {
  const isJson = request.method === "POST";
  const send = (status: number, code: string): void => {
    const body = isJson
      ? JSON.stringify({ __type: code, message: "it failed" })
      : `<Error><Code>${code}</Code><Message>it failed</Message></Error>`;
    answer.writeHead(status, { "content-length": body.length }).end(body);
  };
  if (chance < 0.2) send(500, "InternalError");
  else if (chance < 0.4) answer.writeHead(503).end();
  else if (chance < 0.6) send(isJson ? 400 : 503, isJson ? "ThrottlingException" : "SlowDown");
  else if (chance < 0.7) answer.destroy();
  else return false;
  return true;
}

function put(
  { url = "" }: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
  violations: string[],
): void {
  const key = url.split("/").at(-1) ?? "";
  if (!body.equals(objectOf(key))) violations.push(`Object "${key}" came with other bytes`);
  answer.writeHead(200, { etag: `"${key}"`, "content-length": 0 }).end();
}

function get({ url = "" }: IncomingMessage, answer: ServerResponse, isHarmed: boolean): void {
  const body = objectOf(url.split("/").at(-1) ?? "");
  const headers = { "x-amz-checksum-crc32": base64Crc(body), "content-length": body.length };
  if (isHarmed && body.length > 0) body.writeUInt8(body.readUInt8(0) ^ 1, 0);
  answer.writeHead(200, headers).end(body);
}

function post(body: Buffer, answer: ServerResponse, isHarmed: boolean): void {
  const { Key } = JSON.parse(body.toString()) as { Key: unknown };
  const text = JSON.stringify({ Item: Key });
  const sent = isHarmed ? text.replace(/\d/, (digit) => String(9 - Number(digit))) : text;
  answer.writeHead(200, { "x-amz-crc32": crc32(text), "content-length": text.length }).end(sent);
}

function base64Crc(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}
