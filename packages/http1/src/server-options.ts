import type { Exchange } from "./exchange.ts";

export interface Http1ServerOptions {
  /** Called once per request, when its head is complete. Must not throw; what it throws ends the connection with 500. */
  readonly onRequest: (exchange: Exchange) => void;
  /** Called for each request or connection that the server refused by itself. For counting. */
  readonly onReject?: (status: number, reason: string) => void;
  /** Request line and headers together, in bytes; more is 431. Default 16384. */
  readonly headBytesMax?: number;
  /** From the first byte of a request to the end of its head; then 408. Default 10000; 0: no limit. */
  readonly headTimeoutMs?: number;
  /** From the end of the head to the end of the body; then 408. Default 30000; 0: no limit. */
  readonly bodyTimeoutMs?: number;
  /** Idle time of a kept connection. Default 65000; 0: no limit. */
  readonly idleTimeoutMs?: number;
  /** A peer that takes nothing of its reply for this long is cut off. Default 60000; 0: no limit. */
  readonly stallTimeoutMs?: number;
  /** Open connections; more are answered 503 and closed. Default: no limit. */
  readonly connectionsMax?: number;
  /** Requests of one connection that may wait behind the one being answered. Default 16. */
  readonly pipelinedMax?: number;
}
