import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { crc32 } from "node:zlib";
import type { CommandIo } from "../cli/command-io.ts";

/** A writable stream that keeps what it gets, as a terminal or not. */
export class MemoryOutput extends Writable {
  readonly isTTY: boolean;
  readonly chunks: Uint8Array[] = [];

  constructor({ isTTY = false }: { readonly isTTY?: boolean } = {}) {
    super();
    this.isTTY = isTTY;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

/** The streams and the signal of a command, all in memory. */
export interface MemoryIo extends CommandIo {
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
  readonly controller: AbortController;
}

export interface MemoryIoOptions {
  /** What is piped in. Default: standard input is a terminal. */
  readonly input?: string | Readable;
  /** Whether the outputs are terminals. Default: false. */
  readonly isTTY?: boolean;
}

export function memoryIo({ input, isTTY = false }: MemoryIoOptions = {}): MemoryIo {
  const controller = new AbortController();
  const stream = input instanceof Readable ? input : Readable.from([Buffer.from(input ?? "")]);
  return {
    stdin: input === undefined ? Object.assign(stream, { isTTY: true }) : stream,
    stdout: new MemoryOutput({ isTTY }),
    stderr: new MemoryOutput({ isTTY }),
    signal: controller.signal,
    controller,
  };
}

/** One request that an endpoint got. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface Endpoint {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** Starts an HTTP server on loopback that answers with `respond`; it ends with the test. */
export async function startEndpoint(
  t: TestContext,
  respond: (request: SeenRequest, response: ServerResponse) => void,
): Promise<Endpoint> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Uint8Array[] = [];
    incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      respond(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** A loopback port that nothing listens on: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** One message of an event stream, as `InvokeWithResponseStream` sends it (spec invoke-api §5). */
export function eventMessage(
  headers: Readonly<Record<string, string>>,
  payload: string,
): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(value));
    parts.push(Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length);
    parts.push(Buffer.from(value));
  }
  const head = Buffer.concat(parts);
  const body = Buffer.from(payload);
  const message = Buffer.alloc(16 + head.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}
