import { payloadText, type StreamError } from "@lambdad/core";
import { encodeEventStreamHeaders, encodeEventStreamMessage } from "./event-stream.ts";
import { renderLogTail } from "./result-reply.ts";

/** Content type of a streamed response. */
export const eventStreamType = "application/vnd.amazon.eventstream";

/** The one message of a streamed response that carries the function's bytes. */
export const payloadChunkType = "PayloadChunk";

/** The message that ends every streamed response, exactly once. */
export const invokeCompleteType = "InvokeComplete";

/** Headers of a {@link payloadChunkType}, encoded. */
export const payloadChunkHeaders: Uint8Array = encodeEventStreamHeaders({
  ":event-type": payloadChunkType,
  ":content-type": "application/octet-stream",
  ":message-type": "event",
});

const invokeCompleteHeaders = encodeEventStreamHeaders({
  ":event-type": invokeCompleteType,
  ":content-type": "application/json",
  ":message-type": "event",
});

/** How the invocation ended. */
export interface Completion {
  readonly error: StreamError | undefined;
  readonly logTail: Uint8Array | undefined;
}

/** The payload of an `InvokeComplete`. All of it is optional. */
export interface CompletionBody {
  readonly ErrorCode?: string;
  /** The error body, as text. */
  readonly ErrorDetails?: string;
  /** Base64. */
  readonly LogResult?: string;
}

/** A whole `InvokeComplete` message. */
export function encodeInvokeComplete({ error, logTail }: Completion): Uint8Array {
  const body: CompletionBody = {
    ...(error && { ErrorCode: error.errorType, ErrorDetails: payloadText(error.payload) }),
    ...(logTail && { LogResult: renderLogTail(logTail) }),
  };
  return encodeEventStreamMessage(invokeCompleteHeaders, Buffer.from(JSON.stringify(body)));
}
