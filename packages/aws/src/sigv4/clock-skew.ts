/** Difference from which a clock counts as wrong. AWS accepts signatures for five minutes. */
export const CLOCK_SKEW_MS_MIN: number = 4 * 60_000;

/** Longest exchange from whose answer the time is learned. */
const ROUND_TRIP_MS_MAX = 15 * 60_000;

/** Codes of errors that a wrong clock causes, and of those that it may cause. */
const SKEW_CODES: ReadonlySet<string> = new Set([
  "RequestTimeTooSkewed",
  "RequestExpired",
  "RequestInTheFuture",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "AuthFailure",
  "AccessDeniedException",
]);

/** An error answer, and the local times around it. */
export interface SkewFacts {
  readonly code: string;
  /** Of the answer: names in lower case and values, alternating. */
  readonly headers: readonly string[];
  /** `ServerTime` of S3's error: its text, or a `Date`. */
  readonly serverTime?: unknown;
  /** Local clock, without offset, when the request was sent. */
  readonly sentAtMs: number;
  /** Local clock, without offset, when its answer arrived. */
  readonly nowMs: number;
  /** The offset that the request was signed with. */
  readonly offsetMs: number;
}

/**
 * Learns from an answer that refuses a signature how far the service's clock is ahead of ours.
 * `undefined`: the error does not come from a wrong clock, or the answer does not tell the time.
 * Otherwise the new offset: keep it, and repeat the call once. S3's `ServerTime` wins over `date`; an
 * answer with `age` comes from a cache, and its date is old.
 */
export function learnClockOffset(facts: SkewFacts): number | undefined {
  if (!SKEW_CODES.has(facts.code)) return undefined;
  if (facts.nowMs - facts.sentAtMs > ROUND_TRIP_MS_MAX) return undefined;
  const serverMs = timeOf(facts.serverTime) ?? dateOf(facts.headers);
  if (serverMs === undefined) return undefined;
  const offsetMs = serverMs - facts.nowMs;
  return Math.abs(offsetMs - facts.offsetMs) < CLOCK_SKEW_MS_MIN ? undefined : offsetMs;
}

function dateOf(headers: readonly string[]): number | undefined {
  let date: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === "age") return undefined;
    if (headers[index] === "date") date = headers[index + 1];
  }
  return timeOf(date);
}

function timeOf(value: unknown): number | undefined {
  let ms = Number.NaN;
  if (typeof value === "string") ms = Date.parse(value);
  else if (value instanceof Date) ms = value.getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
