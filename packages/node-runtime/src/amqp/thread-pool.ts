import type { Clock, Invocation, Invoker, InvokeResult } from "@lambdad/core";
import type { ErrorBody } from "../runtime-client.ts";
import { exitResult, failedWith, type ThreadExit, timedOutResult } from "./failed-results.ts";
import { PoolCall } from "./pool-call.ts";
import { RunningCalls, runtimeClock } from "./running-calls.ts";
import { resultOf, type ThreadAnswer, type ThreadSettings } from "./thread-messages.ts";
import { type ThreadEnd, ThreadSeat } from "./thread-seat.ts";

export interface ThreadPoolOptions {
  readonly settings: ThreadSettings;
  readonly threads: number;
  /** Calls in all threads together; each has its equal part of them at most. */
  readonly concurrency: number;
  /** Of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** A call was answered because its time was up: its thread is replaced. */
  readonly timedOut: (requestId: string, limitMs: number) => void;
  /** A thread has ended by itself, with so many calls in it. */
  readonly threadEnded: (exit: ThreadExit, calls: number) => void;
  readonly clock?: Clock;
}

/** A thread could not load the function. `body` is what its callers would get. */
export class ThreadInitError extends Error {
  override readonly name: string = "ThreadInitError";
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(`Cannot load the function: ${body.errorType}: ${body.errorMessage}`);
    this.body = body;
  }
}

/**
 * Runs a function in worker threads: each loads it for itself, and a call goes to the one with the fewest.
 * A thread whose call is over its time is ended and replaced; so is one that crashes or exits, and its
 * calls fail with `Runtime.ExitError`.
 */
export class ThreadPool implements Invoker {
  readonly #options: ThreadPoolOptions;
  readonly #clock: Clock;
  readonly #version: string;
  readonly #running: RunningCalls;
  readonly #waiting: PoolCall[] = [];
  readonly #watched = new WeakSet<AbortSignal>();
  #seats: readonly ThreadSeat[] = [];
  #initError: ErrorBody | undefined;
  #starting: { left: number; ready: () => void; failed: (error: Error) => void } | undefined;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#clock = options.clock ?? runtimeClock;
    this.#version = options.settings.environment.functionVersion ?? "$LATEST";
    this.#running = new RunningCalls(this.#clock);
  }

  /**
   * Starts the threads, and resolves when all of them have loaded the function.
   *
   * @throws {ThreadInitError} when one of them cannot.
   */
  async start(): Promise<void> {
    const { settings, threads, concurrency } = this.#options;
    const started = new Promise<void>((ready, failed) => {
      this.#starting = { left: threads, ready, failed };
    });
    this.#seats = Array.from(
      { length: threads },
      () =>
        new ThreadSeat({
          settings,
          capacity: Math.max(1, Math.ceil(concurrency / threads)),
          clock: this.#clock,
          observer: { ready: this.#ready, answered: this.#answered, ended: this.#ended },
        }),
    );
    await started;
  }

  /** Ends all threads at once. */
  close(): void {
    for (const seat of this.#seats) seat.close();
  }

  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const call = new PoolCall(invocation, {
        clock: this.#clock,
        timeoutMs: this.#options.timeoutMs,
        signal,
        resolve,
        reject,
        expired: this.#expired,
      });
      this.#running.add(call);
      const seat = this.#freeSeat();
      if (seat !== undefined) {
        seat.send(call);
        return;
      }
      this.#waiting.push(call);
      this.#watch(signal);
      this.#failWaiting();
    });
  }

  /** The seat with the fewest calls, if any has room. */
  #freeSeat(): ThreadSeat | undefined {
    let best: ThreadSeat | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const seat of this.#seats) {
      const { load } = seat;
      if (load >= least) continue;
      best = seat;
      least = load;
    }
    return best;
  }

  #pump(): void {
    for (;;) {
      const seat = this.#waiting.length === 0 ? undefined : this.#freeSeat();
      const call = seat === undefined ? undefined : this.#waiting.shift();
      if (seat === undefined || call === undefined) return;
      seat.send(call);
    }
  }

  /** Whoever waits while no thread comes up gets the reason instead (RT-8). */
  #failWaiting(): void {
    const error = this.#initError;
    if (error === undefined || this.#seats.some((seat) => seat.isServing)) return;
    for (const call of this.#waiting.splice(0)) {
      this.#running.remove(call);
      call.answer(failedWith(error, this.#version));
    }
  }

  /** One listener for all calls of a signal: the door has the same one for all of its requests. */
  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return;
    this.#watched.add(signal);
    const gone = (): void => {
      for (const call of this.#waiting.filter((one) => one.signal === signal)) {
        this.#leave(call);
        this.#running.remove(call);
        call.refuse(signal.reason);
      }
    };
    signal.addEventListener("abort", gone, { once: true });
  }

  #leave(call: PoolCall): void {
    const index = this.#waiting.indexOf(call);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  readonly #ready = (): void => {
    this.#initError = undefined;
    const starting = this.#starting;
    if (starting !== undefined) {
      starting.left -= 1;
      if (starting.left === 0) starting.ready();
    }
    this.#pump();
  };

  readonly #answered = (call: PoolCall, answer: ThreadAnswer): void => {
    if (call.state.kind === "answered") return;
    this.#running.remove(call);
    if (this.#clock.nowMs() < call.deadlineMs) call.answer(resultOf(answer, this.#version));
    else this.#expired(call);
    this.#pump();
  };

  /** The call is in no list any more. */
  readonly #expired = (call: PoolCall): void => {
    const { state, invocation } = call;
    const limitMs = call.deadlineMs - call.startedMs;
    if (state.kind === "waiting") this.#leave(call);
    call.answer(timedOutResult(invocation.requestId, limitMs, this.#version));
    this.#options.timedOut(invocation.requestId, limitMs);
    if (state.kind === "sent") state.kill();
  };

  readonly #ended = ({ calls, exit, isInit, initError }: ThreadEnd): void => {
    if (isInit) {
      this.#initError = initError ?? {
        errorType: "Runtime.ExitError",
        errorMessage: `The worker thread has ended with ${exit.code} before the function was loaded`,
        trace: [],
      };
      this.#starting?.failed(new ThreadInitError(this.#initError));
    }
    const unanswered = calls.filter((call) => call.state.kind === "sent");
    for (const call of unanswered) {
      this.#running.remove(call);
      call.answer(exitResult(call.invocation.requestId, exit, this.#version));
    }
    if (exit.code !== undefined) this.#options.threadEnded(exit, unanswered.length);
    this.#failWaiting();
  };
}
