import {
  emptyPayload,
  limits,
  payloadFromChunks,
  type Payload,
  type ResponseStream,
  type StreamError,
} from "@lambdad/core";
import {
  platformErrorPayload,
  responseTooLargePayload,
  responseTooLargeType,
  truncatedResponseError,
} from "./platform-error.ts";

/** How the runtime's part of an invocation ended, before the log and the version are added. */
export type Outcome =
  | { readonly kind: "returned"; readonly payload: Payload; readonly contentType: string }
  | {
      readonly kind: "failed";
      readonly payload: Payload;
      readonly contentType: string;
      readonly errorType: string;
    }
  | { readonly kind: "streamed"; readonly error: StreamError | undefined };

/** Takes the body of a `/response` as it arrives and says how it ended. */
export interface ResponseReceiver {
  /** `full`: send no more until `onDrain` calls back. `too-large`: the invocation is over. */
  data(chunk: Uint8Array): "more" | "full" | "too-large";
  onDrain(listener: () => void): void;
  /** The body is complete; `error` is what its trailers said. */
  end(error: StreamError | undefined): void;
  /** The body broke off. */
  truncated(): void;
  /** Bytes taken so far. */
  readonly byteLength: number;
}

/** For a caller that wants the response whole: collects the pieces, up to the limit (RT-18). */
export class BufferedReceiver implements ResponseReceiver {
  readonly #requestId: string;
  readonly #contentType: string;
  readonly #onOutcome: (outcome: Outcome) => void;
  #chunks: Uint8Array[] = [];
  #byteLength = 0;

  constructor(requestId: string, contentType: string, onOutcome: (outcome: Outcome) => void) {
    this.#requestId = requestId;
    this.#contentType = contentType;
    this.#onOutcome = onOutcome;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  data(chunk: Uint8Array): "more" | "too-large" {
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength > limits.syncPayloadBytesMax) {
      this.#chunks = [];
      this.#onOutcome(responseTooLargeOutcome());
      return "too-large";
    }
    this.#chunks.push(chunk);
    return "more";
  }

  onDrain(listener: () => void): void {
    listener();
  }

  end(error: StreamError | undefined): void {
    const payload = payloadFromChunks(this.#chunks);
    const contentType = this.#contentType;
    if (error === undefined) {
      this.#onOutcome({ kind: "returned", payload, contentType });
      return;
    }
    // What was streamed before the error is returned whole; without any, the error itself.
    const body = payload.byteLength > 0 ? payload : error.payload;
    this.#onOutcome({ kind: "failed", payload: body, contentType, errorType: error.errorType });
  }

  truncated(): void {
    this.#chunks = [];
    this.#onOutcome({
      kind: "failed",
      payload: platformErrorPayload(truncatedResponseError, this.#requestId),
      contentType: "application/json",
      errorType: truncatedResponseError.errorType,
    });
  }
}

/** The outcome when a response is over the limit, whether it was declared or counted. */
export function responseTooLargeOutcome(): Outcome {
  return {
    kind: "failed",
    payload: responseTooLargePayload(),
    contentType: "application/json",
    errorType: responseTooLargeType,
  };
}

/** For a caller that streams: passes each piece on as it arrives, with back-pressure. */
export class StreamingReceiver implements ResponseReceiver {
  readonly #requestId: string;
  readonly #stream: ResponseStream;
  readonly #onOutcome: (outcome: Outcome) => void;
  #byteLength = 0;

  constructor(
    requestId: string,
    target: { readonly stream: ResponseStream; readonly contentType: string },
    onOutcome: (outcome: Outcome) => void,
  ) {
    this.#requestId = requestId;
    this.#stream = target.stream;
    this.#onOutcome = onOutcome;
    target.stream.start(target.contentType);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  data(chunk: Uint8Array): "more" | "full" | "too-large" {
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength > limits.streamedResponseBytesMax) {
      const payload = responseTooLargePayload(limits.streamedResponseBytesMax);
      this.#onOutcome({
        kind: "streamed",
        error: { errorType: responseTooLargeType, payload },
      });
      return "too-large";
    }
    return this.#stream.write(chunk) ? "more" : "full";
  }

  onDrain(listener: () => void): void {
    this.#stream.onDrain(listener);
  }

  end(error: StreamError | undefined): void {
    this.#onOutcome({ kind: "streamed", error });
  }

  truncated(): void {
    this.#onOutcome({
      kind: "streamed",
      error: {
        errorType: truncatedResponseError.errorType,
        payload: platformErrorPayload(truncatedResponseError, this.#requestId),
      },
    });
  }
}

/** What the trailers of a streamed response say: spec runtime-api §5, §11. */
export function trailerError(
  errorType: string | undefined,
  errorBody: string | undefined,
): StreamError | undefined {
  if (errorType === undefined || errorType === "") return undefined;
  if (errorBody === undefined) return { errorType, payload: emptyPayload };
  return { errorType, payload: payloadFromChunks([Buffer.from(errorBody, "base64")]) };
}
