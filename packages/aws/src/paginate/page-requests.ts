import type { CallOptions } from "../client/options.ts";
import type { Input, Output } from "../protocol/protocol.ts";

/** Makes the calls of one run of pages; at most one of them ahead of its use. */
export class PageRequests {
  readonly #call: (input: Input, options: CallOptions) => Promise<Output>;
  readonly #options: CallOptions;
  #ahead: Ahead | undefined;

  constructor(call: (input: Input, options: CallOptions) => Promise<Output>, options: CallOptions) {
    this.#call = call;
    this.#options = options;
  }

  /** Starts the request of the next page, before it is asked for. */
  start(input: Input): void {
    const controller = new AbortController();
    const signal = this.#options.signal ?? this.#options.abortSignal;
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    const page = this.#call(input, { ...this.#options, signal: controller.signal }).finally(() =>
      signal?.removeEventListener("abort", abort),
    );
    // Its failure belongs to whoever takes it; if nobody does, to nobody.
    page.catch(() => undefined);
    this.#ahead = { page, controller };
  }

  /** The page that was started, else one that is asked for now. */
  take(input: Input): Promise<Output> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead === undefined ? this.#call(input, this.#options) : ahead.page;
  }

  /** Aborts what nobody will take. */
  close(): void {
    this.#ahead?.controller.abort();
    this.#ahead = undefined;
  }
}

interface Ahead {
  readonly page: Promise<Output>;
  readonly controller: AbortController;
}
