import type { EnvironmentEndReason, EnvironmentObserver } from "./environment-observer.ts";
import type { Environment } from "./environment.ts";
import type { RuntimeApiListener } from "./http/runtime-api-listener.ts";
import type { StartFailure } from "./start-failure.ts";

/** Why an initialisation failed, and what a caller who waited for it gets. */
export interface InitFailure extends StartFailure {
  /** `timeout`: it took too long and is repeated inside the invocation; `error`: it ended. */
  readonly kind: "timeout" | "error";
  /** Whether the invocation that it was started for has been answered with it. */
  readonly answered: boolean;
  /** The last of what was written to the log. */
  readonly log: Uint8Array;
}

/** What an environment belongs to. */
export interface EnvironmentPlace {
  /** Distinguishes it from all others of its daemon. */
  readonly number: number;
  readonly listener: RuntimeApiListener;
  readonly owner: EnvironmentOwner;
  readonly observer: EnvironmentObserver;
}

/** Who gives an environment its invocations: what a pool hears from its environments. */
export interface EnvironmentOwner {
  /** Its runtime has started. */
  started(environment: Environment): void;
  /** It takes an invocation now. */
  slotFreed(environment: Environment): void;
  /** Its invocation is answered; it will take another one as soon as the runtime is back. */
  slotExpected(environment: Environment): void;
  /** It failed to start, and is leaving. */
  initFailed(environment: Environment, failure: InitFailure): void;
  /** It takes no more invocations. */
  leaving(environment: Environment, reason: EnvironmentEndReason): void;
  /** Its processes have ended and its Runtime API may serve another environment. */
  gone(environment: Environment): void;
}
