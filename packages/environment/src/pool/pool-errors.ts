import { HostError } from "@lambdad/core";

/** The pool ends: whoever is not served any more may try again elsewhere. */
export function drainingError(): HostError {
  return new HostError("ServiceUnavailable", "The host is shutting down. Try again.");
}

/** No environment is free, and no room in the queue (HT-11). */
export function throttledError(): HostError {
  return new HostError("TooManyRequestsException", "Rate Exceeded.", {
    reason: "ConcurrentInvocationLimitExceeded",
  });
}

/** An environment with several invocations at once tells them apart by nothing but their ids (INV-5). */
export function duplicateIdError(requestId: string): HostError {
  const text = `The request id '${requestId}' belongs to an invocation that is running.`;
  return new HostError("InvalidParameterValueException", text);
}
