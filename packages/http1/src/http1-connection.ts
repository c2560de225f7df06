import type { Socket } from "node:net";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import type { RequestHeaders } from "./exchange.ts";
import { NO_FIELDS } from "./field-lines.ts";
import { HeadParser } from "./head-parser.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { DISCARDED_BODY_BYTES_MAX, LINGER_BYTES_MAX, LINGER_MS } from "./limits.ts";
import { isBodilessMethod } from "./methods.ts";
import type { ReplyChannel } from "./reply-channel.ts";
import { renderReplyHead } from "./reply-head.ts";
import type { RequestHead } from "./request-head.ts";
import type { ServerContext } from "./server-context.ts";

/**
 * What becomes of input: it is the head of a request, or the body of the current one; it is held back
 * until the current exchange is done; or it is over, and what still comes is thrown away.
 */
type Input = "head" | "body" | "held" | "over" | "closed";

const NOTHING = Buffer.alloc(0);

/** One connection: cuts its bytes into exchanges, and serves these one after another. */
export class Http1Connection implements ReplyChannel {
  readonly #socket: Socket;
  readonly #context: ServerContext;
  readonly #parser: HeadParser;
  #input: Input = "head";
  #chunk: Buffer = NOTHING;
  #position = 0;
  #pumping = false;
  #inCallback = false;
  #stopped = false;

  #current: Http1Exchange | undefined;
  #queue: Http1Exchange[] | undefined;
  #queuedFault: HttpFault | undefined;

  #decoder: ChunkedDecoder | undefined;
  #remaining = 0;
  #discarded = 0;
  #paused = false;

  #peerEnded = false;
  #outputEnded = false;
  /** Sweeps since the current wait began. */
  #age = 0;
  #stalledSweeps = 0;
  #unsent = 0;
  #controller: AbortController | undefined;
  #closeListeners: (() => void)[] | undefined;
  #drainListeners: (() => void)[] | undefined;

