const SMOOTHING = 0.8;
const BUCKET_SECONDS = 0.5;
/** Share of the rate that is kept after a throttled answer. */
const BETA = 0.7;
const SCALE = 0.4;
const RATE_MIN = 0.5;
const RATE_MEASURED_FACTOR_MAX = 2;

/**
 * Limits the rate of a client's requests to what its service lets through, as the adaptive retry
 * mode of the official SDKs does: nothing until the first throttled answer, then a bucket of tokens
 * whose rate falls to 0.7 and recovers along a cubic curve. Rates are requests per second.
 */
export class RateLimiter {
  #enabled = false;
  // The bucket.
  #fillRate = RATE_MIN;
  #capacity = 1;
  #tokens = 0;
  #filledAt: number | undefined;
  // The measured rate, over steps of half a second.
  #measured = 0;
  #count = 0;
  #stepStart: number | undefined;
  // The cubic curve.
  #rateAtThrottle = 0;
  #throttledAt: number | undefined;

  /** Requests per second that are let through; `Infinity` before the first throttled answer. */
  get rate(): number {
    return this.#enabled ? this.#fillRate : Number.POSITIVE_INFINITY;
  }

  /** Takes a token and answers 0, or answers the milliseconds until there is one. */
  take(nowMs: number): number {
    if (!this.#enabled) return 0;
    this.#refill(nowMs / 1000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    // Rounded up, so that there is a token when the time has passed.
    return Math.ceil(((1 - this.#tokens) / this.#fillRate) * 1000);
  }

  /** An answer has arrived. */
  record(throttled: boolean, nowMs: number): void {
    const now = nowMs / 1000;
    const measured = this.#measure(now);
    this.#throttledAt ??= now;
    let rate: number;
    if (throttled) {
      this.#rateAtThrottle = this.#enabled ? Math.min(measured, this.#fillRate) : measured;
      this.#throttledAt = now;
      this.#enabled = true;
      rate = this.#rateAtThrottle * BETA;
    } else {
      const zeroPoint = Math.cbrt((this.#rateAtThrottle * (1 - BETA)) / SCALE);
      rate = SCALE * (now - this.#throttledAt - zeroPoint) ** 3 + this.#rateAtThrottle;
    }
    this.#setRate(Math.min(rate, RATE_MEASURED_FACTOR_MAX * measured), now);
  }

  #measure(now: number): number {
    const step = Math.floor(now / BUCKET_SECONDS) * BUCKET_SECONDS;
    this.#stepStart ??= Math.floor(now);
    this.#count += 1;
    if (step > this.#stepStart) {
      const current = this.#count / (step - this.#stepStart);
      this.#measured = current * SMOOTHING + this.#measured * (1 - SMOOTHING);
      this.#count = 0;
      this.#stepStart = step;
    }
    return this.#measured;
  }

  #setRate(rate: number, now: number): void {
    // What has flowed in so far did so at the old rate.
    this.#refill(now);
    this.#fillRate = Math.max(rate, RATE_MIN);
    this.#capacity = Math.max(rate, 1);
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #refill(now: number): void {
    // A clock that was set back gives nothing and takes nothing.
    const elapsed = this.#filledAt === undefined ? 0 : Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsed * this.#fillRate);
    this.#filledAt = now;
  }
}
