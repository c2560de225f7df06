import { HostError } from "@lambdad/core";

/** The bytes of request bodies that one process holds: bounded, and counted when they are announced. */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are taken now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes `count` bytes, all or none. `false`: there is no room for them now. */
  take(count: number): boolean {
    if (this.#bytes + count > this.#bytesMax) return false;
    this.#bytes += count;
    return true;
  }

  give(count: number): void {
    this.#bytes -= count;
  }

  /** What a caller is told whose body finds no room (reliability.md §10). */
  refusal(): HostError {
    return new HostError("TooManyRequestsException", "Rate Exceeded.", {
      reason: "ConcurrentInvocationLimitExceeded",
    });
  }
}
