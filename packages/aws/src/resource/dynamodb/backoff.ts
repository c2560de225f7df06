/** What the waiting of a batch is told. */
export interface BackoffOptions {
  /** Longest delay, in milliseconds. */
  readonly maxBackoff: number;
  /** Answers in a row with nothing processed, after which it gives up. */
  readonly maxAttempts: number;
  /** 0 to 1; default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Resolves after that many milliseconds, or when the signal aborts. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Ends the delays, as `end` does. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds of the first delay. */
const baseMs = 50;

/**
 * How long the requests of a batch wait after DynamoDB has left something unprocessed. All requests
 * wait together; several that fail at once count once, since none of them knew of the others.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  /** How often a delay has begun; a request remembers the number it was sent under. */
  #era = 0;
  #exponent = 0;
  #attempts = 0;
  #pause: Promise<void> | undefined;
  readonly #ended = new AbortController();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get era(): number {
    return this.#era;
  }

  /** Answers in a row with nothing processed. */
  get attempts(): number {
    return this.#attempts;
  }

  /** There, as long as nothing may be sent. */
  get pause(): Promise<void> | undefined {
    return this.#pause;
  }

  /** Everything of a request was processed. */
  succeeded(): void {
    this.#exponent = 0;
    this.#attempts = 0;
  }

  /**
   * Something of a request was not processed: a delay begins, unless one has begun since it was sent.
   * @param processed the share that was, 0 to 1
   * @returns false: it has been tried often enough.
   */
  failed(era: number, processed: number): boolean {
    if (this.#ended.signal.aborted) return false;
    if (processed > 0) this.#attempts = 0;
    if (era !== this.#era) return true;
    if (processed === 0) this.#attempts += 1;
    if (this.#attempts >= this.#options.maxAttempts) return false;
    const ms = this.#delayMs();
    // Where most is processed the pace is nearly right.
    this.#exponent = Math.max(0, this.#exponent + (processed >= 0.5 ? -1 : 1));
    this.#era += 1;
    const { wait = waitFor, signal } = this.#options;
    const onAbort = (): void => this.end();
    if (signal?.aborted === true) this.end();
    signal?.addEventListener("abort", onAbort);
    this.#pause = wait(ms, this.#ended.signal).finally(() => {
      signal?.removeEventListener("abort", onAbort);
      this.#pause = undefined;
    });
    return true;
  }

  /** Ends a delay that has begun; there is no other one. */
  end(): void {
    this.#ended.abort();
  }

  /** Between half of the exponential delay and all of it: never at once, and never all together. */
  #delayMs(): number {
    const { maxBackoff, random = Math.random } = this.#options;
    return Math.min(maxBackoff, baseMs * 2 ** this.#exponent) * (0.5 + random() / 2);
  }
}

/** Keeps the process alive: there is work left. */
function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
