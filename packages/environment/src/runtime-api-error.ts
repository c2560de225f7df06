import { limits } from "@lambdad/core";

/**
 * A refusal that the Runtime API answers to a runtime. Bodies and statuses: spec runtime-api §7.
 */
export interface RuntimeApiError {
  readonly status: 400 | 403 | 410 | 413 | 500;
  readonly errorType: string;
  readonly errorMessage: string;
}

export const invalidRequestId: RuntimeApiError = {
  status: 400,
  errorType: "InvalidRequestID",
  errorMessage: "Invalid request ID",
};

/** The text is ours: AWS has published only the type (spec runtime-api §3). */
export const invalidInvocationId: RuntimeApiError = {
  status: 400,
  errorType: "InvalidInvocationId",
  errorMessage: "Invalid invocation ID",
};

export const invalidResponseMode: RuntimeApiError = {
  status: 400,
  errorType: "InvalidFunctionResponseMode",
  errorMessage: "Invalid function response mode",
};

export const truncatedRequest: RuntimeApiError = {
  status: 400,
  errorType: "TruncatedHTTPRequest",
  errorMessage: "HTTP request detected as truncated",
};

export const invokeTimeout: RuntimeApiError = {
  status: 410,
  errorType: "InvokeTimeout",
  errorMessage: "Invoke timeout",
};

export const internalServerError: RuntimeApiError = {
  status: 500,
  errorType: "InternalServerError",
  errorMessage: "Internal Server Error",
};

/** The body of a request was larger than `bytesMax`. */
export function requestTooLarge(bytesMax: number = limits.syncPayloadBytesMax): RuntimeApiError {
  return {
    status: 413,
    errorType: "RequestEntityTooLarge",
    errorMessage: `Exceeded maximum allowed payload size (${bytesMax} bytes).`,
  };
}

/** A call that the runtime's state does not allow. */
export function invalidStateTransition(errorMessage: string): RuntimeApiError {
  return { status: 403, errorType: "InvalidStateTransition", errorMessage };
}

/** The body as it goes out, newline included. */
export function renderRuntimeApiError(error: RuntimeApiError): string {
  const { errorMessage, errorType } = error;
  return `${JSON.stringify({ errorMessage, errorType })}\n`;
}
