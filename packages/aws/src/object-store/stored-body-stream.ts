import type { BodyStream } from "../client/body-stream.ts";
import type { StoredStream } from "./object-storage.ts";

/** The bytes of a stored object for the reader of an output. */
export class StoredBodyStream implements BodyStream {
  readonly length: number;
  readonly #stream: StoredStream;
  #iterator: AsyncIterator<Buffer> | undefined;
  #hasEnded = false;
  #error: Error | undefined;

  constructor(stream: StoredStream) {
    this.length = stream.length;
    this.#stream = stream;
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
      this.#hasEnded = true;
      throw this.#error ?? error;
    }
    if (this.#error !== undefined) return this.#last();
    if (result.done !== true) return { done: false, value: result.value };
    this.#hasEnded = true;
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#error = error;
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

  #last(): Promise<IteratorResult<Buffer, undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(error);
  }
}
