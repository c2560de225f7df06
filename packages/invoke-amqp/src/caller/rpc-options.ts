import type { BrokerObserver } from "../broker/broker-state.ts";
import type { QueueProfile } from "../queue/function-queue.ts";

/** Options of `connect`. */
export interface RpcOptions {
  /** For URLs without a user part: `AMQP_USERNAME` and `AMQP_PASSWORD`. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Shown by the broker; default `lambdad caller`. */
  readonly connectionName?: string;
  /** Wait for one reply, in milliseconds; default 930000. 0: for ever. */
  readonly timeoutMs?: number;
  /** Calls in flight; further ones fail with `TooManyRequestsException`. Default 65536. */
  readonly inFlightMax?: number;
  /** Bytes of the requests in flight; further calls fail in the same way. Default 512 MiB. */
  readonly bytesInFlightMax?: number;
  /**
   * How long a call waits for a broker that is away or blocked, in milliseconds. Default 5000; blocked:
   * the URI's `blocked_connection_timeout` (AM-6).
   */
  readonly unavailableMs?: number;
  /** What the queue of a function promises; decides how messages to it are sent. Default: `compat`. */
  readonly profileOf?: (functionName: string) => QueueProfile;
  /** Adds text headers to each request, e.g. a trace context. */
  readonly headersOf?: () => Readonly<Record<string, string>>;
  readonly observer?: RpcObserver;
}

/** Hears what no call can be told. Must not throw. */
export interface RpcObserver extends BrokerObserver {
  /** A reply came for a call that has ended, or was never made here. */
  readonly lateReply?: () => void;
  /** A request came back: no queue of that name. */
  readonly returned?: (functionName: string) => void;
  /** The broker has refused a message: the queue is full. */
  readonly nacked?: (functionName: string) => void;
}

/** Options of one call. */
export interface RpcInvokeOptions {
  /** Wait for the reply, in milliseconds; 0: for ever. Default: that of the connection. */
  readonly timeoutMs?: number;
  /** Ends the wait; a request that no host has taken yet is still delivered until it expires. */
  readonly signal?: AbortSignal;
  /** What the function sees as `context.clientContext`. */
  readonly clientContext?: unknown;
  /** `X-Amzn-Trace-Id`. */
  readonly traceId?: string;
  /** Default: `application/octet-stream` for bytes, else `application/json`. */
  readonly contentType?: string;
  /** Further text headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of one call in bytes: what a gateway carries through. */
export interface RpcCallOptions extends Omit<RpcInvokeOptions, "clientContext"> {
  /** JSON text. */
  readonly clientContext?: string | undefined;
  /** UUID: the host runs the invocation under it. */
  readonly requestId?: string;
  readonly tenantId?: string | undefined;
  /** Ask for the end of the invocation's log. */
  readonly logTail?: boolean;
}
