import type { ResponseStream } from "@lambdad/core";

export interface CollectingStreamOptions {
  /** Bytes after which it says that it is full; it drains in a later turn. Default: never full. */
  readonly fullAfterBytes?: number;
}

/** A {@link ResponseStream} that keeps what it gets, and notes every breach of its contract. */
export class CollectingStream implements ResponseStream {
  readonly #fullAfterBytes: number;
  #bytesSinceDrain = 0;
  #full = false;
  readonly #listeners: (() => void)[] = [];
  #contentType: string | undefined;
  readonly chunks: Uint8Array[] = [];
  /** What the invoker did that it must not do. Empty is good. */
  readonly breaches: string[] = [];
  /** How often it said that it was full. */
  fullCount = 0;

  constructor(options: CollectingStreamOptions = {}) {
    this.#fullAfterBytes = options.fullAfterBytes ?? Infinity;
  }

  /** `undefined` until the response has started. */
  get contentType(): string | undefined {
    return this.#contentType;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  start(contentType: string): void {
    if (this.#contentType !== undefined) this.breaches.push("started twice");
    if (this.chunks.length > 0) this.breaches.push("started after the first byte");
    this.#contentType = contentType;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#contentType === undefined) this.breaches.push("wrote before the start");
    if (this.#full) this.breaches.push("wrote while the stream was full");
    // The invoker may use its buffer again.
    this.chunks.push(Uint8Array.from(chunk));
    this.#bytesSinceDrain += chunk.byteLength;
    if (this.#bytesSinceDrain < this.#fullAfterBytes) return true;
    this.#full = true;
    this.fullCount += 1;
    setImmediate(() => {
      this.#drain();
    });
    return false;
  }

  onDrain(listener: () => void): void {
    if (this.#full) this.#listeners.push(listener);
    else queueMicrotask(listener);
  }

  #drain(): void {
    this.#full = false;
    this.#bytesSinceDrain = 0;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
