import { randomUUID } from "node:crypto";
import type { RpcCallOptions, RpcInvokeOptions } from "./rpc-options.ts";

/**
 * A payload as bytes: a `Uint8Array` as it is, any other value as JSON.
 *
 * @throws {TypeError} when the value has no JSON form.
 */
export function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const json = JSON.stringify(payload) as string | undefined;
  if (json === undefined) {
    throw new TypeError(`Cannot send a payload of type '${typeof payload}': it has no JSON form`);
  }
  return Buffer.from(json);
}

/** What `invoke` was told, in the terms of `call`. */
export function callOptionsOf(payload: unknown, options: RpcInvokeOptions): RpcCallOptions {
  const { clientContext, ...rest } = options;
  const contentType =
    payload instanceof Uint8Array ? "application/octet-stream" : "application/json";
  if (clientContext === undefined) return { contentType, ...rest };
  return { contentType, ...rest, clientContext: JSON.stringify(clientContext) };
}

/** The same for an event: it has a request id of its own, which is the same at each delivery (AM-9). */
export function eventOptionsOf(payload: unknown, options: RpcInvokeOptions): RpcCallOptions {
  return { requestId: randomUUID(), ...callOptionsOf(payload, options) };
}
