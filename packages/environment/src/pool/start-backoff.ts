/** First wait after a failed start, in milliseconds (RT-8). */
const firstMs = 100;
/** Longest wait, in milliseconds. */
const maxMs = 10_000;

/** Spaces out the starts of environments while none of them succeeds (RT-8). */
export class StartBackoff {
  #failures = 0;
  #notBeforeMs = 0;

  /** Failed starts since the last that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  failed(nowMs: number): void {
    this.#notBeforeMs = nowMs + Math.min(maxMs, firstMs * 2 ** this.#failures);
    this.#failures += 1;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }

  /** How long to wait before the next start, in milliseconds; 0 when it may be now. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#notBeforeMs - nowMs);
  }
}
