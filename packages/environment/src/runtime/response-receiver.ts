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
} from "../platform-error.ts";

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
  /** The invocation has ended otherwise: nothing more is passed on. */
  cancel(): void;
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

  cancel(): void {
    this.#chunks = [];
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

/**
 * For a caller that streams: passes each piece on as it arrives, with back-pressure. Pieces that were
 * on their way when the caller became full wait here; they are bounded by what one read brings.
 */
export class StreamingReceiver implements ResponseReceiver {
  readonly #requestId: string;
  readonly #stream: ResponseStream;
  readonly #onOutcome: (outcome: Outcome) => void;
  #byteLength = 0;
  #full = false;
  #cancelled = false;
  #queue: Uint8Array[] = [];
  #drainListeners: (() => void)[] = [];
  /** How the response ended, while pieces of it wait. */
  #ending: Outcome | undefined;

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
      // Nothing waits for the caller: who is told `too-large` takes the invocation for answered.
      this.#queue = [];
      this.#onOutcome({ kind: "streamed", error: { errorType: responseTooLargeType, payload } });
      return "too-large";
    }
    if (this.#full) this.#queue.push(chunk);
    else this.#write(chunk);
    return this.#full ? "full" : "more";
  }

  onDrain(listener: () => void): void {
    if (this.#full) this.#drainListeners.push(listener);
    else listener();
  }

  end(error: StreamError | undefined): void {
    this.#end({ kind: "streamed", error });
  }

  truncated(): void {
    this.#end({
      kind: "streamed",
      error: {
        errorType: truncatedResponseError.errorType,
        payload: platformErrorPayload(truncatedResponseError, this.#requestId),
      },
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#queue = [];
    this.#full = false;
    this.#notifyDrained();
  }

  #write(chunk: Uint8Array): void {
    if (this.#stream.write(chunk)) return;
    this.#full = true;
    this.#stream.onDrain(() => this.#drained());
  }

  #drained(): void {
    if (this.#cancelled) return;
    this.#full = false;
    while (!this.#full) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      this.#write(chunk);
    }
    if (this.#full) return;
    this.#notifyDrained();
    if (this.#ending !== undefined) this.#onOutcome(this.#ending);
  }

  #notifyDrained(): void {
    for (const listener of this.#drainListeners.splice(0)) listener();
  }

  /** The end comes after the last piece, also when that still waits. */
  #end(outcome: Outcome): void {
    if (this.#queue.length === 0) this.#onOutcome(outcome);
    else this.#ending = outcome;
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
