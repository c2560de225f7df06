import { limits } from "@lambdad/core";

/**
 * A refusal that the APIs inside an environment answer. Bodies and statuses: spec runtime-api §7,
 * extensions-api §3, §4, telemetry-api §2.
 */
export interface ApiError {
  readonly status: 400 | 403 | 410 | 413 | 500;
  readonly errorType: string;
  readonly errorMessage: string;
}

export const invalidRequestId: ApiError = {
  status: 400,
  errorType: "InvalidRequestID",
  errorMessage: "Invalid request ID",
};

/** The text is ours: AWS has published only the type (spec runtime-api §3). */
export const invalidInvocationId: ApiError = {
  status: 400,
  errorType: "InvalidInvocationId",
  errorMessage: "Invalid invocation ID",
};

export const invalidResponseMode: ApiError = {
  status: 400,
  errorType: "InvalidFunctionResponseMode",
  errorMessage: "Invalid function response mode",
};

export const truncatedRequest: ApiError = {
  status: 400,
  errorType: "TruncatedHTTPRequest",
  errorMessage: "HTTP request detected as truncated",
};

export const invokeTimeout: ApiError = {
  status: 410,
  errorType: "InvokeTimeout",
  errorMessage: "Invoke timeout",
};

export const internalServerError: ApiError = {
  status: 500,
  errorType: "InternalServerError",
  errorMessage: "Internal Server Error",
};

/** The body of a request was larger than `bytesMax`. */
export function requestTooLarge(bytesMax: number = limits.syncPayloadBytesMax): ApiError {
  return {
    status: 413,
    errorType: "RequestEntityTooLarge",
    errorMessage: `Exceeded maximum allowed payload size (${bytesMax} bytes).`,
  };
}

/** A call that the runtime's state does not allow. */
export function invalidStateTransition(errorMessage: string): ApiError {
  return { status: 403, errorType: "InvalidStateTransition", errorMessage };
}

/** The body as it goes out, newline included. */
export function renderApiError(error: ApiError): string {
  const { errorMessage, errorType } = error;
  return `${JSON.stringify({ errorMessage, errorType })}\n`;
}
