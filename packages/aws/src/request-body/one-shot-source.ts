import type { BodySource } from "./body-source.ts";
import { chunkBytes, takenError } from "./chunk-bytes.ts";

/** How a source that gives its bytes once is read. */
export interface OneShot {
  /** Called once. */
  iterate(): AsyncIterator<unknown> | Iterator<unknown>;
  /** Closes the source; called once, when it has not come to its end. */
  cancel(): void;
  /** What gives its bytes once, whoever reads it: a stream, a generator. */
  readonly origin?: object;
}

/** What has been read or closed here: a generator that is at its end looks like an empty body. */
const gone = new WeakSet<object>();

type State = "unread" | "reading" | "done";

/**
 * Reads a source whose bytes come once. Until the first byte is asked for it can be opened again;
 * left early, or discarded, it is cancelled.
 */
export class OneShotSource implements BodySource {
  readonly #source: OneShot;
  readonly length: number | undefined;
  readonly replayable = false;
  #state: State = "unread";

  /** @param length bytes in all, if known. */
  constructor(source: OneShot, length?: number) {
    this.#source = source;
    this.length = length;
  }

  get taken(): boolean {
    return this.#state !== "unread" || this.#isGone;
  }

  /** It was read or closed as another source: it is no longer ours to read, or to close. */
  get #isGone(): boolean {
    const { origin } = this.#source;
    return this.#state === "unread" && origin !== undefined && gone.has(origin);
  }

  #leave(state: State): void {
    this.#state = state;
    const { origin } = this.#source;
    if (origin !== undefined) gone.add(origin);
  }

  open(): AsyncIterable<Uint8Array> {
    if (this.taken) throw takenError();
    return this.#read();
  }

  discard(): void {
    if (this.#state === "done" || this.#isGone) return;
    this.#leave("done");
    this.#source.cancel();
  }

  // A generator: left before its first step it has taken nothing, and the source stays as it is.
  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.taken) throw takenError();
    this.#leave("reading");
    try {
      const iterator = this.#source.iterate();
      for (;;) {
        const result = await iterator.next();
        if (result.done) break;
        const bytes = chunkBytes(result.value);
        if (bytes.length > 0) yield bytes;
      }
      this.#state = "done";
    } finally {
      this.discard();
    }
  }
}
