import type { Options } from "amqplib";
import { encodeClientContext } from "../message/client-context.ts";
import { headerNames } from "../message/headers.ts";
import type { RpcCall } from "./rpc-call.ts";

/** The longest function, and what its host takes besides (AWS: 900 s): the limit of a call. */
export const timeoutMsDefault = 930_000;

/** A larger one ends the channel, and with it every call on it: RabbitMQ has 32 bits for it. */
const expirationMsMax = 4_294_967_295;

/** What a request says besides its call. */
export interface RequestPlace {
  /** Fresh for each attempt: some hosts know calls by nothing else (contract §5). */
  readonly correlationId: string;
  /** Name of the queue for the reply. */
  readonly replyTo: string;
  /** Survives the broker's restart, on a queue that does. */
  readonly persistent: boolean;
  /** Further text headers. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** The properties of a request. Contract: AMQP-RPC, §5. */
export function renderRequest(call: RpcCall, place: RequestPlace): Options.Publish {
  const { kind, options, expiresAtMs } = call;
  const nowMs = Date.now();
  const headers = headersOf(call, place.headers);
  const properties: Options.Publish = {
    contentType: options.contentType ?? "application/json",
    correlationId: place.correlationId,
    mandatory: true,
    persistent: place.persistent,
    timestamp: Math.floor(nowMs / 1000),
    headers,
  };
  if (kind === "event") return properties;
  properties.replyTo = place.replyTo;
  if (expiresAtMs === Infinity) return properties;
  // Nobody needs the answer after that: the broker drops what no host has taken.
  const restMs = Math.max(1, Math.ceil(expiresAtMs - performance.now()));
  properties.expiration = String(Math.min(restMs, expirationMsMax));
  // No function runs as long as the default: there it would only cost its way through the broker.
  if (restMs < timeoutMsDefault - 1) headers[headerNames.deadline] = String(nowMs + restMs);
  return properties;
}

function headersOf(
  { options, reader }: RpcCall,
  added: RequestPlace["headers"],
): Record<string, string> {
  const headers: Record<string, string> = { ...added, ...options.headers };
  const { traceId, clientContext, requestId, tenantId, logTail } = options;
  if (traceId !== undefined) headers[headerNames.traceId] = traceId;
  if (clientContext !== undefined) {
    headers[headerNames.clientContext] = encodeClientContext(clientContext);
  }
  if (requestId !== undefined) headers[headerNames.requestId] = requestId;
  if (tenantId !== undefined) headers[headerNames.tenantId] = tenantId;
  if (logTail === true) headers[headerNames.logType] = "Tail";
  if (reader !== undefined) headers[headerNames.stream] = "accept";
  return headers;
}
