import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { Exchange } from "../transport/transport.ts";
import type { BodyStream } from "./body-stream.ts";

/** Bytes that may wait unread before the connection is paused. */
const highWaterBytes = 256 * 1024;
/** A body given up with at most this much left is read to its end, so that its connection lives. */
const drainBytes = 64 * 1024;

type Waiting = {
  readonly resolve: (result: IteratorResult<Buffer, undefined>) => void;
  readonly reject: (error: Error) => void;
};

type State = "open" | "ended" | "failed" | "cancelled";

/** Sees every byte of a body as it arrives, and may refuse it at its end. */
export interface BodyObserver {
  update(chunk: Uint8Array): void;
  /** The error with which the read fails, if the body is not what it should be. */
  finish(): Error | undefined;
}

/** Takes a body as it arrives, without a promise and a copy for each piece. */
export interface BodySink {
  /** A piece; its memory is another's again when the call returns. */
  onData(chunk: Uint8Array): void;
  /** All has arrived. */
  onEnd(): void;
  /** What came is not the whole. */
  onError(error: Error): void;
}

/**
 * A response's body on its way from the connection to its reader, with back-pressure: the
 * connection is paused while much is unread. It can be read once.
 */
export class BodyChannel implements BodyStream {
  readonly length: number | undefined;
  readonly #observer: BodyObserver | undefined;
  readonly #chunks: Buffer[] = [];
  readonly #onClosed: (error: Error | undefined) => void;
  #exchange: Exchange | undefined;
  #unread = 0;
  #received = 0;
  #paused = false;
  #state: State = "open";
  #error: Error | undefined;
  #waiting: Waiting | undefined;
  #sink: BodySink | undefined;
  /** The sink wants no more for now. */
  #isHeld = false;
  /** `monotonicMs()` when its reader asked last; 0: never. */
  #readAt = 0;

  constructor(
    length: number | undefined,
    observer: BodyObserver | undefined,
    onClosed: (error: Error | undefined) => void,
  ) {
    this.length = length;
    this.#observer = observer;
    this.#onClosed = onClosed;
  }

  /** Whether it holds no connection any more: all has arrived, or it has failed. */
  get hasEnded(): boolean {
    return this.#state !== "open";
  }

  /** The exchange whose body this is. */
  attach(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** A piece of the body; it is copied. */
  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#state !== "open") return;
    this.#observer?.update(chunk);
    if (this.#sink !== undefined) {
      this.#sink.onData(chunk);
      return;
    }
    const copy = Buffer.from(chunk);
    if (this.#waiting !== undefined) {
      this.#answer({ done: false, value: copy });
      return;
    }
    this.#chunks.push(copy);
    this.#unread += copy.length;
    if (this.#unread >= highWaterBytes && !this.#paused) {
      this.#paused = true;
      this.#exchange?.pause();
    }
  }

  /** All has arrived. */
  end(): void {
    if (this.#state !== "open") {
      this.#closed(undefined);
      return;
    }
    const refusal = this.#observer?.finish();
    if (refusal !== undefined) {
      this.fail(refusal);
      return;
    }
    this.#state = "ended";
    this.#answer({ done: true, value: undefined });
    this.#closed(undefined);
    this.#sink?.onEnd();
  }

  /** The body ends here, with an error for its reader. */
  fail(error: Error): void {
    if (this.#state === "open") {
      this.#state = "failed";
      this.#error = error;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting !== undefined) {
        this.#error = undefined;
        this.#state = "ended";
        waiting.reject(error);
      }
      this.#closed(error);
      this.#sink?.onError(error);
      return;
    }
    this.#closed(error);
  }

  /**
   * Gives the connection back: reads on when little is left, else closes it.
   * @param error for whoever still reads: what was given up never looks like the whole. Default: the
   *   reader itself has left.
   */
  cancel(error?: Error): void {
    if (error !== undefined && (this.#state !== "ended" || this.#chunks.length > 0)) {
      this.#error ??= error;
    }
    this.#chunks.length = 0;
    this.#sink = undefined;
    if (this.#state !== "open") return;
    this.#state = "cancelled";
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve({ done: true, value: undefined });
    else if (waiting !== undefined) {
      this.#error = undefined;
      waiting.reject(error);
    }
    if (this.length !== undefined && this.length - this.#received <= drainBytes) {
      if (this.#paused) this.#exchange?.resume();
      return;
    }
    this.#exchange?.abort();
    this.#closed(undefined);
  }

  /** Milliseconds since its reader asked for something; `undefined`: nobody has begun to read. */
  get unreadMs(): number | undefined {
    if (this.#state !== "open" || this.#waiting !== undefined) return 0;
    if (this.#sink !== undefined && !this.#paused) return 0;
    return this.#readAt === 0 ? undefined : monotonicMs() - this.#readAt;
  }

  /**
   * Hands all to a sink, in place of `next`: what has arrived already, at once, and the rest as it
   * comes. The sink holds the connection back with `pause`, and hears nothing after `cancel`.
   */
  consume(sink: BodySink): void {
    this.#readAt = monotonicMs();
    this.#unread = 0;
    this.#sink = sink;
    for (const chunk of this.#chunks.splice(0)) {
      if (this.#sink === sink) sink.onData(chunk);
    }
    if (this.#sink !== sink) return;
    if (this.#state === "ended") sink.onEnd();
    else if (this.#state === "failed") sink.onError(this.#error as Error);
    else if (!this.#isHeld) this.resume();
  }

  /** No more for now: for the sink. */
  pause(): void {
    this.#isHeld = true;
    if (this.#paused || this.#state !== "open") return;
    this.#paused = true;
    this.#readAt = monotonicMs();
    this.#exchange?.pause();
  }

  /** Go on: for the sink. */
  resume(): void {
    this.#isHeld = false;
    if (!this.#paused || this.#state !== "open") return;
    this.#paused = false;
    this.#exchange?.resume();
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    this.#readAt = monotonicMs();
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#unread -= chunk.length;
      if (this.#paused && this.#unread < highWaterBytes / 2 && this.#state === "open") {
        this.#paused = false;
        this.#exchange?.resume();
      }
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      if (this.#state === "failed") this.#state = "ended";
      return Promise.reject(error);
    }
    if (this.#state !== "open") return Promise.resolve({ done: true, value: undefined });
    if (this.#waiting !== undefined) {
      return Promise.reject(new Error("Cannot read a body twice at once"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #answer(result: IteratorResult<Buffer, undefined>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(result);
  }

  #closed(error: Error | undefined): void {
    if (this.#exchange === undefined) return;
    this.#exchange = undefined;
    this.#onClosed(error);
  }
}
