import {
  HostError,
  type InvokeResult,
  limits,
  payloadFromChunks,
  payloadText,
  type ResponseStream,
} from "@lambdad/core";
import { EventStreamDecoder, type EventStreamMessage } from "./event-stream.ts";
import {
  headerOf,
  type ReadCompletion,
  readCompletion,
  readErrorType,
  readExecutedVersion,
  readHostError,
  readLogTail,
  type ResponseHead,
} from "./read-invoke-response.ts";
import { invokeCompleteType, payloadChunkType } from "./response-messages.ts";

/** Bytes of an answer other than 200 that are kept. */
const hostErrorBytesMax = 65_536;

/** Turns one HTTP response, fed as it arrives, into the result of the invocation. */
export interface ResponseReceiver {
  /** `false`: the stream behind is full. @throws {Error} when the bytes are not what they should be. */
  write(chunk: Uint8Array): boolean;
  /** Calls back once, when all that was written has been taken and more is. After a `false` only. */
  onDrain(listener: () => void): void;
  /** @throws {HostError} when the function was not run, or the response is not complete. */
  end(): InvokeResult;
}

/** The receiver for a response, by its head and by what the caller asked for. */
export function receiverFor(
  head: ResponseHead,
  stream: ResponseStream | undefined,
): ResponseReceiver {
  if (head.status !== 200) return new HostErrorReceiver(head);
  if (stream === undefined) return new BufferedReceiver(head);
  return new StreamedReceiver(head, stream);
}

class HostErrorReceiver implements ResponseReceiver {
  readonly #head: ResponseHead;
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  constructor(head: ResponseHead) {
    this.#head = head;
  }

  write(chunk: Uint8Array): boolean {
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength <= hostErrorBytesMax) this.#chunks.push(chunk);
    return true;
  }

  onDrain(listener: () => void): void {
    listener();
  }

  end(): InvokeResult {
    throw readHostError(this.#head, payloadText(payloadFromChunks(this.#chunks)));
  }
}

class BufferedReceiver implements ResponseReceiver {
  readonly #head: ResponseHead;
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  constructor(head: ResponseHead) {
    this.#head = head;
  }

  write(chunk: Uint8Array): boolean {
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength > limits.syncPayloadBytesMax) {
      throw new RangeError("Cannot take the response: it is longer than a response may be");
    }
    this.#chunks.push(chunk);
    return true;
  }

  onDrain(listener: () => void): void {
    listener();
  }

  end(): InvokeResult {
    const head = this.#head;
    const common = {
      payload: { chunks: this.#chunks, byteLength: this.#byteLength },
      contentType: headerOf(head, "content-type") ?? "application/json",
      executedVersion: readExecutedVersion(head),
      logTail: readLogTail(headerOf(head, "x-amz-log-result")),
    };
    if (headerOf(head, "x-amz-function-error") === undefined) {
      return { kind: "returned", ...common };
    }
    return { kind: "failed", ...common, errorType: readErrorType(common.payload) };
  }
}

class StreamedReceiver implements ResponseReceiver {
  readonly #head: ResponseHead;
  readonly #stream: ResponseStream;
  readonly #decoder: EventStreamDecoder;
  /** Our own door tells by a header that the function failed before its first byte. */
  readonly #failed: boolean;
  readonly #failure: Uint8Array[] = [];
  /** Pieces that were decoded while the stream was full. */
  readonly #held: Uint8Array[] = [];
  #full = false;
  #completion: ReadCompletion | undefined;

  constructor(head: ResponseHead, stream: ResponseStream) {
    this.#head = head;
    this.#stream = stream;
    this.#failed = headerOf(head, "x-amz-function-error") !== undefined;
    this.#decoder = new EventStreamDecoder((message) => this.#take(message));
    if (!this.#failed) stream.start("application/octet-stream");
  }

  write(chunk: Uint8Array): boolean {
    this.#decoder.write(chunk);
    return !this.#full;
  }

  onDrain(listener: () => void): void {
    this.#stream.onDrain(() => {
      this.#full = false;
      const pieces = this.#held.splice(0);
      for (const piece of pieces) this.#pass(piece);
      if (this.#full) this.onDrain(listener);
      else listener();
    });
  }

  end(): InvokeResult {
    this.#decoder.end();
    const completion = this.#completion;
    if (completion === undefined) {
      throw new HostError(
        "ServiceUnavailable",
        "The streamed response ended without its last message",
      );
    }
    const executedVersion = readExecutedVersion(this.#head);
    if (!this.#failed) return { kind: "streamed", ...completion, executedVersion };
    const payload = payloadFromChunks(this.#failure);
    return {
      kind: "failed",
      payload,
      contentType: "application/json",
      errorType: readErrorType(payload),
      executedVersion,
      logTail: completion.logTail,
    };
  }

  #take({ headers, payload }: EventStreamMessage): void {
    if (headers.get(":message-type") === "exception") {
      const name = headers.get(":exception-type");
      const head = { status: 500, headers: { "x-amzn-errortype": name } };
      throw readHostError(head, Buffer.from(payload).toString());
    }
    const type = headers.get(":event-type");
    if (type === invokeCompleteType) this.#completion = readCompletion(payload);
    else if (type === payloadChunkType && this.#failed) this.#failure.push(payload);
    else if (type === payloadChunkType && payload.byteLength > 0) this.#pass(payload);
  }

  #pass(piece: Uint8Array): void {
    if (this.#full) this.#held.push(piece);
    else this.#full = !this.#stream.write(piece);
  }
}
