import { EventStreamDecoder } from "@lambdad/invoke-http";
import { CallFailure, parseObject, textOf } from "./call-failure.ts";

/** How a call that reached the function ended. */
export interface CallOutcome {
  /** One line about the function's error; `undefined` when it returned. */
  readonly failure: string | undefined;
  /** End of the invocation's log, when it was asked for. */
  readonly logTail: Uint8Array | undefined;
  /** Last byte that was written; `undefined` when there was none. */
  readonly lastByte: number | undefined;
}

/** What the head of a buffered response says. */
export interface ResponseFacts {
  /** `x-amz-function-error`. */
  readonly functionError: string | undefined;
  /** `x-amz-log-result`, base64. */
  readonly logResult: string | undefined;
}

/** Where the bytes go. */
export interface ResponseTarget {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Aborted when nobody wants them any more. */
  readonly signal: AbortSignal;
}

/** Enough to find the type and the message of an error. */
export const errorBytesMax = 65_536;

/** Passes a buffered response on, and looks at the error when the head says that there is one. */
export async function readResponse(
  body: AsyncIterable<Uint8Array>,
  { functionError, logResult }: ResponseFacts,
  { write, signal }: ResponseTarget,
): Promise<CallOutcome> {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let lastByte: number | undefined;
  for await (const chunk of body) {
    if (functionError !== undefined && heldBytes < errorBytesMax) {
      held.push(chunk);
      heldBytes += chunk.byteLength;
    }
    lastByte = chunk.at(-1) ?? lastByte;
    await write(chunk);
    signal.throwIfAborted();
  }
  return {
    failure:
      functionError === undefined
        ? undefined
        : describeError(Buffer.concat(held).toString(), functionError),
    logTail: decodeLog(logResult),
    lastByte,
  };
}

/**
 * Passes the pieces of a streamed response on as they come. Source: spec invoke-api §5.
 *
 * @throws {CallFailure} when the stream holds an exception, or ends without `InvokeComplete`.
 * @throws {Error} when the bytes are no event stream.
 */
export async function readStreamedResponse(
  body: AsyncIterable<Uint8Array>,
  write: ResponseTarget["write"],
  signal: AbortSignal,
): Promise<CallOutcome> {
  let pieces: Uint8Array[] = [];
  let complete: string | undefined;
  let lastByte: number | undefined;
  const decoder = new EventStreamDecoder(({ headers, payload }) => {
    if (headers.get(":message-type") === "exception") {
      const fields = parseObject(Buffer.from(payload).toString());
      const kind = headers.get(":exception-type") ?? "ServiceException";
      throw new CallFailure(kind, textOf(fields, "message") ?? textOf(fields, "Message") ?? kind);
    }
    const type = headers.get(":event-type");
    if (type === "PayloadChunk") pieces.push(payload);
    if (type === "InvokeComplete") complete = Buffer.from(payload).toString();
  });
  for await (const chunk of body) {
    decoder.write(chunk);
    const ready = pieces;
    pieces = [];
    for (const piece of ready) {
      lastByte = piece.at(-1) ?? lastByte;
      await write(piece);
      signal.throwIfAborted();
    }
  }
  decoder.end();
  if (complete === undefined) {
    throw new CallFailure("TruncatedStream", "the stream ended without InvokeComplete");
  }
  const fields = parseObject(complete);
  const errorCode = textOf(fields, "ErrorCode");
  return {
    failure:
      errorCode === undefined
        ? undefined
        : describeError(textOf(fields, "ErrorDetails") ?? "", errorCode),
    logTail: decodeLog(textOf(fields, "LogResult")),
    lastByte,
  };
}

/** `errorType: errorMessage` of an error body; a body of another form is quoted as it is. */
export function describeError(body: string, functionError: string): string {
  const fields = parseObject(body);
  const type = textOf(fields, "errorType");
  const message = textOf(fields, "errorMessage");
  const parts = [type, message].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(": ") : `${functionError} ${body.slice(0, 500)}`.trim();
}

function decodeLog(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : Buffer.from(text, "base64");
}
