import { HostError, limits } from "@lambdad/core";

/** Why a request is too large to be sent or run; `undefined`: it is not. Events have a limit of their own. */
export function requestSizeError(body: Uint8Array, isEvent: boolean): HostError | undefined {
  const maxBytes = isEvent ? limits.asyncPayloadBytesMax : limits.syncPayloadBytesMax;
  if (body.byteLength <= maxBytes) return undefined;
  const text = `Request must be smaller than ${maxBytes} bytes for the Invoke operation`;
  return new HostError("RequestTooLargeException", text);
}
