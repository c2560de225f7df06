import { randomUUID } from "node:crypto";
import { payloadBytes, type ResponseStream, type StreamedResult } from "@lambdad/core";
import { headerNames } from "../message/headers.ts";
import { streamStallMs } from "../message/stream-stall.ts";
import { bufferOf, streamEndHeaders } from "../message/reply-message.ts";
import type { ReplyPublisher, SendOutcome } from "./reply-publisher.ts";

/** Bytes of one message: as much as fits into one frame of the usual size, with its overhead. */
const pieceBytesMax = 131_000;

/** Bytes that wait before the function has to. */
const waitingBytesMax = 262_144;

/** Before a piece is sent again that the full queue has refused, in milliseconds. */
const refusedMs = 20;

export interface ReplyStreamOptions {
  readonly publisher: ReplyPublisher;
  readonly replyTo: string;
  readonly correlationId: string | undefined;
}

/**
 * A response on its way to a caller that takes it piece by piece: messages with a number each, the next
 * one sent when the broker has confirmed the one before. The caller's queue is short and refuses what it
 * has no room for, so a slow reader slows the function down, and the broker holds next to nothing.
 *
 * Contract: AMQP-RPC, §16.10.
 */
export class ReplyStream implements ResponseStream {
  readonly #options: ReplyStreamOptions;
  /** A second host that runs the request again begins a stream of its own. */
  readonly #id: string = randomUUID();
  #contentType = "application/octet-stream";
  #sequence = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isSending = false;
  /** The caller has gone: everything is taken and dropped. */
  #isDead = false;
  #refusedSinceMs: number | undefined;
  #listeners: (() => void)[] = [];
  #last: { readonly result: StreamedResult; readonly done: () => void } | undefined;

  constructor(options: ReplyStreamOptions) {
    this.#options = options;
  }

  start(contentType: string): void {
    this.#contentType = contentType;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isDead) return true;
    // The bytes leave later, and whoever gave them may use their memory again.
    this.#waiting.push(Uint8Array.from(chunk));
    this.#waitingBytes += chunk.byteLength;
    this.#pump();
    return this.#waitingBytes < waitingBytesMax;
  }

  onDrain(listener: () => void): void {
    if (this.#isDead || this.#waitingBytes < waitingBytesMax) queueMicrotask(listener);
    else this.#listeners.push(listener);
  }

  /** The function has ended. `done` is called when the last message has left, or the caller has gone. */
  end(result: StreamedResult, done: () => void): void {
    this.#last = { result, done };
    if (this.#isDead) done();
    else this.#pump();
  }

  #pump(): void {
    if (this.#isSending || this.#isDead) return;
    if (this.#waitingBytes > 0) this.#send(this.#nextPiece(), undefined);
    else if (this.#last !== undefined) {
      const { error } = this.#last.result;
      const body = error === undefined ? Buffer.alloc(0) : bufferOf(payloadBytes(error.payload));
      this.#send(body, this.#last.result);
    }
  }

  /** Joins no more than it takes: the rest of a large chunk would be copied again for each piece of it. */
  #nextPiece(): Buffer {
    let taken = 0;
    let bytes = 0;
    while (taken < this.#waiting.length && bytes < pieceBytesMax) {
      bytes += this.#waiting[taken]?.byteLength ?? 0;
      taken += 1;
    }
    const parts = this.#waiting.splice(0, taken);
    const excess = bytes - pieceBytesMax;
    if (excess > 0) {
      const last = parts.pop() ?? new Uint8Array();
      const end = last.byteLength - excess;
      parts.push(last.subarray(0, end));
      this.#waiting.unshift(last.subarray(end));
    }
    const piece = Buffer.concat(parts);
    this.#waitingBytes -= piece.byteLength;
    return piece;
  }

  #send(body: Buffer, last: StreamedResult | undefined): void {
    const { publisher, replyTo, correlationId } = this.#options;
    const sequence = this.#sequence;
    this.#isSending = true;
    publisher.publish({
      to: replyTo,
      body,
      contentType: this.#contentType,
      correlationId,
      headers: {
        ...streamEndHeaders(last),
        [headerNames.stream]: `${sequence}/${last === undefined ? "" : sequence}`,
        [headerNames.streamId]: this.#id,
      },
      timestamp: undefined,
      persistent: false,
      confirmed: true,
      expiresAtMs: undefined,
      declare: undefined,
      sent: (outcome) => this.#sent(outcome, body, last),
    });
  }

  #sent(outcome: SendOutcome, body: Buffer, last: StreamedResult | undefined): void {
    this.#isSending = false;
    if (outcome === "refused" && this.#mayRetry()) {
      this.#isSending = true;
      setTimeout(() => this.#send(body, last), refusedMs);
      return;
    }
    if (outcome !== "sent") {
      this.#die();
      return;
    }
    this.#refusedSinceMs = undefined;
    this.#sequence += 1;
    if (last !== undefined) {
      this.#last?.done();
      return;
    }
    this.#pump();
    if (this.#waitingBytes < waitingBytesMax) this.#drained();
  }

  #mayRetry(): boolean {
    const nowMs = performance.now();
    this.#refusedSinceMs ??= nowMs;
    return nowMs - this.#refusedSinceMs < streamStallMs;
  }

  #die(): void {
    this.#isDead = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#drained();
    this.#last?.done();
  }

  #drained(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
