import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { ConnectionError, TimeoutError } from "../client/errors.ts";
import type { Timed } from "./deadlines.ts";
import { limitPassed } from "./failures.ts";
import type {
  Exchange,
  ExchangeProgress,
  HttpRequest,
  Origin,
  ResponseHandler,
} from "./transport.ts";

/** What an exchange needs of the pool it waits in. */
export interface ExchangeQueue {
  readonly origin: Origin;
  /** What an exchange that has waited too long was waiting for. */
  readonly waitsFor: string;
  leave(exchange: QueuedExchange): void;
}

/** What an exchange needs of the connection it is on. */
export interface ExchangeConnection {
  pause(): void;
  resume(): void;
  abort(): void;
}

/** Where an exchange is. */
type ExchangeState = "queued" | "active" | "ended";

const untouched: ExchangeProgress = { reused: false, answered: false, bodyStarted: false };

/** A request on its way: first in the queue of its pool, then on a connection. */
export class QueuedExchange implements Exchange, Timed {
  readonly request: HttpRequest;
  readonly handler: ResponseHandler;
  /** The head as it is sent. */
  readonly head: string;
  readonly #queue: ExchangeQueue;
  #state: ExchangeState = "queued";
  #connection: ExchangeConnection | undefined;
  #queuedAt = 0;
  queuedMs = 0;
  // Links of the pool's queue.
  previous: QueuedExchange | undefined = undefined;
  next: QueuedExchange | undefined = undefined;
  remainingMs = 0;
  timedPrevious: Timed | undefined = undefined;
  timedNext: Timed | undefined = undefined;

  constructor(queue: ExchangeQueue, request: HttpRequest, head: string, handler: ResponseHandler) {
    this.#queue = queue;
    this.request = request;
    this.head = head;
    this.handler = handler;
  }

  /** It has to wait for a connection. */
  onQueued(): void {
    this.#queuedAt = monotonicMs();
  }

  /** A connection begins to send it. */
  onActive(connection: ExchangeConnection): void {
    this.#state = "active";
    this.#connection = connection;
    if (this.#queuedAt !== 0) this.queuedMs = monotonicMs() - this.#queuedAt;
  }

  /** It is over: no call of the handler follows but the one for the end. */
  onEnded(): void {
    this.#state = "ended";
    this.#connection = undefined;
  }

  /** It ends without a connection. */
  fail(error: ConnectionError | TimeoutError): void {
    this.onEnded();
    this.handler.onError(error, untouched);
  }

  onDeadline(): void {
    const { headTimeoutMs } = this.request;
    const { origin, waitsFor } = this.#queue;
    this.#queue.leave(this);
    this.fail(limitPassed(origin, "attemptTimeout", headTimeoutMs, waitsFor));
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    if (this.#state === "queued") this.#queue.leave(this);
    else this.#connection?.abort();
    this.onEnded();
  }
}
