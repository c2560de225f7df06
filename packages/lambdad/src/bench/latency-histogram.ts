/**
 * Durations in buckets whose width grows with the value: a bounded table, whatever is recorded.
 *
 * Values are whole microseconds. Below 256 they are exact; above, a bucket is at most 1/128 of its
 * value wide. The table ends at 2^40 µs, twelve days; what is longer is counted there.
 */
export class LatencyHistogram {
  readonly #counts: Float64Array = new Float64Array(bucketsMax);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Takes one duration in milliseconds; what is below 0 counts as 0. */
  record(milliseconds: number): void {
    const microseconds = Math.max(0, Math.round(1000 * milliseconds));
    const bucket = Math.min(bucketOf(microseconds), bucketsMax - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += microseconds;
    if (microseconds < this.#min) this.#min = microseconds;
    if (microseconds > this.#max) this.#max = microseconds;
  }

  /** Durations recorded. */
  get count(): number {
    return this.#count;
  }

  /** Shortest in milliseconds, exact; 0 when there is none. */
  get minMs(): number {
    return this.#count === 0 ? 0 : this.#min / 1000;
  }

  /** Longest in milliseconds, exact; 0 when there is none. */
  get maxMs(): number {
    return this.#max / 1000;
  }

  /** In milliseconds, exact; 0 when there is none. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count / 1000;
  }

  /**
   * The duration in milliseconds that the given share of all durations does not exceed: at most 1/128
   * above the true one, and never outside of what was recorded. 0 when there is none.
   *
   * @throws {RangeError} when `share` is not in 0..1.
   */
  quantileMs(share: number): number {
    if (!(share >= 0 && share <= 1)) {
      throw new RangeError(`Cannot take the quantile '${share}': it is not in 0..1`);
    }
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < bucketsMax; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) {
        return Math.min(Math.max(largestOf(bucket), this.#min), this.#max) / 1000;
      }
    }
    return this.maxMs;
  }
}

/** Buckets of one power of two. */
const buckets = 128;
const exactBits = 8;
const valueBitsMax = 40;
const bucketsMax = 2 * buckets + buckets * (valueBitsMax - exactBits);

/** Values below 256 have a bucket each; then each power of two has 128. */
function bucketOf(value: number): number {
  if (value < 2 * buckets) return value;
  const exponent = Math.floor(Math.log2(value)) - (exactBits - 1);
  const mantissa = Math.floor(value / 2 ** exponent);
  return buckets * exponent + mantissa;
}

/** The largest value that falls into the bucket. */
function largestOf(bucket: number): number {
  if (bucket < 2 * buckets) return bucket;
  const exponent = Math.floor(bucket / buckets) - 1;
  const mantissa = bucket - buckets * exponent;
  return (mantissa + 1) * 2 ** exponent - 1;
}
