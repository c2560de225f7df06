import type { Exchange } from "./exchange.ts";

/** What all connections of a server share. */
export interface ServerContext {
  readonly onRequest: (exchange: Exchange) => void;
  readonly onReject: (status: number, reason: string) => void;
  readonly headBytesMax: number;
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly pipelinedMax: number;
  /** `Date: …` with its CRLF, at most a second old. */
  readonly dateLine: string;
  /** Whether connections end with their current exchange. */
  readonly closing: boolean;
  /** The connection has gone. */
  closed(connection: object): void;
}

/** Whether a wait has reached its limit; 0 is no limit. */
export function isOver(waitedMs: number, limitMs: number): boolean {
  return limitMs > 0 && waitedMs >= limitMs;
}
