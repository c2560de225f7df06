import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { EventStreamDecoder } from "@lambdad/invoke-http";
import { parseObject, textOf } from "../caller/call-failure.ts";
import type { BenchCaller, CallerListener } from "./bench-caller.ts";
import type { CallEnd } from "./bench-tally.ts";
import { type ResponseHead, ResponseReader } from "./response-reader.ts";

export interface HttpCallerOptions extends CallerListener {
  readonly url: URL;
  /** Head and body of the request, ready to be sent. Never changed. */
  readonly request: Uint8Array;
}

interface CallInFlight {
  readonly startedMs: number;
  head: ResponseHead | undefined;
  /** Reads the event stream of a streamed response. */
  decoder: EventStreamDecoder | undefined;
  /** What `InvokeComplete`, or an exception in the stream, said. */
  streamEnd: CallEnd | undefined;
}

/**
 * One caller of a bench over HTTP: a connection, and one call at a time on it. The connection is made anew
 * when it has closed.
 */
export class HttpCaller implements BenchCaller {
  readonly #options: HttpCallerOptions;
  #socket: Socket | undefined;
  #call: CallInFlight | undefined;

  constructor(options: HttpCallerOptions) {
    this.#options = options;
  }

  /** When the call in flight was sent; `undefined` when there is none. */
  get startedMs(): number | undefined {
    return this.#call?.startedMs;
  }

  /** Sends one call. The one before must have ended. */
  call(): void {
    const startedMs = performance.now();
    this.#call = { startedMs, head: undefined, decoder: undefined, streamEnd: undefined };
    this.#socket ??= this.#connect();
    this.#socket.write(this.#options.request);
  }

  /** Ends the call in flight as failed, and its connection. */
  giveUp(reason: string): void {
    this.#disconnect();
    this.#end({ kind: "hostFailed", reason });
  }

  /** Ends the connection; a call in flight is forgotten. */
  close(): void {
    this.#call = undefined;
    this.#disconnect();
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #connect(): Socket {
    const { url } = this.#options;
    // IPv6 addresses stand in brackets in a URL only.
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const secure = url.protocol === "https:";
    const port = Number(url.port === "" ? (secure ? 443 : 80) : url.port);
    const socket = secure
      ? connectTls({ host, port, servername: host })
      : connect({ host, port, noDelay: true });
    const reader = new ResponseReader({
      head: (head) => this.#onHead(head),
      body: (chunk) => this.#onBody(chunk),
      end: (keepAlive) => this.#onResponseEnd(keepAlive),
    });
    // What a connection that was given up still says is of no interest.
    socket.on("data", (chunk: Buffer) => {
      if (this.#socket === socket) this.#guard(() => reader.push(chunk));
    });
    socket.on("end", () => {
      if (this.#socket !== socket) return;
      this.#guard(() => reader.close());
      this.#lost(socket, "ConnectionClosed");
    });
    socket.on("error", (error) => {
      this.#lost(socket, "code" in error ? String(error.code) : error.name);
    });
    socket.on("close", () => this.#lost(socket, "ConnectionClosed"));
    return socket;
  }

  /** The connection has gone: the call that it carried, if any, has failed. */
  #lost(socket: Socket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#disconnect();
    if (this.#call !== undefined) this.#end({ kind: "hostFailed", reason });
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.giveUp(error instanceof Error ? error.name : "ResponseError");
    }
  }

  #onHead(head: ResponseHead): void {
    const call = this.#call;
    if (call === undefined) return;
    call.head = head;
    if (head.status === 200 && this.#options.url.pathname.startsWith("/2021-11-15/")) {
      call.decoder = new EventStreamDecoder(({ headers, payload }) => {
        call.streamEnd = streamEndOf(headers, payload) ?? call.streamEnd;
      });
    }
  }

  #onBody(chunk: Uint8Array): void {
    this.#options.onBytes(chunk.byteLength);
    this.#call?.decoder?.write(chunk);
  }

  #onResponseEnd(keepAlive: boolean): void {
    const call = this.#call;
    if (!keepAlive) this.#disconnect();
    if (call?.head === undefined) return;
    this.#end(endOf(call, call.head));
  }

  #end(end: CallEnd): void {
    const call = this.#call;
    if (call === undefined) return;
    this.#call = undefined;
    this.#options.onEnd(end, call.head?.status, performance.now() - call.startedMs);
  }
}

function endOf(call: CallInFlight, head: ResponseHead): CallEnd {
  const { status, functionFailed, errorType } = head;
  if (status < 200 || status >= 300) {
    return { kind: "hostFailed", reason: errorType ?? `HTTP ${status}` };
  }
  if (functionFailed) return { kind: "functionFailed" };
  if (call.decoder === undefined) return { kind: "returned" };
  return call.streamEnd ?? { kind: "hostFailed", reason: "TruncatedStream" };
}

/** What one message of an event stream says about the end; `undefined` for a piece of the payload. */
function streamEndOf(
  headers: ReadonlyMap<string, string>,
  payload: Uint8Array,
): CallEnd | undefined {
  if (headers.get(":message-type") === "exception") {
    return { kind: "hostFailed", reason: headers.get(":exception-type") ?? "ServiceException" };
  }
  if (headers.get(":event-type") !== "InvokeComplete") return undefined;
  const failed = textOf(parseObject(Buffer.from(payload).toString()), "ErrorCode") !== undefined;
  return { kind: failed ? "functionFailed" : "returned" };
}

/** The bytes of a call, rendered once for the whole bench. */
export function requestBytes(
  url: URL,
  headers: Readonly<Record<string, string>>,
  payload: Uint8Array,
): Uint8Array {
  const lines = [`POST ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${payload.byteLength}`, "", "");
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), payload]);
}
