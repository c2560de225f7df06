import type { Invocation } from "@lambdad/core";

/** What a runtime gets for its `GET /next`. */
export interface Delivery {
  readonly invocation: Invocation;
  /** `Lambda-Runtime-Deadline-Ms`: milliseconds since the epoch. */
  readonly deadlineEpochMs: number;
  /** `Lambda-Runtime-Invocation-Id`: unique per attempt. */
  readonly attemptId: string;
}

/** A runtime that waits in `/next`: over HTTP, or over the channel of our own runtime. */
export interface Poller {
  /** Gives it the event. Called once. */
  deliver(delivery: Delivery): void;
}
