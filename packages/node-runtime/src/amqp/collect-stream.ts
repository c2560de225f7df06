import { once } from "node:events";
import type { StreamingOptions } from "../awslambda.ts";
import { isThenable } from "../invocation-context.ts";
import type { Handler } from "../load-handler.ts";
import { ResponseStream } from "../response-stream.ts";
import type { ErrorBody, ResponseSink } from "../runtime-client.ts";
import { RawResponse } from "./encode-result.ts";

/**
 * Makes a handler that answers in one piece of one that streams (`awslambda.streamifyResponse`): a reply
 * is one message. Bytes and content type are those that the function has sent.
 */
export function collectStream(handler: Handler, options: StreamingOptions): Handler {
  const { highWaterMark } = options;
  return async (event, context) => {
    const collected = new CollectingSink();
    const stream = new ResponseStream(
      (contentType) => {
        collected.contentType = contentType;
        return collected;
      },
      highWaterMark === undefined ? {} : { highWaterMark },
    );
    const finished = once(stream, "close");
    // Whether anybody waits for it depends on the handler.
    finished.catch(() => undefined);
    const returned = handler(event, stream, context);
    if (!isThenable(returned)) {
      throw new Error("Streaming does not support non-async handlers.");
    }
    await returned;
    await finished;
    if (!stream.writableFinished) throw new Error("Response stream is not finished.");
    return new RawResponse(collected.chunks, collected.contentType);
  };
}

class CollectingSink implements ResponseSink {
  readonly chunks: Uint8Array[] = [];
  contentType = "";

  /** Never full: the limit of a response is that of its encoding. */
  write(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return true;
  }

  onDrain(listener: () => void): void {
    listener();
  }

  end(): void {
    // What came is complete.
  }

  fail(_error: ErrorBody): void {
    // The handler's promise tells why.
  }
}
