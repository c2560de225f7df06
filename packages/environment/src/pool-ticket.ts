import type { HostError, Invocation, InvokeResult } from "@lambdad/core";
import type { Ticket } from "./ticket.ts";

/** The pool's side of an invocation: a promise to its caller, kept exactly once. */
export class PoolTicket implements Ticket {
  readonly invocation: Invocation;
  readonly arrivedAtMs: number = performance.now();
  readonly #resolve: (result: InvokeResult) => void;
  readonly #reject: (reason: unknown) => void;
  #waitTimer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    invocation: Invocation,
    resolve: (result: InvokeResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.invocation = invocation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** While it waits: `onExpired` after `limitMs`, `onAbort` when the caller has gone (HT-1). */
  watch(
    limitMs: number,
    signal: AbortSignal,
    callbacks: {
      readonly onExpired: (ticket: PoolTicket) => void;
      readonly onAbort: (ticket: PoolTicket) => void;
    },
  ): void {
    this.#waitTimer = setTimeout(callbacks.onExpired, limitMs, this);
    this.#signal = signal;
    this.#onAbort = () => callbacks.onAbort(this);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Waits some more. */
  extend(limitMs: number, onExpired: (ticket: PoolTicket) => void): void {
    this.#waitTimer = setTimeout(onExpired, limitMs, this);
  }

  /** It waits no more. */
  unwatch(): void {
    clearTimeout(this.#waitTimer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
    this.#signal = undefined;
  }

  settle(result: InvokeResult): void {
    this.unwatch();
    this.#resolve(result);
  }

  fail(error: HostError): void {
    this.unwatch();
    this.#reject(error);
  }

  /** The caller has gone before the invocation started. */
  abandon(reason: unknown): void {
    this.unwatch();
    this.#reject(reason);
  }
}
