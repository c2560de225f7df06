import { HostError, limits } from "@lambdad/core";
import { placeOf } from "../broker/broker-error.ts";
import type { BrokerState } from "../broker/broker-state.ts";
import type { BrokerUri } from "../broker/broker-uri.ts";
import { requestSizeError } from "../message/request-size.ts";
import { isFunctionQueue } from "../queue/check-queue-name.ts";
import type { RpcCall } from "./rpc-call.ts";
import type { RpcOptions } from "./rpc-options.ts";

/** Nobody serves the function. */
export function notFoundError(functionName: string): HostError {
  const why = "no queue of that name at the broker; start a host for it";
  return new HostError("ResourceNotFoundException", `Function not found: ${functionName}: ${why}`);
}

/** A queue that may lose what it is given. */
export function lossyQueueText(functionName: string, profile: string): string {
  return `Cannot accept the event: the queue '${functionName}' was not declared with the profile '${profile}', and may lose it. Start its hosts with --queue-profile ${profile}, after the queue was deleted`;
}

/** Why nothing can be sent now. */
export function unavailableText(broker: BrokerUri, state: BrokerState): string {
  const place = placeOf(broker);
  if (state.kind === "closed") return "The connection to the broker was closed";
  if (state.kind === "blocked") return `The broker at ${place} takes no messages: ${state.reason}`;
  return `The broker at ${place} is not connected`;
}

/** Why a call is not sent, whatever the broker does: its name, or its size. */
export function badCallError({ functionName, kind, body }: RpcCall): HostError | undefined {
  if (!isFunctionQueue(functionName)) return notFoundError(functionName);
  return requestSizeError(body, kind === "event");
}

/** Calls in flight on one connection, when nothing else is said. */
const inFlightMaxDefault = 65_536;

/** Why there is no room for one more call (INV-8); `undefined`: there is. */
export function noRoomError(
  held: { readonly calls: number; readonly bytes: number },
  options: RpcOptions,
): HostError | undefined {
  const { inFlightMax = inFlightMaxDefault, bytesInFlightMax = limits.bytesInFlightMax } = options;
  const what =
    held.calls >= inFlightMax
      ? `${inFlightMax} calls are in flight on this connection: wait for replies, or raise inFlightMax`
      : held.bytes >= bytesInFlightMax
        ? `Requests of ${held.bytes} bytes are in flight on this connection: wait for replies, or raise bytesInFlightMax`
        : undefined;
  if (what === undefined) return undefined;
  const reason = "ConcurrentInvocationLimitExceeded";
  return new HostError("TooManyRequestsException", what, { reason });
}
