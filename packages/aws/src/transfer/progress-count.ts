import type { ProgressCounter, TransferProgress } from "./transfer-types.ts";

type Listener = (progress: TransferProgress) => void;

/** Counts the bytes of a transfer by part, and tells its listeners. */
export class ProgressCount implements ProgressCounter {
  total: number | undefined;
  readonly #key: string;
  readonly #onThrow: (error: unknown) => void;
  #listeners: readonly Listener[] = [];
  #loaded = 0;
  /** Bytes of each part; of the whole object under 0. */
  readonly #parts: number[] = [];

  /** @param onThrow a listener has thrown. */
  constructor(key: string, onThrow: (error: unknown) => void) {
    this.#key = key;
    this.#onThrow = onThrow;
  }

  get loaded(): number {
    return this.#loaded;
  }

  /** @returns a function that removes the listener. @throws TypeError for what is no function. */
  listen(listener: Listener): () => void {
    if (typeof listener !== "function") {
      throw new TypeError(
        `Cannot report progress to a value of type ${typeof listener}: give a function`,
      );
    }
    // The same function may listen twice: each has its own end.
    const own: Listener = (progress) => listener(progress);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== own);
    };
  }

  add(bytes: number, part?: number): void {
    if (bytes !== 0) this.#move(bytes, part);
  }

  restart(part?: number): void {
    const counted = this.#parts[part ?? 0] ?? 0;
    if (counted !== 0) this.#move(-counted, part);
  }

  #move(bytes: number, part: number | undefined): void {
    this.#parts[part ?? 0] = (this.#parts[part ?? 0] ?? 0) + bytes;
    this.#loaded += bytes;
    if (this.#listeners.length === 0) return;
    const progress: TransferProgress = {
      loaded: this.#loaded,
      total: this.total,
      part,
      key: this.#key,
    };
    try {
      for (const listener of this.#listeners) listener(progress);
    } catch (error) {
      this.#onThrow(error);
    }
  }
}
