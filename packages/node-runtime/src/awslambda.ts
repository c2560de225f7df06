import type { Handler } from "./load-handler.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Content type that says: a JSON prelude, eight NULs, then the body. */
const preludeContentType = "application/vnd.awslambda.http-integration-response";
const separatorBytes = 8;

/** Where AWS's `streamifyResponse` leaves its marks on a handler; wrappers look for them too. */
const streamingMark: unique symbol = Symbol.for("aws.lambda.runtime.handler.streaming");
const highWaterMarkMark: unique symbol = Symbol.for(
  "aws.lambda.runtime.handler.streaming.highWaterMark",
);

interface MarkedHandler extends Handler {
  [streamingMark]?: unknown;
  [highWaterMarkMark]?: unknown;
}

interface StreamLike {
  setContentType(contentType: string): void;
  _onBeforeFirstWrite?: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
}

/** Puts status code, headers and cookies in front of a streamed body. */
const HttpResponseStream = {
  /** Returns the same stream. The prelude leaves with the first byte of the body. */
  from<Stream extends StreamLike>(stream: Stream, metadata: unknown): Stream {
    stream.setContentType(preludeContentType);
    const prelude = JSON.stringify(metadata);
    stream._onBeforeFirstWrite = (write) => {
      write(prelude);
      write(new Uint8Array(separatorBytes));
    };
    return stream;
  },
};

function streamifyResponse(
  handler: MarkedHandler,
  options?: { readonly highWaterMark?: unknown },
): Handler {
  handler[streamingMark] = "response";
  if (typeof options?.highWaterMark === "number") {
    handler[highWaterMarkMark] = Math.trunc(options.highWaterMark);
  }
  return handler;
}

/**
 * Defines AWS's global `awslambda`, unless `AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA` says not to.
 */
export function defineAwslambda(
  env: Readonly<Record<string, string | undefined>>,
  invokeStore: object,
): void {
  const refused = env["AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA"];
  if (refused === "1" || refused === "true") return;
  const scope = globalThis as { awslambda?: object };
  scope.awslambda = {
    InvokeStore: invokeStore,
    ...scope.awslambda,
    streamifyResponse,
    HttpResponseStream,
  };
}

/** How a handler wants to answer. */
export interface StreamingOptions {
  readonly highWaterMark: number | undefined;
}

/**
 * Reads the marks of `streamifyResponse`; `undefined` for a handler that answers in one piece.
 *
 * @throws {RuntimeError} `Runtime.MalformedStreamingHandler`
 */
export function streamingOptionsOf(handler: MarkedHandler): StreamingOptions | undefined {
  const mark = handler[streamingMark];
  if (mark === undefined || mark === null || mark === false) return undefined;
  if (mark !== "response") {
    throw new RuntimeError("MalformedStreamingHandler", "Only response streaming is supported.");
  }
  const highWaterMark = Number(handler[highWaterMarkMark] ?? Number.NaN);
  return { highWaterMark: highWaterMark >= 0 ? highWaterMark : undefined };
}
