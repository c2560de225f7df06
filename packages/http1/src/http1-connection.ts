import type { Socket } from "node:net";
import { BodyReader } from "./body-reader.ts";
import { HeadParser } from "./head-parser.ts";
import { Http1Exchange, textOf } from "./http1-exchange.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { DISCARDED_BODY_BYTES_MAX, LINGER_BYTES_MAX, LINGER_MS } from "./limits.ts";
import { isBodilessMethod } from "./methods.ts";
import { PeerPresence } from "./peer-presence.ts";
import { Pipeline } from "./pipeline.ts";
import type { ReplyChannel } from "./reply-channel.ts";
import { renderRefusal } from "./reply-head.ts";
import type { RequestHead } from "./request-head.ts";
import { isOver, type ServerContext } from "./server-context.ts";
import { SocketOutput } from "./socket-output.ts";

/**
 * What becomes of input. `head`: the next request is read. `body`: it belongs to the current exchange.
 * `held`: it waits until the current exchange is done, or the peer has taken its replies. `over`: it
 * is thrown away, as nothing more will be served. `lingering`: so it is, and our side has been closed.
 */
type Input = "head" | "body" | "held" | "over" | "lingering" | "closed";

const NOTHING = Buffer.alloc(0);

/** One connection: cuts its bytes into exchanges, and serves these one after another. */
export class Http1Connection implements ReplyChannel {
  readonly peer: PeerPresence;
  readonly output: SocketOutput;
  readonly #socket: Socket;
  readonly #context: ServerContext;
  readonly #parser: HeadParser;

  #input: Input = "head";
  /** Input that is being read, or is held. */
  #chunk: Buffer = NOTHING;
  #position = 0;
  #pumping = false;
  #flowing = true;
  /** Set while a handler or receiver runs: what it brings about is done when it has returned. */
  #inCallback = false;

  /** Being answered. */
  #current: Http1Exchange | undefined;
  #body: BodyReader | undefined;
  #paused = false;
  #discarded = 0;
  readonly #pipeline: Pipeline;
  /** Sweeps since the present wait began. */
  #sweeps = 0;

  constructor(socket: Socket, context: ServerContext) {
    this.#socket = socket;
    this.#context = context;
    this.#parser = new HeadParser(context.headBytesMax);
    this.#pipeline = new Pipeline(context.pipelinedMax);
    this.output = new SocketOutput(socket);
    this.peer = new PeerPresence(
      () => socket.remoteAddress ?? "",
      (listener) => this.#call(listener),
    );
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrained());
    socket.on("close", () => this.#onClosed());
    // What went wrong does not matter: `close` follows.
    socket.on("error", () => {});
  }

  get dateLine(): string {
    return this.#context.dateLine;
  }

