import type { EnvironmentEndReason, EnvironmentObserver } from "../environment-observer.ts";
import type { EnvironmentOptions } from "../environment-options.ts";

export interface EnvironmentPoolOptions {
  readonly environment: Omit<EnvironmentOptions, "poolMark">;
  /** How many environments there may be at once (`MAX_CONCURRENCY`). */
  readonly environmentsMax: number;
  /** How many invocations may wait; more are refused. Default: 8 × `environmentsMax`, at least 64. */
  readonly waitingMax?: number;
  /** How long an invocation may wait for an environment, in milliseconds; then it is refused. */
  readonly waitMsMax: number;
  /** How long an environment may be idle, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Address of the Runtime APIs, and the port of the first one. */
  readonly runtimeApi: { readonly host: string; readonly port: number };
  readonly observer: PoolObserver;
}

/** What a pool has to tell: for logs and metrics. */
export interface PoolObserver extends EnvironmentObserver {
  environmentEnded(reason: EnvironmentEndReason): void;
}

/** How many there are of each, at this moment. */
export interface PoolCounts {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly waiting: number;
}
