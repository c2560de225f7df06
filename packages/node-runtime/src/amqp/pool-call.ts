import type { Clock, Invocation, InvokeResult } from "@lambdad/core";
import type { RunningCall } from "./running-calls.ts";
import { StreamedOutput } from "./streamed-output.ts";

/** Where a call of a thread pool is. */
export type PoolCallState =
  | { readonly kind: "waiting" }
  /** Sent to the thread of `seat`, under the number `slot`. */
  | { readonly kind: "sent"; readonly kill: () => void }
  | { readonly kind: "answered" };

export interface PoolCallOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Of the caller. */
  readonly signal: AbortSignal;
  readonly resolve: (result: InvokeResult) => void;
  readonly reject: (reason: unknown) => void;
  readonly expired: (call: PoolCall) => void;
}

/** One call of a thread pool, from the door to its answer. */
export class PoolCall implements RunningCall {
  readonly invocation: Invocation;
  readonly deadlineMs: number;
  readonly startedMs: number;
  /** When the caller takes the response piece by piece. */
  readonly output: StreamedOutput | undefined;
  previous: RunningCall | undefined = undefined;
  next: RunningCall | undefined = undefined;
  state: PoolCallState = { kind: "waiting" };
  readonly #options: PoolCallOptions;

  constructor(invocation: Invocation, options: PoolCallOptions) {
    this.invocation = invocation;
    this.#options = options;
    const { stream } = invocation;
    // The thread counts the bytes.
    this.output = stream === undefined ? undefined : new StreamedOutput(stream, () => undefined);
    this.startedMs = options.clock.nowMs();
    const limitMs = this.startedMs + options.timeoutMs;
    this.deadlineMs = Math.min(limitMs, invocation.expiresAtMs ?? limitMs);
  }

  /** Answers the caller, once. */
  answer(result: InvokeResult): void {
    if (this.state.kind === "answered") return;
    this.state = { kind: "answered" };
    this.#options.resolve(this.output?.finish(result) ?? result);
  }

  /** Gives the call up: its caller has gone. */
  refuse(reason: unknown): void {
    this.state = { kind: "answered" };
    this.#options.reject(reason);
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  expire(): void {
    this.#options.expired(this);
  }
}
