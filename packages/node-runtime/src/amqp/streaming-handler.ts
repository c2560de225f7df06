import { limits } from "@lambdad/core";
import type { StreamingOptions } from "../awslambda.ts";
import type { Handler } from "../load-handler.ts";
import { ResponseStream } from "../response-stream.ts";
import { runStreamingHandler } from "../run-streaming-handler.ts";
import type { ResponseSink } from "../runtime-client.ts";
import { RawResponse } from "./encode-result.ts";
import type { StreamedOutput } from "./streamed-output.ts";

/**
 * Calls a handler that streams. Resolves with its response for a caller that wants it whole; with an
 * empty one when `output` has been given all of it.
 */
export type StreamingHandler = (
  event: unknown,
  context: object,
  output: StreamedOutput | undefined,
) => Promise<RawResponse>;

/**
 * Wraps a handler of `awslambda.streamifyResponse`. Bytes and content type are those that the function
 * has sent.
 */
export function streamingHandler(handler: Handler, options: StreamingOptions): StreamingHandler {
  const { highWaterMark } = options;
  const streamOptions = highWaterMark === undefined ? {} : { highWaterMark };
  return async (event, context, output) => {
    const target = output ?? new CollectingSink();
    const stream = new ResponseStream((contentType) => {
      target.start(contentType);
      return target;
    }, streamOptions);
    output?.onStop(() => stream.destroy());
    await runStreamingHandler(handler, stream, { event, context });
    return target instanceof CollectingSink
      ? new RawResponse(target.chunks, target.contentType)
      : new RawResponse([], "");
  };
}

class CollectingSink implements ResponseSink {
  readonly chunks: Uint8Array[] = [];
  contentType = "";
  #byteLength = 0;

  start(contentType: string): void {
    this.contentType = contentType;
  }

  /** Never full: what is over the limit of a response fails it at its end, and is not kept until then. */
  write(chunk: Uint8Array): boolean {
    if (this.#byteLength > limits.syncPayloadBytesMax) return true;
    this.#byteLength += chunk.byteLength;
    // The function may use its memory again.
    this.chunks.push(Buffer.from(chunk));
    return true;
  }

  onDrain(listener: () => void): void {
    listener();
  }

  end(): void {
    // What came is complete.
  }

  fail(): void {
    // The handler's promise tells why.
  }
}
