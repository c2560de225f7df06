import {
  type AcceptedEvent,
  type FailureCondition,
  type Payload,
  payloadText,
  type StoredEvent,
} from "@lambdad/core";

/** How an event ended, as its invocation record tells it. */
export interface EventEnding {
  readonly condition: "Success" | FailureCondition;
  /** Attempts made. */
  readonly approximateInvokeCount: number;
  /** Of the last attempt; `undefined` when the function was not run. */
  readonly executedVersion: string | undefined;
  readonly responsePayload: Payload | undefined;
}

/** The ending of an event on the failed shelf. */
export function failedEnding(event: StoredEvent & { state: { kind: "failed" } }): EventEnding {
  const { functionFaults, lastError } = event.progress;
  return {
    condition: event.state.condition,
    approximateInvokeCount: functionFaults,
    executedVersion: lastError?.executedVersion,
    responsePayload: lastError?.payload,
  };
}

/**
 * The invocation record that destinations get and that the failed shelf shows, as JSON text.
 *
 * Payloads are embedded as JSON values, byte for byte where they are JSON and as a string where they
 * are not. Source: spec invoke-api §12.
 */
export function invocationRecord(
  event: AcceptedEvent,
  ending: EventEnding,
  timestampMs: number,
): string {
  const { condition, approximateInvokeCount, executedVersion, responsePayload } = ending;
  const functionError = condition === "Success" ? undefined : "Unhandled";
  const members = [
    member("version", "1.0"),
    member("timestamp", new Date(timestampMs).toISOString()),
    member("requestContext", {
      requestId: event.id,
      // Always qualified, unlike what the function sees.
      functionArn:
        event.qualifier === undefined
          ? `${event.invokedFunctionArn}:$LATEST`
          : event.invokedFunctionArn,
      condition,
      approximateInvokeCount,
    }),
    `"requestPayload":${jsonOf(event.payload)}`,
  ];
  if (executedVersion !== undefined) {
    members.push(member("responseContext", { statusCode: 200, executedVersion, functionError }));
  }
  if (responsePayload !== undefined) members.push(`"responsePayload":${jsonOf(responsePayload)}`);
  return `{${members.join(",")}}`;
}

function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

/** The payload as a JSON value. Numbers and spelling stay as they are: nothing is parsed and written anew. */
function jsonOf(payload: Payload): string {
  const text = payloadText(payload);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
