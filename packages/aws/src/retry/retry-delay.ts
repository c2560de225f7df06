/** Delay that no retry exceeds by itself. */
export const RETRY_DELAY_MS_MAX = 20_000;

/** How much longer than computed a service can make a retry wait. */
export const RETRY_AFTER_EXTRA_MS_MAX = 5000;

/** What a delay is computed from. */
export interface RetryDelay {
  /** 0 for the first retry. */
  readonly retry: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** 0 to 1. */
  readonly random: number;
  readonly retryAfterMs: number | undefined;
}

/**
 * Milliseconds to wait before a retry: full jitter over an exponential with a cap; the service's
 * wish counts from the computed delay to 5 seconds above it.
 */
export function retryDelayMs(delay: RetryDelay): number {
  const computed = delay.random * Math.min(delay.baseMs * 2 ** delay.retry, delay.maxMs);
  const wish = delay.retryAfterMs;
  if (wish === undefined) return computed;
  return Math.max(computed, Math.min(wish, computed + RETRY_AFTER_EXTRA_MS_MAX));
}
