import type {
  FailedAttempt,
  RetryDecision,
  RetryOptions,
  RetryStrategy,
} from "./retry-strategy.ts";

const MAX_ATTEMPTS = 5;
const MAX_ATTEMPTS_DYNAMODB = 10;
const BASE_MS = 1000;
const BASE_MS_DYNAMODB = 50;

/** The longest wait that timers take. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** botocore's old default: delays that double without bound, and no quota. */
export class LegacyRetryStrategy implements RetryStrategy {
  readonly maxAttempts: number;
  readonly #dynamoDb: boolean;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;

  constructor(options: RetryOptions) {
    this.#dynamoDb = options.service === "dynamodb";
    this.maxAttempts =
      options.maxAttempts ?? (this.#dynamoDb ? MAX_ATTEMPTS_DYNAMODB : MAX_ATTEMPTS);
    this.#baseMs = options.baseDelayMs ?? (this.#dynamoDb ? BASE_MS_DYNAMODB : BASE_MS);
    this.#maxMs = Math.min(options.maxDelayMs ?? DELAY_MS_MAX, DELAY_MS_MAX);
    this.#random = options.random ?? Math.random;
  }

  sendDelayMs(): number {
    return 0;
  }

  succeeded(): void {
    // There is no quota to give tokens back to.
  }

  failed(failure: FailedAttempt): RetryDecision {
    if (failure.category === "none") return { kind: "stop", reason: "not_retryable", delayMs: 0 };
    if (failure.attempt >= (failure.maxAttempts ?? this.maxAttempts)) {
      return { kind: "stop", reason: "attempts", delayMs: 0 };
    }
    const jitter = this.#dynamoDb ? 1 : this.#random();
    const delayMs = Math.min(jitter * this.#baseMs * 2 ** (failure.attempt - 1), this.#maxMs);
    return { kind: "retry", delayMs, cost: 0 };
  }
}