  closesWithReply(): boolean {
    const exchange = this.#current;
    if (exchange === undefined || !exchange.head.keepAlive || this.#context.closing) return true;
    if (this.#input === "body") {
      // The rest of a small body that nobody wants is waited for; any other is not.
      const wanted = exchange.receiver !== undefined || exchange.head.expectsContinue;
      return wanted || this.#body!.remaining > DISCARDED_BODY_BYTES_MAX;
    }
    return (this.#input === "over" || this.peer.gone) && this.#pipeline.empty;
  }

  replied(): void {
    if (!this.#inCallback) this.#settle();
  }

  pauseBody(): void {
    this.#paused = this.#input === "body";
    this.#updateFlow();
  }

  resumeBody(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#sweeps = 0;
    // After a callback there is always a pump.
    if (!this.#inCallback) this.#pump();
  }

  onDrain(listener: () => void): void {
    this.output.onDrain(() => this.#call(listener));
  }

  abort(reset: boolean): void {
    this.#input = "closed";
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends the connection now when it is idle, and otherwise with its current exchange. */
  finish(): void {
    if (this.#current !== undefined || this.#input !== "head") return;
    // A request that has begun is served, if there is a limit to the wait for it.
    if (this.#parser.started && this.#context.headTimeoutMs > 0) return;
    if (this.output.empty) this.destroy();
    else this.#linger();
  }

  /** Answers by itself, after what is being answered, and ends the connection. */
  refuse(fault: HttpFault): void {
    this.#input = "over";
    if (this.#current === undefined) this.#sendFault(fault);
    else this.#pipeline.fault = fault;
  }

  /** Looks at the waits, once per sweep. */
  sweep(sweepMs: number): void {
    const waitedMs = this.#sweeps * sweepMs;
    this.#sweeps += 1;
    const { output } = this;
    const stalledMs = output.countStalledSweep() * sweepMs;
    if (isOver(stalledMs, this.#context.stallTimeoutMs)) return this.destroy();
    if (output.empty || this.#input === "body") this.#endWait(waitedMs);
    else this.#sweeps = 0;
  }

  #endWait(waitedMs: number): void {
    const { headTimeoutMs, bodyTimeoutMs, idleTimeoutMs } = this.#context;
    if (this.#input === "lingering") {
      if (waitedMs >= LINGER_MS) this.destroy();
    } else if (this.#input === "body") {
      if (this.#paused || !isOver(waitedMs, bodyTimeoutMs)) return;
      this.#breakBody({ status: 408, reason: "The body took too long" });
    } else if (this.#current !== undefined) {
      // A peer that has closed its side may still read, but not wait.
      if (this.peer.gone && this.#current.unanswered && waitedMs >= LINGER_MS) this.destroy();
    } else if (this.#parser.started) {
      if (!isOver(waitedMs, headTimeoutMs)) return;
      this.refuse({ status: 408, reason: "The head took too long" });
    } else if (isOver(waitedMs, idleTimeoutMs)) {
      this.#linger();
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#input === "over" || this.#input === "lingering") {
      this.#discarded += chunk.length;
      if (this.#discarded > LINGER_BYTES_MAX) this.destroy();
      return;
    }
    this.#chunk = chunk;
    this.#position = 0;
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#position < this.#chunk.length) {
      if (this.#input === "head") this.#readHead();
      else if (this.#input === "body" && !this.#paused) this.#readBody();
      else if (this.#input === "body" || this.#input === "held") break;
      else this.#position = this.#chunk.length;
    }
    this.#pumping = false;
    if (this.#position >= this.#chunk.length) this.#chunk = NOTHING;
    this.#updateFlow();
  }

  /** Reads the socket unless input is held: no data comes while there is some to be read first. */
  #updateFlow(): void {
    const flowing = this.#input !== "held" && !(this.#input === "body" && this.#paused);
    if (flowing === this.#flowing || this.#pumping) return;
    this.#flowing = flowing;
    if (flowing) this.#socket.resume();
    else this.#socket.pause();
  }

  #readHead(): void {
    const parser = this.#parser;
    const started = parser.started;
    const step = parser.read(this.#chunk, this.#position);
    if (step === "end") {
      this.#position = parser.position;
      this.#accept(parser.head!);
      return;
    }
    this.#position = this.#chunk.length;
    if (step === "fault") this.refuse(parser.fault!);
    else if (!started && this.#current === undefined) this.#sweeps = 0;
  }

  #accept(head: RequestHead): void {
    const { contentLength = 0, method } = head;
    if (contentLength > DISCARDED_BODY_BYTES_MAX && isBodilessMethod(method)) {
      return this.refuse({ status: 413, reason: `${method} with a large body` });
    }
    const exchange = new Http1Exchange(head, this);
    if (this.#current === undefined) return this.#start(exchange);
    if (this.#pipeline.full) {
      this.#input = "over";
      return this.#context.onReject(503, "Too many pipelined requests");
    }
    this.#pipeline.push(exchange);
    if (head.contentLength !== 0) this.#input = "held";
    else if (!head.keepAlive) this.#input = "over";
  }

  #start(exchange: Http1Exchange): void {
    const { contentLength, keepAlive } = exchange.head;
    this.#current = exchange;
    this.#sweeps = 0;
    if (contentLength !== 0) {
      this.#input = "body";
      this.#body = new BodyReader(contentLength, this.#context.headBytesMax);
      this.#discarded = 0;
    } else if (!keepAlive) {
      this.#input = "over";
    }
    this.#inCallback = true;
    this.#afterCallback(exchange.begin(this.#context.onRequest));
  }

  #readBody(): void {
    const body = this.#body!;
    const step = body.read(this.#chunk, this.#position);
    if (step === "more" || step === "fault") {
      this.#position = this.#chunk.length;
      if (step === "fault") this.#breakBody(body.fault!);
      return;
    }
    this.#position = body.position;
    if (step === "data") this.#deliver(body.dataStart, body.dataEnd);
    if (body.remaining === 0 && this.#input === "body") this.#endBody();
  }

  #deliver(start: number, end: number): void {
    const exchange = this.#current!;
    if (exchange.receiver !== undefined) {
      const chunk = this.#chunk;
      const piece = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
      this.#inCallback = true;
      return this.#afterCallback(exchange.deliver(piece));
    }
    this.#discarded += end - start;
    const most = isBodilessMethod(exchange.method) ? DISCARDED_BODY_BYTES_MAX : LINGER_BYTES_MAX;
    if (this.#discarded > most) {
      this.#breakBody({ status: 413, reason: "A body that nobody takes is too large" });
    }
  }

  #endBody(): void {
    const exchange = this.#current!;
    const { trailers } = this.#body!;
    this.#body = undefined;
    this.#paused = false;
    this.#sweeps = 0;
    this.#input = exchange.head.keepAlive ? "head" : "over";
    this.#inCallback = true;
    this.#afterCallback(exchange.endBody(trailers));
  }

  /** The body of the current exchange will never be complete. */
  #breakBody(fault: HttpFault): void {
    const exchange = this.#current!;
    this.#input = "over";
    this.#paused = false;
    if (exchange.done) return this.#linger();
    this.#inCallback = true;
    this.#afterCallback(exchange.breakBody(fault.reason));
    if (exchange.unanswered) {
      exchange.lose();
      this.#sendFault(fault);
    } else {
      exchange.abort();
    }
  }

  /** @param failure what was thrown, if anything was. */
  #afterCallback(failure: string | undefined): void {
    if (failure !== undefined) this.#fail(failure);
    this.#inCallback = false;
    this.#settle();
  }

  /** Goes on when the current exchange has its reply and all of its request. */
  #settle(): void {
    const exchange = this.#current;
    if (exchange === undefined || !exchange.done) return;
    if (this.#input === "closed" || this.#input === "lingering") return;
    if (exchange.closes) this.#linger();
    else if (this.#input !== "body") this.#next();
  }

  #next(): void {
    this.#current = undefined;
    this.#sweeps = 0;
    this.peer.forget();
    if (this.output.full) {
      // Who does not read its replies gets no more of them.
      if (this.#input === "head") this.#input = "held";
      return this.#updateFlow();
    }
    const pipeline = this.#pipeline;
    const next = pipeline.shift();
    if (this.#input === "held" && !pipeline.awaitsBody) this.#input = "head";
    if (next !== undefined) this.#start(next);
    else if (pipeline.fault !== undefined) this.#sendFault(pipeline.fault);
    else if (this.#input !== "head" || this.peer.gone || this.#context.closing) this.#linger();
    this.#pump();
  }

  #onDrained(): void {
    for (const listener of this.output.takeDrainListeners()) listener();
    if (this.#current === undefined && (this.#input === "held" || this.#input === "over")) {
      this.#next();
    }
  }

  #sendFault(fault: HttpFault): void {
    this.output.writeText(renderRefusal(fault.status, this.#context.dateLine));
    this.#linger();
    this.#context.onReject(fault.status, fault.reason);
  }

  /** A handler or receiver has thrown. */
  #fail(reason: string): void {
    const exchange = this.#current!;
    if (exchange.unanswered) {
      exchange.lose();
      this.#sendFault({ status: 500, reason });
      return;
    }
    if (!exchange.done) exchange.abort();
    else if (this.#input !== "closed") this.#input = "over";
    this.#context.onReject(500, reason);
  }

  /** Closes our side, and reads and throws away until the peer closes its own (HT-5). */
  #linger(): void {
    if (this.#input === "lingering" || this.#input === "closed") return;
    this.#input = "lingering";
    this.#sweeps = 0;
    this.#discarded = 0;
    this.#chunk = NOTHING;
    this.#socket.end();
    this.#updateFlow();
  }

  #onEnd(): void {
    this.#sweeps = 0;
    this.peer.leave();
    if (this.#input === "body") this.#breakBody(badRequest("The body broke off"));
    else if (this.#current !== undefined) return;
    else if (this.#input === "head" && this.#parser.started) {
      this.refuse(badRequest("The head broke off"));
    } else this.#linger();
  }

  #onClosed(): void {
    const exchange = this.#current;
    const bodyBroken = this.#input === "body";
    this.#input = "closed";
    this.#chunk = NOTHING;
    if (exchange !== undefined && !exchange.done) {
      exchange.lose();
      if (bodyBroken) this.#call(() => exchange.receiver?.aborted("The connection was lost"));
    }
    if (!this.peer.gone) this.peer.leave();
    for (const listener of this.output.takeDrainListeners()) listener();
    this.#context.closed(this);
  }

  /** Calls a listener. What it throws is counted, and ends nothing else. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#context.onReject(500, textOf(error));
    }
  }
}
