import {
  type HostError,
  type HostErrorRule,
  hostErrors,
  type InvokeResult,
  payloadOf,
  type ResponseStream,
} from "@lambdad/core";
import type { Exchange } from "@lambdad/http1";
import { encodeEventStreamMessage, frameEventStreamPayload } from "./event-stream.ts";
import {
  type Completion,
  encodeInvokeComplete,
  eventStreamType,
  payloadChunkHeaders,
} from "./response-messages.ts";
import { type InvocationIds, renderIds } from "./result-reply.ts";

/** Payloads up to this go out in one piece with their frame; larger ones are not copied. */
const copiedPayloadBytesMax = 8_192;

/** The largest payload of one message: clients hold a message until it is complete. */
const messagePayloadBytesMax = 1_048_576;

export interface StreamedReplyOptions extends InvocationIds {
  /** The version that the caller is told, as the reply begins before the result is known. */
  readonly version: string;
}

/**
 * A response as InvokeWithResponseStream sends it: event-stream messages over one HTTP reply.
 *
 * The reply starts with the function's response, so that a host error before it has its own HTTP status.
 * Once the caller has gone the exchange is done: what comes is taken and dropped.
 */
export class StreamedReply implements ResponseStream {
  readonly #exchange: Exchange;
  readonly #options: StreamedReplyOptions;
  #started = false;

  constructor(exchange: Exchange, options: StreamedReplyOptions) {
    this.#exchange = exchange;
    this.#options = options;
  }

  /** Whether the status has been sent. */
  get started(): boolean {
    return this.#started;
  }

  /** The content type is not visible to callers of this action. */
  start(_contentType: string): void {
    this.#start("");
  }

  write(chunk: Uint8Array): boolean {
    if (this.#exchange.done) return true;
    this.#start("");
    let takes = true;
    for (let offset = 0; offset < chunk.byteLength; offset += messagePayloadBytesMax) {
      takes = this.#writeMessage(
        chunk.byteLength <= messagePayloadBytesMax
          ? chunk
          : chunk.subarray(offset, offset + messagePayloadBytesMax),
      );
    }
    return takes;
  }

  onDrain(listener: () => void): void {
    this.#exchange.onDrain(listener);
  }

  /** Ends the reply with the result. */
  finish(result: InvokeResult): void {
    if (result.kind !== "streamed") {
      this.#start(result.kind === "failed" ? "X-Amz-Function-Error: Unhandled\r\n" : "");
      for (const chunk of result.payload.chunks) this.write(chunk);
    }
    this.#complete({ error: errorOf(result), logTail: result.logTail });
  }

  /** Ends a reply that has been started when the host fails. */
  fail(error: HostError): void {
    const rule: HostErrorRule = hostErrors[error.code];
    const errorType = rule.wireName ?? error.code;
    const payload = payloadOf(JSON.stringify({ errorType, errorMessage: error.message }));
    this.#complete({ error: { errorType, payload }, logTail: undefined });
  }

  #start(headers: string): void {
    if (this.#started) return;
    this.#started = true;
    const { version } = this.#options;
    this.#exchange.startReply(
      200,
      `Content-Type: ${eventStreamType}\r\n${renderIds(this.#options)}X-Amz-Executed-Version: ${version}\r\n${headers}`,
    );
  }

  #writeMessage(payload: Uint8Array): boolean {
    const exchange = this.#exchange;
    if (payload.byteLength <= copiedPayloadBytesMax) {
      return exchange.write(encodeEventStreamMessage(payloadChunkHeaders, payload));
    }
    const { head, tail } = frameEventStreamPayload(payloadChunkHeaders, payload);
    exchange.write(head);
    exchange.write(payload);
    return exchange.write(tail);
  }

  #complete(completion: Completion): void {
    if (this.#exchange.done) return;
    this.#start("");
    this.#exchange.write(encodeInvokeComplete(completion));
    this.#exchange.endReply();
  }
}

function errorOf(result: InvokeResult): Completion["error"] {
  if (result.kind === "streamed") return result.error;
  // An error before the first byte: its body is the response and the details, as clients take either.
  return result.kind === "failed" ? { errorType: "Unhandled", payload: result.payload } : undefined;
}
