/** What is known of a failed attempt. */
export interface ErrorFacts {
  /**
   * `service`: the service answered with an error. `parse`: its answer was broken. `checksum`: the
   * bytes were not those that were sent. `timeout`: a limit of one attempt, not that of the call.
   */
  readonly kind: "connection" | "timeout" | "parse" | "checksum" | "service";
  /** Code on the wire. */
  readonly code?: string | undefined;
  /** HTTP status. */
  readonly status?: number | undefined;
  /** The model marks the error as retryable. */
  readonly retryable?: boolean | undefined;
  /** The model marks it as throttling. */
  readonly throttling?: boolean | undefined;
}

/** Whether an attempt is worth another, and which delay and cost that has. */
export type RetryCategory = "transient" | "throttling" | "none";

const THROTTLING_CODES: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  "IDPCommunicationError",
  "InternalError",
  "RequestTimeout",
  "RequestTimeoutException",
]);

/**
 * The category of a failed attempt, by the rules that the official SDKs share. Throttling decides
 * before the status, since services answer it with 400, 429 and 503.
 */
export function classifyError(facts: ErrorFacts): RetryCategory {
  if (facts.kind !== "service") return "transient";
  const { code, status } = facts;
  if (facts.throttling || status === 429) return "throttling";
  if (code !== undefined && THROTTLING_CODES.has(code)) return "throttling";
  if (facts.retryable) return "transient";
  if (code !== undefined && TRANSIENT_CODES.has(code)) return "transient";
  if (status === 500 || status === 502 || status === 503 || status === 504) return "transient";
  return "none";
}
