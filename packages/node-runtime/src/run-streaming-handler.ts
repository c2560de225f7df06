import { isThenable } from "./invocation-context.ts";
import type { Handler } from "./load-handler.ts";
import type { ResponseStream } from "./response-stream.ts";

/**
 * Calls a handler that was wrapped by `awslambda.streamifyResponse`, and resolves when it and its
 * response have ended. Rejects for a response that is not complete, and for a handler that is not async.
 */
export async function runStreamingHandler(
  handler: Handler,
  stream: ResponseStream,
  { event, context }: { readonly event: unknown; readonly context: object },
): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    // Without a listener of ours, a stream that the function destroys would end the process.
    stream.on("error", reject);
    stream.on("close", () => {
      if (stream.writableFinished) resolve();
      else reject(notFinished());
    });
  });
  // Whether anybody waits for it depends on the handler.
  closed.catch(() => undefined);
  const returned = handler(event, stream, context);
  if (!isThenable(returned)) {
    throw new Error("Streaming does not support non-async handlers.");
  }
  const result = await returned;
  if (result !== undefined) {
    globalThis.console.warn("Streaming handlers ignore return values.");
  }
  await closed;
}

/** The handler is done, or cannot go on, and its response is not. */
export function notFinished(): Error {
  return new Error("Response stream is not finished.");
}