  constructor(socket: Socket, context: ServerContext) {
    this.#socket = socket;
    this.#context = context;
    this.#parser = new HeadParser(context.headBytesMax);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrained());
    socket.on("close", () => this.#onClosed());
    // What went wrong does not matter: `close` follows.
    socket.on("error", () => {});
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? "";
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#gone) this.#controller.abort();
    return this.#controller.signal;
  }

  onClose(listener: () => void): void {
    if (this.#gone) queueMicrotask(() => this.#call(listener));
    else (this.#closeListeners ??= []).push(listener);
  }

  get #gone(): boolean {
    return this.#peerEnded || this.#input === "closed";
  }

  // What the exchange asks for.

  get dateLine(): string {
    return this.#context.dateLine;
  }

  get outputFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  closesWithReply(): boolean {
    const exchange = this.#current;
    if (exchange === undefined || !exchange.head.keepAlive || this.#context.closing) return true;
    if (this.#input === "body") {
      const { receiver, contentLength, head } = exchange;
      if (receiver !== undefined || contentLength === undefined || head.expectsContinue)
        return true;
      return this.#remaining > DISCARDED_BODY_BYTES_MAX;
    }
    if (this.#input !== "over" && !this.#peerEnded) return false;
    return this.#queuedFault === undefined && (this.#queue?.length ?? 0) === 0;
  }

  writeText(text: string): boolean {
    return this.#socket.write(text, "latin1");
  }

  writePieces(pieces: readonly (string | Uint8Array)[]): boolean {
    const socket = this.#socket;
    socket.cork();
    for (const piece of pieces) {
      if (typeof piece === "string") socket.write(piece, "latin1");
      else socket.write(piece);
    }
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  replied(): void {
    if (!this.#inCallback) this.#settle();
  }

  pauseBody(): void {
    this.#paused = this.#input === "body";
    this.#updateFlow();
  }

  resumeBody(): void {
    this.#paused = false;
    this.#age = 0;
    if (!this.#pumping) this.#pump();
  }

  onDrain(listener: () => void): void {
    if (this.#socket.writableNeedDrain && this.#input !== "closed") {
      (this.#drainListeners ??= []).push(listener);
    } else {
      queueMicrotask(() => this.#call(listener));
    }
  }

  abort(reset: boolean): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  // What the server asks for.

  /** Ends the connection when it is idle; otherwise it ends with its current exchange. */
  finish(): void {
    if (this.#current === undefined && this.#input === "head" && !this.#parser.started) {
      if (this.#socket.writableLength === 0) this.#socket.destroy();
      else this.#endOutput();
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Answers by itself, and ends the connection. */
  refuse(fault: HttpFault): void {
    this.#input = "over";
    const current = this.#current;
    if (current !== undefined && (current.head.keepAlive || !current.done)) {
      this.#queuedFault = fault;
      return;
    }
    this.#sendFault(fault);
  }

  /** Looks at the waits, once per sweep. */
  sweep(sweepMs: number): void {
    this.#age += 1;
    const waitedMs = (this.#age - 1) * sweepMs;
    if (this.#isStalled(sweepMs)) return this.destroy();
    if (this.#outputEnded || this.#peerEnded) {
      if (waitedMs >= LINGER_MS) this.destroy();
      return;
    }
    const { headTimeoutMs, bodyTimeoutMs, idleTimeoutMs } = this.#context;
    if (this.#input === "body") {
      if (!this.#paused && isOver(waitedMs, bodyTimeoutMs)) {
        this.#breakBody({ status: 408, reason: "The body took too long" });
      }
    } else if (this.#current === undefined && this.#input === "head") {
      if (this.#parser.started) {
        if (isOver(waitedMs, headTimeoutMs)) {
          this.refuse({ status: 408, reason: "The head took too long" });
        }
      } else if (this.#socket.writableLength === 0 && isOver(waitedMs, idleTimeoutMs)) {
        this.#endOutput();
      }
    }
  }

  /** A peer that takes nothing of what is being sent to it. */
  #isStalled(sweepMs: number): boolean {
    if (!this.#socket.writableNeedDrain) {
      this.#stalledSweeps = 0;
      return false;
    }
    const unsent = unsentBytes(this.#socket);
    if (unsent !== this.#unsent) this.#stalledSweeps = 0;
    this.#unsent = unsent;
    this.#stalledSweeps += 1;
    return isOver((this.#stalledSweeps - 1) * sweepMs, this.#context.stallTimeoutMs);
  }

  // Input.

  #onData(chunk: Buffer): void {
    if (this.#input === "over") return this.#discard(chunk.length);
    this.#chunk = chunk;
    this.#position = 0;
    this.#pump();
  }

  #pump(): void {
    this.#pumping = true;
    while (this.#position < this.#chunk.length) {
      if (this.#input === "head") {
        this.#readHead();
      } else if (this.#input === "body") {
        if (this.#paused) break;
        this.#readBody();
      } else if (this.#input === "held") {
        break;
      } else {
        this.#position = this.#chunk.length;
      }
    }
    this.#pumping = false;
    if (this.#position >= this.#chunk.length) this.#chunk = NOTHING;
    this.#updateFlow();
  }

  #updateFlow(): void {
    const stop =
      this.#input === "held" ||
      (this.#input === "body" && this.#paused) ||
      (!this.#pumping && this.#chunk !== NOTHING);
    if (stop === this.#stopped) return;
    this.#stopped = stop;
    if (stop) this.#socket.pause();
    else this.#socket.resume();
  }

  #readHead(): void {
    const parser = this.#parser;
    const started = parser.started;
    const step = parser.read(this.#chunk, this.#position);
    if (step === "more") {
      if (!started && this.#current === undefined) this.#age = 0;
      this.#position = this.#chunk.length;
    } else if (step === "fault") {
      this.#position = this.#chunk.length;
      this.refuse(parser.fault!);
    } else {
      this.#position = parser.position;
      this.#accept(parser.head!);
    }
  }

  #accept(head: RequestHead): void {
    const { contentLength = 0 } = head;
    if (contentLength > DISCARDED_BODY_BYTES_MAX && isBodilessMethod(head.method)) {
      return this.refuse({ status: 413, reason: `${head.method} with a large body` });
    }
    const exchange = new Http1Exchange(head, this);
    if (this.#current === undefined) return this.#start(exchange);
    const queue = (this.#queue ??= []);
    if (queue.length >= this.#context.pipelinedMax) {
      this.#input = "over";
      return this.#context.onReject(503, "Too many pipelined requests");
    }
    queue.push(exchange);
    if (!head.keepAlive) this.#input = "over";
    if (head.contentLength !== 0) this.#input = "held";
  }

  #start(exchange: Http1Exchange): void {
    this.#current = exchange;
    this.#age = 0;
    const { contentLength } = exchange;
    if (contentLength !== 0) {
      this.#input = "body";
      this.#remaining = contentLength ?? 0;
      this.#discarded = 0;
      this.#paused = false;
      this.#decoder =
        contentLength === undefined ? new ChunkedDecoder(this.#context.headBytesMax) : undefined;
    }
    this.#inCallback = true;
    try {
      this.#context.onRequest(exchange);
      if (contentLength === 0 && !exchange.done) exchange.receiver?.end(NO_FIELDS);
    } catch (error) {
      this.#fail(error);
    }
    this.#inCallback = false;
    this.#settle();
  }

  #readBody(): void {
    const chunk = this.#chunk;
    const start = this.#position;
    const decoder = this.#decoder;
    if (decoder === undefined) {
      const end = Math.min(chunk.length, start + this.#remaining);
      this.#remaining -= end - start;
      this.#position = end;
      this.#deliver(start, end);
      if (this.#remaining === 0 && this.#input === "body") this.#endBody(NO_FIELDS);
      return;
    }
    const step = decoder.read(chunk, start);
    if (step === "data") {
      this.#position = decoder.position;
      this.#deliver(decoder.dataStart, decoder.position);
    } else if (step === "end") {
      this.#position = decoder.position;
      this.#endBody(decoder.trailers);
    } else {
      this.#position = chunk.length;
      if (step === "fault") this.#breakBody(decoder.fault!);
    }
  }

  #deliver(start: number, end: number): void {
    const exchange = this.#current!;
    const { receiver } = exchange;
    if (receiver === undefined) {
      this.#discarded += end - start;
      const most = isBodilessMethod(exchange.method) ? DISCARDED_BODY_BYTES_MAX : LINGER_BYTES_MAX;
      if (this.#discarded > most) {
        this.#breakBody({ status: 413, reason: "A body that nobody takes is too large" });
      }
      return;
    }
    this.#inCallback = true;
    try {
      const chunk = this.#chunk;
      receiver.data(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    } catch (error) {
      this.#fail(error);
    }
    this.#inCallback = false;
    this.#settle();
  }

  #endBody(trailers: RequestHeaders): void {
    const exchange = this.#current!;
    this.#decoder = undefined;
    this.#paused = false;
    this.#age = 0;
    this.#input = exchange.head.keepAlive ? "head" : "over";
    this.#inCallback = true;
    try {
      exchange.receiver?.end(trailers);
    } catch (error) {
      this.#fail(error);
    }
    this.#inCallback = false;
    this.#settle();
  }

  /** The body of the current exchange will never be complete. */
  #breakBody(fault: HttpFault): void {
    const exchange = this.#current!;
    this.#input = "over";
    this.#inCallback = true;
    try {
      if (!exchange.done) exchange.receiver?.aborted(fault.reason);
    } catch (error) {
      this.#fail(error);
    }
    this.#inCallback = false;
    if (exchange.done) {
      if (exchange.closes) this.#settle();
      else this.destroy();
    } else if (exchange.unanswered) {
      exchange.lose();
      this.#sendFault(fault);
    } else {
      exchange.abort();
    }
    this.#updateFlow();
  }

  // The order of exchanges.

  /** Goes on when the current exchange has its reply and all of its request. */
  #settle(): void {
    const exchange = this.#current;
    if (exchange === undefined || !exchange.done || this.#input === "closed") return;
    if (exchange.closes) this.#endOutput();
    else if (this.#input !== "body") this.#next();
  }

  #next(): void {
    this.#current = undefined;
    this.#age = 0;
    this.#closeListeners = undefined;
    this.#controller = undefined;
    if (this.#socket.writableNeedDrain) {
      // Whoever does not read replies gets no more of them.
      if (this.#input === "head") this.#input = "held";
      return this.#updateFlow();
    }
    const queued = this.#queue?.shift();
    if (queued !== undefined) {
      this.#start(queued);
    } else if (this.#queuedFault !== undefined) {
      this.#sendFault(this.#queuedFault);
    } else if (this.#input === "held") {
      this.#input = "head";
    } else if (this.#input === "over" || this.#peerEnded) {
      this.#endOutput();
    }
    if (!this.#pumping) this.#pump();
  }

  #onDrained(): void {
    const listeners = this.#drainListeners;
    this.#drainListeners = undefined;
    for (const listener of listeners ?? []) this.#call(listener);
    if (this.#current === undefined && !this.#outputEnded) this.#next();
  }

  #sendFault(fault: HttpFault): void {
    this.#queuedFault = undefined;
    const { dateLine } = this.#context;
    this.writeText(renderReplyHead(fault.status, "", { dateLine, close: true, length: 0 }));
    this.#endOutput();
    this.#context.onReject(fault.status, fault.reason);
  }

  /** A handler has thrown. */
  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const exchange = this.#current!;
    this.#input = "over";
    if (exchange.unanswered) {
      exchange.lose();
      this.#sendFault({ status: 500, reason });
    } else {
      if (!exchange.done) exchange.abort();
      this.#context.onReject(500, reason);
    }
  }

  // The end.

  /** Sends what is left, and then reads and throws away until the peer closes too (HT-5). */
  #endOutput(): void {
    if (this.#outputEnded) return;
    this.#outputEnded = true;
    this.#input = "over";
    this.#age = 0;
    this.#discarded = 0;
    this.#chunk = NOTHING;
    this.#position = 0;
    this.#socket.end();
    this.#updateFlow();
  }

  #discard(length: number): void {
    this.#discarded += length;
    if (this.#discarded > LINGER_BYTES_MAX) this.destroy();
  }

  #onEnd(): void {
    this.#peerEnded = true;
    this.#age = 0;
    this.#announceEnd();
    if (this.#input === "body") {
      this.#breakBody(badRequest("The body broke off"));
    } else if (this.#current === undefined) {
      if (this.#parser.started && this.#input === "head") {
        this.refuse(badRequest("The head broke off"));
      } else {
        this.#endOutput();
      }
    }
  }

  #onClosed(): void {
    const exchange = this.#current;
    const broken = this.#input === "body";
    this.#input = "closed";
    this.#chunk = NOTHING;
    this.#position = 0;
    if (exchange !== undefined && !exchange.done) {
      exchange.lose();
      if (broken) this.#call(() => exchange.receiver?.aborted("The connection was lost"));
    }
    this.#announceEnd();
    const listeners = this.#drainListeners;
    this.#drainListeners = undefined;
    for (const listener of listeners ?? []) this.#call(listener);
    this.#context.closed(this);
  }

  #announceEnd(): void {
    const listeners = this.#closeListeners;
    this.#closeListeners = undefined;
    for (const listener of listeners ?? []) this.#call(listener);
    this.#controller?.abort();
  }

  /** Calls out; what is thrown is counted, and ends nothing else. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#context.onReject(500, error instanceof Error ? error.message : String(error));
    }
  }
}

function isOver(waitedMs: number, limitMs: number): boolean {
  return limitMs > 0 && waitedMs >= limitMs;
}

/** Bytes that have not left yet. The system takes a large write in parts, which only the handle tells. */
function unsentBytes(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}
