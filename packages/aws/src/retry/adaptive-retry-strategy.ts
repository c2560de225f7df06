import { RateLimiter } from "./rate-limiter.ts";
import type {
  FailedAttempt,
  RetryDecision,
  RetryOptions,
  RetryStrategy,
} from "./retry-strategy.ts";
import { StandardRetryStrategy } from "./standard-retry-strategy.ts";

/**
 * The standard strategy plus a limit on the client's rate. The limit, not the bucket of tokens,
 * bounds retries, unless the quota is asked for.
 */
export class AdaptiveRetryStrategy implements RetryStrategy {
  readonly #standard: StandardRetryStrategy;
  readonly #limiter = new RateLimiter();

  constructor(options: RetryOptions) {
    this.#standard = new StandardRetryStrategy({ ...options, quota: options.quota ?? false });
  }

  get maxAttempts(): number {
    return this.#standard.maxAttempts;
  }

  sendDelayMs(nowMs: number): number {
    return this.#limiter.take(nowMs);
  }

  succeeded(lastCost: number, nowMs: number): void {
    this.#limiter.record(false, nowMs);
    this.#standard.succeeded(lastCost);
  }

  failed(failure: FailedAttempt, nowMs: number): RetryDecision {
    this.#limiter.record(failure.category === "throttling", nowMs);
    return this.#standard.failed(failure);
  }
}
