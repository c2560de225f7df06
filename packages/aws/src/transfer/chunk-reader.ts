import type { BodySource } from "../request-body/body-source.ts";

/** Reads a source into buffers, and can be left while it waits for the source. */
export class ChunkReader {
  readonly #source: BodySource;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array | undefined;
  #isEnded = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /**
   * Fills a buffer.
   *
   * @returns bytes filled: fewer than there are at the end of the source only.
   * @throws what the source throws, or the signal's reason.
   */
  async fill(target: Uint8Array, signal: AbortSignal): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const chunk = this.#rest ?? (await this.#next(signal));
      if (chunk === undefined) break;
      const taken = Math.min(chunk.length, target.length - filled);
      target.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), filled);
      filled += taken;
      this.#rest = taken < chunk.length ? chunk.subarray(taken) : undefined;
    }
    return filled;
  }

  /** Whether the source has more than was taken. */
  async hasMore(signal: AbortSignal): Promise<boolean> {
    this.#rest ??= await this.#next(signal);
    return this.#rest !== undefined;
  }

  /** The next bytes that are any. */
  async #next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    signal.throwIfAborted();
    this.#iterator ??= this.#source.open()[Symbol.asyncIterator]();
    while (!this.#isEnded) {
      const { done, value } = await orAborted(this.#iterator.next(), signal);
      if (done === true) this.#isEnded = true;
      else if (value.length > 0) return value;
    }
    return undefined;
  }

  /** Closes the source, also while it is awaited. */
  close(): void {
    if (!this.#isEnded) {
      this.#isEnded = true;
      void this.#iterator?.return?.().then(undefined, ignore);
    }
    this.#source.discard();
  }
}

/** Not `Promise.race`, which would keep something for each chunk until the signal is gone. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      // The source itself has ended the transfer, and may never answer.
      promise.catch(ignore);
      reject(signal.reason as Error);
      return;
    }
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

function ignore(): void {
  // Nobody reads it any more.
}
