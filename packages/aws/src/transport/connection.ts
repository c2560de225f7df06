import type { Duplex } from "node:stream";
import type { ConnectionError, TimeoutError } from "../client/errors.ts";
import { BytesSender, StreamSender, type BodySender, type BodySenderOwner } from "./body-sender.ts";
import { addTimed, removeTimed, within, type Timed } from "./deadlines.ts";
import type { ExchangeConnection, QueuedExchange } from "./exchange.ts";
import {
  badResponse,
  bodyFailure,
  type bodyLengthDiffers,
  type bodySourceFailed,
  limitPassed,
  lostConnection,
} from "./failures.ts";
import {
  afterWriteFailureMs,
  continueWaitMs,
  joinedBodyBytesMax,
  plainPieceBytes,
  tlsPieceBytes,
} from "./limits.ts";
import { isAscii } from "./request-head.ts";
import type { ResponseHead } from "./response-head.ts";
import { ResponseParser, type ResponseSink } from "./response-parser.ts";
import type { Origin } from "./transport.ts";

/** A socket that is open. */
export interface OpenSocket {
  readonly socket: Duplex;
  /** Decides whether it keeps the process alive. */
  hold(isHeld: boolean): void;
}

/** What a connection needs of its pool. */
export interface ConnectionOwner {
  readonly origin: Origin;
  readonly isTls: boolean;
  readonly keepAliveTimeoutMs: number;
  /** Its exchange is over, and it can serve another one. */
  onIdle(connection: Connection): void;
  /** It was closed while it was idle, as its request showed: those idle for longer may be closed, too. */
  onStale(): void;
  /** It is gone; it `wasIdle` or had an exchange. */
  onGone(connection: Connection, wasIdle: boolean): void;
}

/**
 * `idle`: serves nothing. `waiting`: sent the head, the body waits for `100 Continue`.
 * `head`: waits for the head. `body`: reads the body. `gone`: closed.
 */
type ConnectionState = "idle" | "waiting" | "head" | "body" | "gone";

/** A connection that is open: sends one request after the other, and reads the responses. */
export class Connection implements Timed, ResponseSink, BodySenderOwner, ExchangeConnection {
  readonly #owner: ConnectionOwner;
  readonly #open: OpenSocket;
  readonly #socket: Duplex;
  readonly #parser: ResponseParser = new ResponseParser(this);
  #state: ConnectionState = "idle";
  #exchange: QueuedExchange | undefined;
  #sender: BodySender | undefined;
  #bodyStarted = false;
  #answered = false;
  #persistent = false;
  /** The request has a body that goes in pieces. */
  #isLong = false;
  #writeFailure: unknown;
  #isPaused = false;
  /** It has been idle, so the server may have closed it meanwhile. */
  #isReused = false;
  #keepAliveMs: number;
  /** `Date.now()` when it became idle: the clock that goes on while the process is frozen. */
  #idleSince = 0;
  // Links of the pool's idle connections.
  idlePrevious: Connection | undefined = undefined;
  idleNext: Connection | undefined = undefined;
  remainingMs = 0;
  timedPrevious: Timed | undefined = undefined;
  timedNext: Timed | undefined = undefined;

  constructor(owner: ConnectionOwner, open: OpenSocket) {
    this.#owner = owner;
    this.#open = open;
    this.#socket = open.socket;
    this.#keepAliveMs = owner.keepAliveTimeoutMs;
    addTimed(this);
  }

  /** Whether it may serve another exchange, by the clock. */
  isFresh(): boolean {
    const idleMs = Date.now() - this.#idleSince;
    return idleMs >= 0 && idleMs < this.#keepAliveMs;
  }

