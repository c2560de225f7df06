import type { ConnectionError, TimeoutError } from "../client/errors.ts";

/** Where requests go. Two origins with the same `key` share connections. */
export interface Origin {
  readonly protocol: "http:" | "https:";
  /** Name or address, without brackets and port. */
  readonly host: string;
  readonly port: number;
  /** Value of the `host` header: the default port is left out. */
  readonly hostHeader: string;
}

/** A request as it is sent. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /**
   * Names and values, alternating, `host` included; `content-length`, `transfer-encoding` and
   * `connection` are the transport's own.
   */
  readonly headers: readonly string[];
  /** A string is UTF-8 text. Bytes are written as they are and not copied when they are large. */
  readonly body: string | Uint8Array | StreamingBody | undefined;
  /** Wait up to a second for `100 Continue` before the body is sent. */
  readonly expectContinue: boolean;
  /** Milliseconds from the connection's readiness to the head of the final response. */
  readonly headTimeoutMs: number;
  /** Milliseconds without a byte while the response's body is read. */
  readonly bodyTimeoutMs: number;
}

/** A body that is produced while it is sent. */
export interface StreamingBody {
  /** Bytes in all, if known: sent as `content-length`, and an error when it is not kept; else chunked. */
  readonly length: number | undefined;
  /** Starts the body; at most once per request. */
  open(): AsyncIterable<Uint8Array>;
}

/** Receives what comes back; the calls arrive in this order, and nothing after `onEnd` or `onError`. */
export interface ResponseHandler {
  /** `length`: of the body, 0 for none, `undefined` if not known. Interim (1xx) responses are not reported. */
  onHead(status: number, headers: string[], length: number | undefined): void;
  /** A piece of the body; the memory is the transport's own again when the call returns. */
  onData(chunk: Buffer): void;
  onEnd(trailers: readonly string[] | undefined): void;
  /** The exchange has failed; its connection is gone. */
  onError(error: ConnectionError | TimeoutError, at: ExchangeProgress): void;
}

/** How far an exchange came before it failed. */
export interface ExchangeProgress {
  /** The connection had served an exchange before this one, or had waited for one. */
  readonly reused: boolean;
  /** A byte of a response had arrived. */
  readonly answered: boolean;
  /** A byte of a streaming body had been taken from its source. */
  readonly bodyStarted: boolean;
}

/** A request under way: queued, being sent, or being answered. */
export interface Exchange {
  /** Stops reading the body (back-pressure); the body's silence is not timed while paused. */
  pause(): void;
  resume(): void;
  /** Ends it at once: leaves the queue, or closes the connection. No call of the handler follows. */
  abort(): void;
  /** Milliseconds spent waiting for a connection, once it has one. */
  readonly queuedMs: number;
}

/** Options that decide which requests may share connections. */
export interface TransportOptions {
  /** Per origin. */
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** URL of a proxy for each protocol, and the hosts that go without; `undefined`: none. */
  readonly proxy?: ProxyOptions | undefined;
  readonly ca?: string | undefined;
  /** The file that `ca` is read from, with the first connection that needs it, where `ca` is not given. */
  readonly caFile?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface ProxyOptions {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly noProxy?: string | undefined;
}

/** Connections to one origin. */
export interface ConnectionCounts {
  readonly open: number;
  readonly idle: number;
  readonly inUse: number;
  readonly queued: number;
}

/** Sends requests. Small, so that tests and other runtimes can bring their own. */
export interface Transport {
  send(origin: Origin, request: HttpRequest, handler: ResponseHandler): Exchange;
  counts(origin: Origin): ConnectionCounts;
  /** Closes idle connections now and the others when their exchange ends. */
  close(): void;
}
