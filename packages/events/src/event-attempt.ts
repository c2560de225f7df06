import {
  type EventError,
  HostError,
  type Invocation,
  type InvokeResult,
  type Payload,
  payloadBytes,
  payloadOf,
  type StoredEvent,
} from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";
import type { AttemptOutcome } from "./event-transition.ts";

/**
 * The invocation of one attempt. The client context is not delivered, as on AWS; the request id is
 * the same for all attempts (AS-4).
 */
export function invocationOfEvent(event: StoredEvent): Invocation {
  return {
    requestId: event.id,
    functionName: event.functionName,
    qualifier: event.qualifier,
    invokedFunctionArn: event.invokedFunctionArn,
    type: "Event",
    payload: event.payload,
    contentType: event.contentType,
    traceId: event.traceId,
    clientContext: undefined,
    cognitoIdentity: undefined,
    tenantId: event.tenantId,
    logTail: false,
    expiresAtMs: undefined,
    stream: undefined,
  };
}

/** How an attempt ended that the invoker carried out. */
export function outcomeOfResult(result: InvokeResult): AttemptOutcome {
  if (result.kind === "failed") {
    return functionFault(result.errorType, result.payload, result.executedVersion);
  }
  // An event has no stream; an invoker that streamed all the same is taken at its word.
  if (result.kind === "streamed" && result.error !== undefined) {
    const { errorType, payload } = result.error;
    return functionFault(errorType, payload, result.executedVersion);
  }
  return { kind: "succeeded" };
}

/** How an attempt ended that the invoker could not carry out. */
export function outcomeOfError(reason: unknown): AttemptOutcome {
  const { code } = HostError.from(reason);
  const error = { errorType: code, payload: undefined, executedVersion: undefined };
  const throttled = code === "TooManyRequestsException";
  return { kind: throttled ? "throttled" : "host_fault", error };
}

function functionFault(
  errorType: string,
  payload: Payload,
  executedVersion: string,
): AttemptOutcome {
  const error: EventError = { errorType, payload: kept(payload), executedVersion };
  return { kind: "function_fault", error };
}

/** A copy: an error waits on the shelf for days, and must not keep a socket's buffer with it. */
function kept(payload: Payload): Payload {
  const bytes = payloadBytes(payload).subarray(0, eventLimits.errorPayloadBytesMax);
  return payloadOf(Uint8Array.from(bytes));
}
