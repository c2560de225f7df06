import { type FailedResult, limits, type Payload, payloadOf } from "@lambdad/core";
import { errorBody } from "../error-body.ts";
import type { ErrorBody } from "../runtime-client.ts";

/** How an execution thread has ended. */
export interface ThreadExit {
  /** As `process.exit` got it; `undefined`: it was ended from outside. */
  readonly code: number | undefined;
  /** The error that ended it, if it was not the function's own: out of memory, for one. */
  readonly reason: string | undefined;
}

/** The function threw: the body that AWS's runtime makes of it. Never throws. */
export function thrownResult(thrown: unknown, executedVersion: string): FailedResult {
  return failedWith(errorBody(thrown), executedVersion);
}

/** The function failed with a body that is made already. An error is a response, with its limit. */
export function failedWith(body: ErrorBody, executedVersion: string): FailedResult {
  const payload = payloadOf(Buffer.from(JSON.stringify(body)));
  if (payload.byteLength > limits.syncPayloadBytesMax) return tooLargeResult(executedVersion);
  return failed(body.errorType, payload, executedVersion);
}

/** `Task timed out after 3.00 seconds`: AWS's words. */
export function timedOutText(limitMs: number): string {
  return `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
}

/** The function was not done at its deadline. */
export function timedOutResult(
  requestId: string,
  limitMs: number,
  executedVersion: string,
): FailedResult {
  return platformFailure("Sandbox.Timedout", timedOutText(limitMs), requestId, executedVersion);
}

/** What ran the function has ended before it was done. */
export function exitResult(
  requestId: string,
  exit: ThreadExit,
  executedVersion: string,
): FailedResult {
  return platformFailure("Runtime.ExitError", exitText(exit), requestId, executedVersion);
}

/** More bytes than a response may have: `maxBytes`. */
export function tooLargeResult(
  executedVersion: string,
  maxBytes: number = limits.syncPayloadBytesMax,
): FailedResult {
  const body = {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`,
  };
  return failed(body.errorType, payloadOf(JSON.stringify(body)), executedVersion);
}

function exitText({ code }: ThreadExit): string {
  if (code === 0) return "Runtime exited without providing a reason";
  const how = code === undefined ? "signal: killed" : `exit status ${code}`;
  return `Runtime exited with error: ${how}`;
}

function platformFailure(
  errorType: string,
  text: string,
  requestId: string,
  executedVersion: string,
): FailedResult {
  const errorMessage = `RequestId: ${requestId} Error: ${text}`;
  return failed(errorType, payloadOf(JSON.stringify({ errorType, errorMessage })), executedVersion);
}

function failed(errorType: string, payload: Payload, executedVersion: string): FailedResult {
  return {
    kind: "failed",
    payload,
    contentType: "application/json",
    errorType,
    executedVersion,
    logTail: undefined,
  };
}
