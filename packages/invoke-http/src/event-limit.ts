import { HostError, limits } from "@lambdad/core";
import type { InvokeParameters } from "./invoke-parameters.ts";
import type { InvokeAction } from "./invoke-target.ts";

/** Bytes that the event of a request may have. */
export function eventLimit(action: InvokeAction, type: InvokeParameters["type"]): number {
  if (action === "async") return limits.invokeAsyncPayloadBytesMax;
  return type === "Event" ? limits.asyncPayloadBytesMax : limits.syncPayloadBytesMax;
}

/** AWS's refusal of an event over its limit. */
export function eventTooLarge(bytesMax: number): HostError {
  return new HostError(
    "RequestTooLargeException",
    `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`,
  );
}
