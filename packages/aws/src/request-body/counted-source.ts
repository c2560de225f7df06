import type { BodySource } from "./body-source.ts";

/** Bytes that are handed on, and counted, at a time. */
const COUNTED_PIECE_BYTES = 256 * 1024;

/** Hears of a body on its way. */
export interface SentListener {
  /** The body is sent from its beginning: for the first time, or again. */
  onStart(): void;
  /** Bytes were taken to be sent. */
  onSent(bytes: number): void;
}

/** A source that says how much of it is sent; reading it for a digest does not count. */
export class CountedSource implements BodySource {
  readonly #source: BodySource;
  readonly #listener: SentListener;

  constructor(source: BodySource, listener: SentListener) {
    this.#source = source;
    this.#listener = listener;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  get replayable(): boolean {
    return this.#source.replayable;
  }

  get taken(): boolean {
    return this.#source.taken;
  }

  open(): AsyncIterable<Uint8Array> {
    return this.#source.open();
  }

  /** By which a call's input knows it for a body. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.send()[Symbol.asyncIterator]();
  }

  /** As `open`, for the wire. */
  send(): AsyncIterable<Uint8Array> {
    return this.#send(this.#source.open());
  }

  async *#send(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    this.#listener.onStart();
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += COUNTED_PIECE_BYTES) {
        const piece = chunk.subarray(at, at + COUNTED_PIECE_BYTES);
        yield piece;
        // It has been written when the next one is asked for.
        this.#listener.onSent(piece.length);
      }
    }
  }

  discard(): void {
    this.#source.discard();
  }
}
