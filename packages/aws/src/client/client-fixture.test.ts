import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { HttpRequest, Origin, Transport } from "../transport/transport.ts";
import type { ClientOptions, SessionOptions } from "./options.ts";
import { Session } from "./session.ts";

/** A request that has fully arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without its framing. */
  readonly body: Buffer;
  /** Which connection brought it, from 0. */
  readonly connection: number;
  /** Which request it is, from 0. */
  readonly index: number;
  /** Which request of its connection it is, from 0. */
  readonly turn: number;
}

/** What a server does with a request: bytes it sends, or anything else with the socket. */
export type Reply = string | Buffer | ((socket: Socket) => void);

/** A server of bytes, and what it has seen. */
export interface Fixture extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Requests in the order of their arrival. */
  readonly requests: Received[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections that there were. */
  readonly accepted: number;
  /** Most connections at once. */
  readonly mostOpen: number;
  /** A session whose clients talk to it. */
  session(options?: SessionOptions): Session;
  /** Resolves when that many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves when the other side has closed all connections. */
  closed(): Promise<void>;
}

/** Keys that sign, and mean nothing. */
export const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

/** Options that no machine's files or variables change, and with retries that come at once. */
export const quiet: SessionOptions & ClientOptions = {
  region: "us-east-1",
  credentials: keys,
  environment: {},
  configFile: "/nonexistent/config",
  credentialsFile: "/nonexistent/credentials",
  retry: { baseDelay: 1, maxDelay: 1 },
};

/** Resets a connection. */
export const reset = (socket: Socket): void => void socket.resetAndDestroy();
/** Ends a connection without an answer. */
export const hangUp = (socket: Socket): void => void socket.end();
/** Never answers. */
export const silence = (): void => {};

/** Sends bytes, and leaves the connection open. */
export function sends(bytes: string | Buffer): (socket: Socket) => void {
  return (socket) => void socket.write(bytes);
}

/** Sends bytes and ends the connection. */
export function sendsAndEnds(bytes: string): (socket: Socket) => void {
  return (socket) => void socket.end(bytes);
}

/** Sends bytes and resets the connection. */
export function sendsAndResets(bytes: string): (socket: Socket) => void {
  return (socket) => void socket.write(bytes, () => void socket.resetAndDestroy());
}

/** A response with a body of known length. */
export function response(
  status: number,
  body: string | Buffer = "",
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ "content-length": String(bytes.length), ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines}\r\n`, "latin1"), bytes]);
}

/** A response with a JSON document. */
export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const type = { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "id-1" };
  return response(status, JSON.stringify(value), { ...type, ...headers });
}

/** An error of a service with JSON documents. */
export function failure(code: string, status: number, headers?: Record<string, string>): Buffer {
  return json({ __type: `com.amazonaws#${code}`, message: `${code} happened` }, status, headers);
}

/** A transport that answers each request with an empty document. */
export function answers(
  onRequest: (origin: Origin, request: HttpRequest) => void = () => {},
  text = "{}",
): Transport {
  return {
    send(origin, request, handler) {
      onRequest(origin, request);
      queueMicrotask(() => {
        handler.onHead(200, [], text.length);
        handler.onData(Buffer.from(text));
        handler.onEnd(undefined);
      });
      return { pause() {}, resume() {}, abort() {}, queuedMs: 0 };
    },
    counts: () => ({ open: 0, idle: 0, inUse: 0, queued: 0 }),
    close() {},
  };
}

/** The error with which a call ends. */
export function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("the call succeeded"),
    (error: unknown) => error,
  );
}

/** Starts a server that answers each request with what `reply` gives. */
export async function startServer(reply: (received: Received) => Reply): Promise<Fixture> {
  const requests: Received[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((check) => check());
  let accepted = 0;
  let mostOpen = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = accepted++;
    let turn = 0;
    sockets.add(socket);
    mostOpen = Math.max(mostOpen, sockets.size);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      wake();
    });
    readRequests(socket, (request) => {
      const received = { ...request, connection, index: requests.length, turn: turn++ };
      requests.push(received);
      wake();
      const answer = reply(received);
      if (typeof answer === "function") answer(socket);
      else socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const url = `http://127.0.0.1:${port}`;
  return {
    port,
    url,
    requests,
    sockets,
    get accepted() {
      return accepted;
    },
    get mostOpen() {
      return mostOpen;
    },
    session: (options = {}) => new Session({ ...quiet, endpoint: url, ...options }),
    arrived: (count) => until(() => requests.length >= count),
    closed: () => until(() => sockets.size === 0),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

type Parsed = Omit<Received, "connection" | "index" | "turn">;

/** Calls back with each request that a socket brings, when all of it is there. */
function readRequests(socket: Socket, callback: (request: Parsed) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    for (;;) {
      const parsed = parseRequest(bytes);
      if (parsed === undefined) return;
      bytes = bytes.subarray(parsed.size);
      callback(parsed.request);
    }
  });
}

function parseRequest(bytes: Buffer): { request: Parsed; size: number } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((each) => {
      const colon = each.indexOf(":");
      return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()];
    }),
  );
  const [method = "", path = ""] = line.split(" ");
  const start = end + 4;
  if (headers["transfer-encoding"] === "chunked") {
    const last = bytes.indexOf("0\r\n\r\n", start);
    if (last < 0) return undefined;
    const body = unchunked(bytes.subarray(start, last));
    return { request: { method, path, headers, body }, size: last + 5 };
  }
  const size = start + Number(headers["content-length"] ?? 0);
  if (bytes.length < size) return undefined;
  return { request: { method, path, headers, body: bytes.subarray(start, size) }, size };
}

function unchunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}
