import { limits, payloadFromChunks, type Payload } from "@lambdad/core";
import type { BodyReceiver, Exchange } from "@lambdad/http1";
import { requestTooLarge, truncatedRequest } from "../api-error.ts";
import { replyError } from "./replies.ts";

/** Takes a whole body of at most `bytesMax`; refuses what is larger or breaks off. */
export function collectBody(
  exchange: Exchange,
  onBody: (payload: Payload) => void,
  bytesMax: number = limits.errorBodyBytesMax,
): void {
  exchange.receive(new CollectedBody(exchange, onBody, bytesMax));
}

class CollectedBody implements BodyReceiver {
  readonly #exchange: Exchange;
  readonly #onBody: (payload: Payload) => void;
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  #refused = false;

  constructor(exchange: Exchange, onBody: (payload: Payload) => void, bytesMax: number) {
    this.#exchange = exchange;
    this.#onBody = onBody;
    this.#bytesMax = bytesMax;
  }

  data(chunk: Uint8Array): void {
    if (this.#refused) return;
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength <= this.#bytesMax) {
      this.#chunks.push(chunk);
      return;
    }
    this.#refused = true;
    this.#chunks = [];
    replyError(this.#exchange, requestTooLarge(this.#bytesMax));
  }

  end(): void {
    if (!this.#refused) this.#onBody(payloadFromChunks(this.#chunks));
  }

  aborted(): void {
    if (!this.#refused) replyError(this.#exchange, truncatedRequest);
  }
}
