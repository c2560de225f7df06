import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import {
  type Fixture,
  type Received,
  type Reply,
  response,
  startServer,
} from "../client/client-fixture.test.ts";

/** An object of a stand-in for S3 that knows ranges and conditions. */
export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes that tell where they are. */
export function patterned(length: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >>> 8) * 7 + seed) & 0xff;
  return bytes;
}

/** An object with an ETag of its bytes. */
export function objectOf(
  bytes: Buffer,
  headers: Readonly<Record<string, string>> = {},
): StoredObject {
  return { bytes, etag: `"${createHash("md5").update(bytes).digest("hex")}"`, headers };
}

/** The range that a request asks for; `undefined`: all. */
export function rangeOf(
  { headers }: Received,
  { bytes }: StoredObject,
): { readonly start: number; readonly end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers["range"] ?? "");
  if (match === null) return undefined;
  const last = bytes.length - 1;
  if (match[1] === "") return { start: bytes.length - Number(match[2]), end: last };
  return { start: Number(match[1]), end: Math.min(last, Number(match[2] || last)) };
}

/** What S3 answers. */
export function answer(received: Received, object: StoredObject): Buffer {
  const { bytes, etag } = object;
  const headers = { etag, "accept-ranges": "bytes", ...object.headers };
  const condition = received.headers["if-match"];
  if (condition !== undefined && condition !== etag) {
    return errorAnswer(412, "PreconditionFailed", "At least one condition did not hold");
  }
  const range = rangeOf(received, object);
  if (range === undefined) return response(200, bytes, headers);
  const { start, end } = range;
  if (start > end) return errorAnswer(416, "InvalidRange", "The range cannot be satisfied");
  const contentRange = `bytes ${start}-${end}/${bytes.length}`;
  return response(206, bytes.subarray(start, end + 1), {
    ...headers,
    "content-range": contentRange,
  });
}

/** An error document of S3's. */
export function errorAnswer(status: number, code: string, message: string): Buffer {
  return response(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`, {
    "content-type": "application/xml",
  });
}

/** Sends an answer's head and that many bytes of its body, then does something else. */
export function cut(
  whole: Buffer,
  bodyBytes: number,
  then: (socket: Socket) => void = (socket) => void socket.destroy(),
): Reply {
  const start = whole.indexOf("\r\n\r\n") + 4;
  return (socket) => {
    socket.write(whole.subarray(0, start + bodyBytes), () => then(socket));
  };
}

/** Starts a stand-in with one object; `fault` may answer in its place. */
export function startObjectServer(
  object: StoredObject | (() => StoredObject),
  fault: (received: Received, whole: Buffer) => Reply | undefined = () => undefined,
): Promise<Fixture> {
  return startServer((received) => {
    const current = typeof object === "function" ? object() : object;
    const whole = answer(received, current);
    return fault(received, whole) ?? whole;
  });
}
