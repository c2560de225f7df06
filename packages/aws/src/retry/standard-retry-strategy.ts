import { RETRY_DELAY_MS_MAX, retryDelayMs } from "./retry-delay.ts";
import { RETRY_COST, RetryQuota } from "./retry-quota.ts";
import type {
  FailedAttempt,
  RetryDecision,
  RetryOptions,
  RetryStrategy,
} from "./retry-strategy.ts";

const MAX_ATTEMPTS = 3;
const MAX_ATTEMPTS_DYNAMODB = 4;
const BASE_MS = 50;
const BASE_MS_DYNAMODB = 25;
const BASE_MS_THROTTLING = 1000;

const notRetryable: RetryDecision = { kind: "stop", reason: "not_retryable", delayMs: 0 };
const attemptsMade: RetryDecision = { kind: "stop", reason: "attempts", delayMs: 0 };

/** The default: the numbers that the official SDKs adopted in 2026. */
export class StandardRetryStrategy implements RetryStrategy {
  readonly maxAttempts: number;
  /** `undefined`: retries are not bounded by tokens. */
  readonly #quota: RetryQuota | undefined;
  readonly #baseMs: number;
  readonly #throttlingBaseMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;

  constructor(options: RetryOptions) {
    const dynamoDb = options.service === "dynamodb" || options.service === "dynamodbstreams";
    this.maxAttempts = options.maxAttempts ?? (dynamoDb ? MAX_ATTEMPTS_DYNAMODB : MAX_ATTEMPTS);
    this.#quota = options.quota === false ? undefined : new RetryQuota();
    this.#baseMs = options.baseDelayMs ?? (dynamoDb ? BASE_MS_DYNAMODB : BASE_MS);
    this.#throttlingBaseMs = options.baseDelayMs ?? BASE_MS_THROTTLING;
    this.#maxMs = options.maxDelayMs ?? RETRY_DELAY_MS_MAX;
    this.#random = options.random ?? Math.random;
  }

  /** Tokens left for retries, `Infinity` without quota. */
  get tokens(): number {
    return this.#quota?.tokens ?? Number.POSITIVE_INFINITY;
  }

  sendDelayMs(): number {
    return 0;
  }

  succeeded(lastCost: number): void {
    this.#quota?.giveBack(lastCost);
  }

  failed(failure: FailedAttempt): RetryDecision {
    if (failure.category === "none") return notRetryable;
    if (failure.attempt >= (failure.maxAttempts ?? this.maxAttempts)) return attemptsMade;
    const cost = this.#quota === undefined ? 0 : RETRY_COST[failure.category];
    if (this.#quota === undefined || this.#quota.take(cost)) {
      return { kind: "retry", delayMs: this.#delayMs(failure), cost };
    }
    // A caller that polls in a loop would else call a service in trouble without any pause.
    const delayMs = failure.longPolling ? this.#delayMs(failure) : 0;
    return { kind: "stop", reason: "quota", delayMs };
  }

  #delayMs(failure: FailedAttempt): number {
    return retryDelayMs({
      retry: failure.attempt - 1,
      baseMs: failure.category === "throttling" ? this.#throttlingBaseMs : this.#baseMs,
      maxMs: this.#maxMs,
      random: this.#random(),
      retryAfterMs: failure.retryAfterMs,
    });
  }
}
