import { AdaptiveRetryStrategy } from "./adaptive-retry-strategy.ts";
import type { RetryCategory } from "./classify-error.ts";
import { LegacyRetryStrategy } from "./legacy-retry-strategy.ts";
import { StandardRetryStrategy } from "./standard-retry-strategy.ts";

/** An attempt that has failed. */
export interface FailedAttempt {
  /** Attempts made so far: 1 for the first. */
  readonly attempt: number;
  readonly category: RetryCategory;
  /** The call's own limit; absent: the strategy's. */
  readonly maxAttempts?: number | undefined;
  /** What the service asked for (`retryAfterMs`). */
  readonly retryAfterMs?: number | undefined;
  /** The operation waits for work (`isLongPolling`): without quota it still waits before it fails. */
  readonly longPolling?: boolean | undefined;
}

/** What happens after a failed attempt. */
export type RetryDecision =
  | {
      readonly kind: "retry";
      /** Milliseconds to wait before the next attempt. */
      readonly delayMs: number;
      /** For `succeeded`, if that attempt succeeds. */
      readonly cost: number;
    }
  | {
      readonly kind: "stop";
      readonly reason: "not_retryable" | "attempts" | "quota";
      /** Milliseconds to wait before the error is reported; 0 but for long polling. */
      readonly delayMs: number;
    };

/** Decides on retries; one per client. Knows no clock: times are given to it. */
export interface RetryStrategy {
  /** Attempts of a call in all. */
  readonly maxAttempts: number;
  /**
   * Asked before each attempt. 0: send now. Else: wait so many milliseconds, then ask again. Only
   * the adaptive strategy ever says other than 0.
   */
  sendDelayMs(nowMs: number): number;
  /** A call has succeeded. `lastCost` is that of its last retry, 0 if there was none. */
  succeeded(lastCost: number, nowMs: number): void;
  /** An attempt has failed. */
  failed(failure: FailedAttempt, nowMs: number): RetryDecision;
}

export type RetryMode = "standard" | "adaptive" | "legacy";

/** How retries are decided. */
export interface RetryOptions {
  /** Default `standard`. */
  readonly mode?: RetryMode | undefined;
  /** botocore's name of the service: DynamoDB has its own numbers. */
  readonly service: string;
  /** Default 3, DynamoDB 4; legacy 5, DynamoDB 10. */
  readonly maxAttempts?: number | undefined;
  /** Retries are bounded by the bucket of 500 tokens. Default `true` in standard mode. */
  readonly quota?: boolean | undefined;
  /** Base of all delays, in place of 50 ms (DynamoDB 25 ms) and of a second for throttling. */
  readonly baseDelayMs?: number | undefined;
  /** Longest delay that is not the service's wish. Default 20 s. */
  readonly maxDelayMs?: number | undefined;
  /** 0 to 1; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes the strategy of a client.
 *
 * @throws RangeError for options that are no numbers of their kind.
 */
export function createRetryStrategy(options: RetryOptions): RetryStrategy {
  checkOptions(options);
  switch (options.mode) {
    case "legacy":
      return new LegacyRetryStrategy(options);
    case "adaptive":
      return new AdaptiveRetryStrategy(options);
    case "standard":
    case undefined:
      return new StandardRetryStrategy(options);
    default:
      throw new RangeError(
        `Cannot retry in mode "${String(options.mode)}": use "standard", "adaptive" or "legacy"`,
      );
  }
}

function checkOptions({ maxAttempts, baseDelayMs, maxDelayMs }: RetryOptions): void {
  if (maxAttempts !== undefined && !(Number.isInteger(maxAttempts) && maxAttempts >= 1)) {
    throw new RangeError(
      `Cannot make ${maxAttempts} attempts: maxAttempts must be an integer of at least 1`,
    );
  }
  for (const [name, value] of [
    ["baseDelay", baseDelayMs],
    ["maxDelay", maxDelayMs],
  ] as const) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(
        `Cannot wait ${value} between attempts: ${name} must be a number of milliseconds of at least 0`,
      );
    }
  }
}

const LONG_POLLING: ReadonlySet<string> = new Set([
  "sqs.ReceiveMessage",
  "stepfunctions.GetActivityTask",
  "swf.PollForActivityTask",
  "swf.PollForDecisionTask",
]);

/** Whether an operation waits for work, and its callers call it in a loop. */
export function isLongPolling(service: string, operation: string): boolean {
  return LONG_POLLING.has(`${service}.${operation}`);
}
