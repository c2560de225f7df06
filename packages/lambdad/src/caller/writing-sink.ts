import type { ResponseStream } from "@lambdad/core";

/** Takes a response piece by piece and writes it: full until a piece is written. */
export class WritingSink implements ResponseStream {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #written: Promise<void> = Promise.resolve();
  #lastByte: number | undefined;

  /** @param write - Must not reject; it resolves when it takes more. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Last byte that was written; `undefined` when there was none. */
  get lastByte(): number | undefined {
    return this.#lastByte;
  }

  start(): void {
    // Whoever writes bytes as they are has no use for their type.
  }

  write(chunk: Uint8Array): boolean {
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    // Whoever gave the piece may use its memory again.
    const bytes = Uint8Array.from(chunk);
    this.#written = this.#written.then(() => this.#write(bytes));
    return false;
  }

  onDrain(listener: () => void): void {
    void this.#written.then(listener);
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#written;
  }
}
