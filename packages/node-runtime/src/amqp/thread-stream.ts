import type { ResponseStream } from "@lambdad/core";
import type { ThreadMessage } from "./thread-messages.ts";

export interface ThreadStreamOptions {
  /** Under which the pool knows the call. */
  readonly id: number;
  readonly say: (message: ThreadMessage, transfer?: readonly ArrayBuffer[]) => void;
}

/**
 * A response on its way from a thread to the pool. It is full after each piece, until the pool says that
 * its caller has taken that: so a slow reader stops the function, and no thread fills the pool's memory.
 */
export class ThreadStream implements ResponseStream {
  readonly #options: ThreadStreamOptions;
  #onTheWay = 0;
  #listeners: (() => void)[] = [];

  constructor(options: ThreadStreamOptions) {
    this.#options = options;
  }

  start(contentType: string): void {
    const { id, say } = this.#options;
    say({ kind: "started", id, contentType });
  }

  write(chunk: Uint8Array): boolean {
    const { id, say } = this.#options;
    // A copy: what a function writes may be part of a buffer that it keeps.
    const bytes = Uint8Array.from(chunk);
    this.#onTheWay += 1;
    say({ kind: "piece", id, bytes }, [bytes.buffer]);
    return false;
  }

  onDrain(listener: () => void): void {
    if (this.#onTheWay === 0) queueMicrotask(listener);
    else this.#listeners.push(listener);
  }

  /** The pool has passed a piece on, and its caller takes the next one. */
  taken(): void {
    this.#onTheWay -= 1;
    if (this.#onTheWay > 0) return;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
