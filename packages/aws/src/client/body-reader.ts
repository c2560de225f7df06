import type { BodyStream } from "./body-stream.ts";
import { onForgotten, remembered } from "./on-forgotten.ts";

/**
 * Reads a body for one reader. An object of its own: when the reader drops it half way, the body,
 * which its connection still holds, is given up.
 */
export class BodyReader implements AsyncIterableIterator<Buffer, undefined> {
  readonly #channel: BodyStream;

  /** @param forget called when it becomes unreachable before the end. */
  constructor(channel: BodyStream, forget: (() => void) | undefined) {
    this.#channel = channel;
    if (forget !== undefined) onForgotten(this, forget);
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#channel.hasEnded) remembered(this);
    return this.#channel.next();
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    remembered(this);
    return this.#channel.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
