/** Milliseconds for the answer to a call that is given up when all of it has been sent. */
const answerWaitMs = 1000;

/**
 * The signal of a part's call. When everything stops, a call that is only waiting for its answer is
 * given a moment for it: a part that arrives after the upload's parts were removed would stay.
 */
export class LateAnswer {
  readonly #own = new AbortController();
  readonly #stop: AbortSignal;
  readonly #isSent: () => boolean;
  readonly #onStop = (): void => this.#stopped();
  #timer: NodeJS.Timeout | undefined;
  #isUnknown = false;

  constructor(stop: AbortSignal, isSent: () => boolean) {
    this.#stop = stop;
    this.#isSent = isSent;
    if (stop.aborted) this.#own.abort(stop.reason);
    else stop.addEventListener("abort", this.#onStop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  #stopped(): void {
    if (!this.#isSent()) {
      this.#own.abort(this.#stop.reason);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#isUnknown = true;
      this.#own.abort(this.#stop.reason);
    }, answerWaitMs);
  }

  /** The call is over. @returns `unknown`: it was given up, and may have done its work. */
  close(): "known" | "unknown" {
    clearTimeout(this.#timer);
    this.#stop.removeEventListener("abort", this.#onStop);
    return this.#isUnknown ? "unknown" : "known";
  }
}
