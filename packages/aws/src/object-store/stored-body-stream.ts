import type { BodyStream } from "../client/body-stream.ts";
import type { StoredStream } from "./object-storage.ts";
import { StoreFailure, storeServiceError } from "./store-errors.ts";

/** The bytes of a stored object for the reader of an output. */
export class StoredBodyStream implements BodyStream {
  readonly length: number;
  readonly #stream: StoredStream;
  #iterator: AsyncIterator<Buffer> | undefined;
  #hasEnded = false;
  #error: Error | undefined;
  #onEnd: (() => void) | undefined;

  /** @param onEnd called once, when it has been read to its end, has failed or was left. */
  constructor(stream: StoredStream, onEnd?: () => void) {
    this.length = stream.length;
    this.#stream = stream;
    this.#onEnd = onEnd;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#hasEnded) return this.#last();
    this.#iterator ??= this.#stream.read()[Symbol.asyncIterator]();
    let result: IteratorResult<Buffer, unknown>;
    try {
      result = await this.#iterator.next();
    } catch (error) {
      this.#end();
      throw this.#error ?? shownError(error);
    }
    if (this.#error !== undefined) return this.#last();
    if (result.done !== true) return { done: false, value: result.value };
    this.#end();
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(error?: Error): void {
    if (this.#hasEnded) return;
    this.#error = error;
    this.#end();
    void this.#leave();
    this.#stream.release();
  }

  /** A reading that is under way ends first; what it says is for nobody. */
  async #leave(): Promise<void> {
    try {
      await this.#iterator?.return?.();
    } catch {
      // See above.
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  #last(): Promise<IteratorResult<Buffer, undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(error);
  }
}

/** A store that fails in the middle of a body fails as it does before. */
function shownError(error: unknown): unknown {
  return error instanceof StoreFailure ? storeServiceError(error, "GetObject") : error;
}
