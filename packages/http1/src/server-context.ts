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
