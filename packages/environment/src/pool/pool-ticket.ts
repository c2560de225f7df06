import { emptyPayload, type HostError, type Invocation, type InvokeResult } from "@lambdad/core";
import { throttledError } from "./pool-errors.ts";
import type { Ticket } from "./ticket.ts";

/** The pool's side of an invocation: a promise to its caller, kept exactly once. */
export class PoolTicket implements Ticket {
  #invocation: Invocation;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  readonly arrivedAtMs: number = performance.now();
  readonly #resolve: (result: InvokeResult) => void;
  readonly #reject: (reason: unknown) => void;
  /** Neighbours in the queue, while it waits; its links are the queue's business. */
  before: PoolTicket | undefined;
  after: PoolTicket | undefined;

  constructor(
    call: { readonly invocation: Invocation; readonly signal: AbortSignal },
    resolve: (result: InvokeResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#invocation = call.invocation;
    this.signal = call.signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get invocation(): Invocation {
    return this.#invocation;
  }

  forgetEvent(): void {
    this.#invocation = { ...this.#invocation, payload: emptyPayload };
  }

  settle(result: InvokeResult): void {
    this.#resolve(result);
  }

  fail(error: HostError): void {
    this.#reject(error);
  }

  /**
   * Ends it when its caller waits no longer: it has gone, or its time is over.
   *
   * @returns whether it has ended.
   */
  endIfLeft(nowMs: number): boolean {
    const { expiresAtMs } = this.#invocation;
    if (this.signal.aborted) this.#reject(this.signal.reason);
    else if (expiresAtMs !== undefined && expiresAtMs <= nowMs) this.#reject(throttledError());
    else return false;
    return true;
  }
}
