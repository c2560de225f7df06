import type { Payload } from "./payload.ts";

/** What every way of ending has in common. */
interface ResultCommon {
  /** `$LATEST` or the number of the version that ran: `X-Amz-Executed-Version`. */
  readonly executedVersion: string;
  /** The last 4096 bytes of this invocation's log, when the invocation asked for them. */
  readonly logTail: Uint8Array | undefined;
}

/** The function returned: its bytes, untouched. */
export interface ReturnedResult extends ResultCommon {
  readonly kind: "returned";
  readonly payload: Payload;
  readonly contentType: string;
}

/**
 * The function failed: it threw, timed out, crashed, or answered too much. The payload is what the
 * caller gets: the runtime's own bytes, or the platform's error body when the runtime gave none.
 */
export interface FailedResult extends ResultCommon {
  readonly kind: "failed";
  readonly payload: Payload;
  readonly contentType: string;
  /** The platform's type, e.g. `Runtime.ExitError` or `Sandbox.Timedout`: for logs and metrics. */
  readonly errorType: string;
}

/** The response went to `Invocation.stream` piece by piece; `error` when it broke off after the start. */
export interface StreamedResult extends ResultCommon {
  readonly kind: "streamed";
  readonly error: StreamError | undefined;
}

export interface StreamError {
  readonly errorType: string;
  /** Error JSON from the trailers, or the platform's error body. */
  readonly payload: Payload;
}

/** A function that fails is a result. Only the host throws, a {@link HostError}. */
export type InvokeResult = ReturnedResult | FailedResult | StreamedResult;
