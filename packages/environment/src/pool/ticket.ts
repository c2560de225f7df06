import type { HostError, Invocation, InvokeResult } from "@lambdad/core";

/** One invocation on its way through the pool: settled exactly once, with a result or an error. */
export interface Ticket {
  readonly invocation: Invocation;
  /** The event will not be asked for again: lets go of its bytes. */
  forgetEvent(): void;
  /** Monotonic time at which it arrived, in milliseconds. */
  readonly arrivedAtMs: number;
  settle(result: InvokeResult): void;
  fail(error: HostError): void;
}