  /** It has nothing to do: it must not keep the process alive, and ends when it stays so. */
  rest(): void {
    this.#isReused = true;
    this.#idleSince = Date.now();
    this.remainingMs = within(this.#keepAliveMs);
    this.#open.hold(false);
  }

  /** It has something to do again. */
  wake(): void {
    this.#open.hold(true);
  }

  /** Sends the request; from now on the exchange's handler is called. */
  serve(exchange: QueuedExchange): void {
    const { request, head } = exchange;
    const { body } = request;
    this.#exchange = exchange;
    this.#answered = false;
    this.#bodyStarted = false;
    this.#isLong = false;
    this.#state = "head";
    this.remainingMs = within(request.headTimeoutMs);
    this.#parser.begin(request.method === "HEAD");
    exchange.onActive(this);
    if (body === undefined || body === "") {
      this.#socket.write(head, "latin1");
    } else if (typeof body === "string" && !request.expectContinue) {
      this.#writeText(head, body);
    } else {
      this.#sendBody(exchange);
    }
  }

  /** Bytes have arrived. */
  onBytes(bytes: Buffer, length: number): void {
    if (this.#exchange === undefined) {
      // Nobody asked: what it is cannot be told, and the next answer would be mistaken for it.
      this.close();
      return;
    }
    this.#answered = true;
    if (this.#state === "body" && !this.#isPaused) this.remainingMs = this.#bodyLimit();
    const problem = this.#parser.read(bytes, length);
    if (problem !== undefined) this.#fail(badResponse(this.#owner.origin, problem));
  }

  /** The peer has sent its last byte. */
  onFinished(): void {
    if (this.#state === "gone") return;
    if (this.#exchange === undefined) this.close();
    else if (!this.#parser.end()) this.#lose(undefined);
  }

  /** The socket has failed, or is closed. */
  onLost(cause: unknown): void {
    if (this.#state === "gone") return;
    if (this.#exchange === undefined) this.close();
    else this.#lose(cause);
  }

  /**
   * A server that refuses a body answers and closes; writing on then fails, often before the answer
   * has been read. It is looked for, where there was a body to refuse.
   */
  onWriteFailed(cause: unknown): boolean {
    if (this.#exchange === undefined || !this.#isLong) return false;
    this.#writeFailure ??= cause;
    this.#sender?.stop();
    this.#sender = undefined;
    this.remainingMs = within(afterWriteFailureMs);
    return true;
  }

  onDrain(): void {
    this.#sender?.onDrain();
    if (this.#exchange !== undefined && this.#state === "head") this.onBodyProgress();
  }

  onDeadline(): void {
    const exchange = this.#exchange;
    const { origin } = this.#owner;
    if (exchange === undefined) {
      this.close();
    } else if (this.#writeFailure !== undefined) {
      this.#lose(this.#writeFailure);
    } else if (this.#state === "waiting") {
      this.#continue();
    } else if (this.#state === "head") {
      const { headTimeoutMs } = exchange.request;
      this.#fail(limitPassed(origin, "attemptTimeout", headTimeoutMs, "no response came"));
    } else {
      const { bodyTimeoutMs } = exchange.request;
      this.#fail(limitPassed(origin, "bodyTimeout", bodyTimeoutMs, "the body stood still"));
    }
  }

  pause(): void {
    if (this.#isPaused || this.#state === "gone") return;
    this.#isPaused = true;
    this.#socket.pause();
    if (this.#state === "body") this.remainingMs = 0;
  }

  resume(): void {
    if (!this.#isPaused || this.#state === "gone") return;
    this.#isPaused = false;
    this.#socket.resume();
    if (this.#state === "body" && this.#exchange !== undefined) {
      this.remainingMs = this.#bodyLimit();
    }
  }

  abort(): void {
    this.close();
  }

  /** Closes the socket; an exchange hears nothing more. */
  close(): void {
    if (this.#state === "gone") return;
    const wasIdle = this.#exchange === undefined;
    this.#exchange?.onEnded();
    this.#exchange = undefined;
    this.#state = "gone";
    this.#parser.stop();
    this.#sender?.stop();
    this.#sender = undefined;
    removeTimed(this);
    this.#socket.destroy();
    this.#owner.onGone(this, wasIdle);
  }

  onInterim(status: number): void {
    if (status === 100 && this.#state === "waiting") this.#continue();
  }

  onHead(head: ResponseHead, length: number): void {
    const exchange = this.#exchange as QueuedExchange;
    this.#persistent = head.persistent;
    if (head.keepAliveMs >= 0) this.#keepAliveMs = head.keepAliveMs;
    if (this.#sender !== undefined) {
      // The answer is there before the request: what is missing of the body is not sent any more,
      // so nothing can follow on this connection (RFC 9112 §9.6).
      this.#sender.stop();
      this.#sender = undefined;
      this.#persistent = false;
    }
    this.#state = "body";
    this.remainingMs = this.#isPaused ? 0 : this.#bodyLimit();
    exchange.handler.onHead(head.status, head.headers, length < 0 ? undefined : length);
  }

  onData(chunk: Buffer): void {
    (this.#exchange as QueuedExchange).handler.onData(chunk);
  }

  onEnd(trailers: readonly string[] | undefined, isSurplus: boolean): void {
    const exchange = this.#exchange as QueuedExchange;
    this.#isReused = true;
    if (this.#persistent && !isSurplus && this.#keepAliveMs > 0 && this.#isQuiet()) {
      exchange.onEnded();
      this.#exchange = undefined;
      this.#state = "idle";
      if (this.#isPaused) this.resume();
      this.#owner.onIdle(this);
    } else {
      this.close();
    }
    exchange.handler.onEnd(trailers);
  }

  onBodyProgress(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#writeFailure !== undefined) return;
    this.remainingMs = within(exchange.request.headTimeoutMs);
  }

  onBodyAwaited(): void {
    this.#bodyStarted = true;
    this.remainingMs = 0;
  }

  onBodySent(): void {
    this.#sender = undefined;
  }

  onBodyFailed(
    code: typeof bodySourceFailed | typeof bodyLengthDiffers,
    reason: string,
    cause?: unknown,
  ): void {
    this.#fail(bodyFailure(this.#owner.origin, code, reason, cause));
  }

  #writeText(head: string, body: string): void {
    // The form of one byte per character is the fastest to write, and mostly possible.
    if (Buffer.byteLength(body) === body.length) this.#socket.write(head + body, "latin1");
    else if (isAscii(head)) this.#socket.write(head + body, "utf8");
    else this.#socket.write(head + Buffer.from(body, "utf8").toString("latin1"), "latin1");
  }

  #sendBody(exchange: QueuedExchange): void {
    const { request, head } = exchange;
    const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
    if (body instanceof Uint8Array) {
      if (body.length <= joinedBodyBytesMax && !request.expectContinue) {
        const joined = Buffer.allocUnsafe(head.length + body.length);
        joined.write(head, 0, "latin1");
        joined.set(body, head.length);
        this.#socket.write(joined);
        return;
      }
      this.#isLong = true;
      const pieceBytes = this.#owner.isTls ? tlsPieceBytes : plainPieceBytes;
      this.#sender = new BytesSender(this.#socket, body, pieceBytes, this);
    } else if (body !== undefined) {
      this.#isLong = true;
      this.#sender = new StreamSender(this.#socket, body, this);
    }
    this.#socket.write(head, "latin1");
    if (request.expectContinue) {
      this.#state = "waiting";
      this.remainingMs = within(continueWaitMs);
    } else {
      this.#sender?.start();
    }
  }

  #continue(): void {
    this.#state = "head";
    this.onBodyProgress();
    this.#sender?.start();
  }

  /** Everything that was written has left. */
  #isQuiet(): boolean {
    return this.#socket.writableLength === 0 && this.#writeFailure === undefined;
  }

  #bodyLimit(): number {
    const { bodyTimeoutMs } = (this.#exchange as QueuedExchange).request;
    return within(this.#writeFailure === undefined ? bodyTimeoutMs : afterWriteFailureMs);
  }

  #lose(cause: unknown): void {
    // What repeats the request must not get a connection that has ended likewise.
    if (this.#isReused && !this.#answered) this.#owner.onStale();
    this.#fail(lostConnection(this.#owner.origin, this.#parser.progress, cause));
  }

  #fail(error: ConnectionError | TimeoutError): void {
    const exchange = this.#exchange as QueuedExchange;
    const reused = this.#isReused;
    const [answered, bodyStarted] = [this.#answered, this.#bodyStarted];
    this.close();
    exchange.handler.onError(error, { reused, answered, bodyStarted });
  }
}
