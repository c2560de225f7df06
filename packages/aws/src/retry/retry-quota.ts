/** Tokens of a full bucket. */
export const RETRY_TOKENS_MAX = 500;

/** Tokens that a retry costs. */
export const RETRY_COST = { transient: 14, throttling: 5 } as const;

/** Tokens that a success without retry gives back. */
const SUCCESS_TOKENS = 1;

/**
 * The bucket that ends retries when a service fails for most calls of a client. The numbers are
 * those of the official SDKs since 2026.
 */
export class RetryQuota {
  #tokens = RETRY_TOKENS_MAX;

  /** Tokens left, 0 to `RETRY_TOKENS_MAX`. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Takes the cost of a retry; takes nothing and answers `false` when there is not enough. */
  take(cost: number): boolean {
    if (cost > this.#tokens) return false;
    this.#tokens -= cost;
    return true;
  }

  /** A call has succeeded. `lastCost` is that of its last retry, 0 for none. */
  giveBack(lastCost: number): void {
    if (this.#tokens === RETRY_TOKENS_MAX) return;
    this.#tokens = Math.min(RETRY_TOKENS_MAX, this.#tokens + (lastCost || SUCCESS_TOKENS));
  }
}
