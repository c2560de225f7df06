import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Http1Connection } from "./http1-connection.ts";
import type { Exchange } from "./exchange.ts";
import type { ServerContext } from "./server-context.ts";

/** A socket without a system below it: input comes when a test feeds it, and output is kept. */
export class MemorySocket extends EventEmitter {
  readonly remoteAddress = "127.0.0.1";
  output = "";
  paused = false;
  ended = false;
  destroyed = false;
  writableNeedDrain = false;
  /** System calls that the output would have taken. */
  writes = 0;
  #corked = false;

  get writableLength(): number {
    return this.writableNeedDrain ? 1 : 0;
  }

  write(data: string | Uint8Array, encoding?: BufferEncoding): boolean {
    if (this.ended || this.destroyed) throw new Error("Cannot write: the socket has been ended");
    this.output +=
      typeof data === "string" ? Buffer.from(data, encoding).toString("latin1") : latin1(data);
    if (!this.#corked) this.writes += 1;
    return !this.writableNeedDrain;
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.writes += 1;
  }

  end(): void {
    this.ended = true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    queueMicrotask(() => this.emit("close"));
  }

  resetAndDestroy(): void {
    this.output += "<reset>";
    this.destroy();
  }

  feed(input: Buffer | string): void {
    if (this.paused) throw new Error("Cannot feed: the socket has been paused");
    if (this.destroyed) return;
    this.emit("data", typeof input === "string" ? Buffer.from(input, "latin1") : input);
  }

  /** The peer closes its side. */
  finish(): void {
    if (!this.destroyed) this.emit("end");
  }

  /** The peer has taken everything. */
  drain(): void {
    this.writableNeedDrain = false;
    this.emit("drain");
  }
}

export interface Fixture {
  readonly socket: MemorySocket;
  readonly connection: Http1Connection;
  readonly context: { -readonly [Name in keyof ServerContext]: ServerContext[Name] };
  readonly exchanges: Exchange[];
  readonly rejects: string[];
  readonly closed: () => boolean;
}

/** A connection over a {@link MemorySocket}, and what it does. Without a handler nothing is answered. */
export function connect(
  onRequest: (exchange: Exchange) => void = () => {},
  options: Partial<ServerContext> = {},
): Fixture {
  const exchanges: Exchange[] = [];
  const rejects: string[] = [];
  let closed = false;
  const context: ServerContext = {
    onRequest: (exchange) => {
      exchanges.push(exchange);
      onRequest(exchange);
    },
    onReject: (status, reason) => rejects.push(`${status} ${reason}`),
    headBytesMax: 16_384,
    headTimeoutMs: 10_000,
    bodyTimeoutMs: 30_000,
    idleTimeoutMs: 65_000,
    stallTimeoutMs: 60_000,
    pipelinedMax: 16,
    dateLine: "Date: then\r\n",
    closing: false,
    closed: () => {
      closed = true;
    },
    ...options,
  };
  const socket = new MemorySocket();
  const connection = new Http1Connection(socket as unknown as Socket, context);
  return { socket, connection, context, exchanges, rejects, closed: () => closed };
}

/** One request as a handler saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  body: string;
  trailers: readonly (readonly [string, string])[];
  /** Whether the body has come to its end, or why it never will. */
  outcome: string;
}

/** Takes every body, and answers `200` with no body when it is complete. */
export function recordingHandler(seen: SeenRequest[]): (exchange: Exchange) => void {
  return (exchange) => {
    const { method, path, query, headers } = exchange;
    const target = query === "" ? path : `${path}?${query}`;
    const request: SeenRequest = {
      method,
      target,
      headers: [...headers.entries()],
      body: "",
      trailers: [],
      outcome: "open",
    };
    seen.push(request);
    exchange.receive({
      data: (chunk) => {
        request.body += latin1(chunk);
      },
      end: (trailers) => {
        request.trailers = [...trailers.entries()];
        request.outcome = "complete";
        exchange.reply(200, "");
      },
      aborted: () => {
        request.outcome = "aborted";
      },
    });
  };
}

/** Feeds input cut at these offsets, and then the end of it. */
export function transcript(
  input: Buffer,
  cuts: readonly number[],
): { requests: SeenRequest[]; output: string } {
  const requests: SeenRequest[] = [];
  const { socket } = connect(recordingHandler(requests));
  // Input is given away, as a socket gives it.
  const given = Buffer.from(input);
  let from = 0;
  for (const cut of [...cuts, input.length]) {
    if (cut > from) socket.feed(given.subarray(from, cut));
    from = Math.max(from, cut);
  }
  socket.finish();
  return { requests, output: socket.output };
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
