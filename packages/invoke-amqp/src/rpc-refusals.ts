import { HostError } from "@lambdad/core";
import { placeOf } from "./broker-error.ts";
import type { BrokerState } from "./broker-state.ts";
import type { BrokerUri } from "./broker-uri.ts";

/** Nobody serves the function. */
export function notFoundError(functionName: string): HostError {
  const why = "no queue of that name at the broker; start a host for it";
  return new HostError("ResourceNotFoundException", `Function not found: ${functionName}: ${why}`);
}

/** Why nothing can be sent now. */
export function unavailableText(broker: BrokerUri, state: BrokerState): string {
  const place = placeOf(broker);
  if (state.kind === "closed") return "The connection to the broker was closed";
  if (state.kind === "blocked") return `The broker at ${place} takes no messages: ${state.reason}`;
  return `The broker at ${place} is not connected`;
}
