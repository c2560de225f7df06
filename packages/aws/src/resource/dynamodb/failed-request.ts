import {
  ChecksumError,
  ConnectionError,
  ParamValidationError,
  ResponseParseError,
  ServiceError,
  TimeoutError,
} from "../../client/errors.ts";

/**
 * Whether a request that failed is worth another one after a delay, when the client has repeated it as
 * often as it does: throttling, and everything after which nobody knows what became of the request.
 * Writes of whole items may be repeated.
 */
export function isWorthAnother(error: unknown): boolean {
  if (error instanceof ServiceError) {
    return error.throttling || error.retryable || error.$fault === "server";
  }
  return (
    error instanceof ConnectionError ||
    error instanceof TimeoutError ||
    error instanceof ChecksumError ||
    error instanceof ResponseParseError
  );
}

/** Whether a single write of a request may be the reason why all of it was refused. */
export function isOfOneWrite(error: unknown): boolean {
  if (error instanceof ParamValidationError) return true;
  if (!(error instanceof ServiceError)) return false;
  return error.statusCode === 413 || ofOneWrite.has(error.name);
}

const ofOneWrite: ReadonlySet<string> = new Set([
  "ValidationException",
  "SerializationException",
  "ItemCollectionSizeLimitExceededException",
  "RequestEntityTooLargeException",
]);
