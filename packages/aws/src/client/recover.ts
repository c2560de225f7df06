import { learnClockOffset } from "../sigv4/clock-skew.ts";
import { classifyError, type RetryCategory } from "../retry/classify-error.ts";
import { retryAfterMs } from "../retry/retry-after.ts";
import type { BufferedResponse } from "../protocol/protocol.ts";
import { bodyLengthDiffers, bodySourceFailed } from "../transport/failures.ts";
import type { ExchangeProgress } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import {
  ChecksumError,
  ConnectionError,
  ResponseParseError,
  ServiceError,
  TimeoutError,
} from "./errors.ts";

/** Codes with which a service says that the keys have ended. Source: aws-client.md §10. */
const expiredCodes: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
]);

/** Codes of a body that could not be read, or kept no length: a repeat fails again. */
const sourceFailures: ReadonlySet<string> = new Set([bodySourceFailed, bodyLengthDiffers]);

/** What becomes of a call whose attempt has failed. */
export type Recovery =
  /** Once more after `delayMs`. */
  | { readonly kind: "repeat"; readonly delayMs: number; readonly cost: number }
  /** Once more in another region. */
  | { readonly kind: "move"; readonly region: string }
  /** Once more, from the writing of the request on. */
  | { readonly kind: "anew" }
  /** The error is the call's, after `delayMs`. */
  | { readonly kind: "fail"; readonly delayMs: number; readonly quota: boolean };

const now: Recovery = { kind: "repeat", delayMs: 0, cost: 0 };
const anew: Recovery = { kind: "anew" };
const over: Recovery = { kind: "fail", delayMs: 0, quota: false };

/** A repeat that is free and made once in a call. */
export type FreeRepeat = "stale" | "skew" | "region" | "credentials" | "anew";

/** Decides on a failed attempt; asks the service's rules first, which may have to look something up. */
export function recover(
  call: Call,
  error: Error,
  response: BufferedResponse | undefined,
  at: ExchangeProgress | undefined,
): Recovery | Promise<Recovery> {
  const { rules, config } = call.engine;
  if (rules?.startsAnew !== undefined && mayRepeat(call, "anew") && call.replayable) {
    if (rules.startsAnew(call, error)) return used(call, "anew", anew);
  }
  if (
    rules?.otherRegion !== undefined &&
    config.followRegionRedirects &&
    mayRepeat(call, "region")
  ) {
    const region = rules.otherRegion(call, error, response);
    if (region instanceof Promise) {
      return region.then((found) => moved(call, found) ?? decide(call, error, response, at));
    }
    return moved(call, region) ?? decide(call, error, response, at);
  }
  return decide(call, error, response, at);
}

function moved(call: Call, region: string | undefined): Recovery | undefined {
  if (region === undefined || region === call.engine.region || !call.replayable) return undefined;
  return used(call, "region", { kind: "move", region });
}

function decide(
  call: Call,
  error: Error,
  response: BufferedResponse | undefined,
  at: ExchangeProgress | undefined,
): Recovery {
  // The connection had ended while the request was on its way: nobody has seen it (CL-17).
  if (at?.reused === true && !at.answered && isConnectionLoss(error)) {
    if (mayRepeat(call, "stale") && call.replayable) return used(call, "stale", now);
  }
  const category = categoryOf(call, error);
  // Later calls profit from what is learned, also when this one cannot be repeated.
  const free =
    error instanceof ServiceError && response !== undefined
      ? repairedRepeat(call, error, response)
      : undefined;
  if (!call.replayable) return explained(call, error, free === undefined ? category : "transient");
  if (free !== undefined) return free;
  const decision = call.engine.retry.failed(
    {
      attempt: call.attempts - call.freeRepeats,
      category,
      maxAttempts: call.options?.maxAttempts,
      retryAfterMs: response === undefined ? undefined : retryAfterMs(response.headers, Date.now()),
      longPolling: call.operation.longPolling,
    },
    call.engine.retryClock(),
  );
  if (decision.kind === "retry") {
    call.engine.parts.options.logger?.debug?.(
      `${call.operation.name}: attempt ${call.attempts} failed with ${error.name}; again in ${Math.round(decision.delayMs)} ms`,
    );
    return { kind: "repeat", delayMs: decision.delayMs, cost: decision.cost };
  }
  return { kind: "fail", delayMs: decision.delayMs, quota: decision.reason === "quota" };
}

/** What was wrong has been put right: the clock, or the credentials. */
function repairedRepeat(
  call: Call,
  error: ServiceError,
  response: BufferedResponse,
): Recovery | undefined {
  const { engine, credentials } = call;
  if (credentials === undefined) return undefined;
  if (mayRepeat(call, "skew")) {
    const offset = learnClockOffset({
      code: error.code,
      headers: response.headers,
      serverTime: (error as { ServerTime?: unknown }).ServerTime,
      sentAtMs: call.sentAt,
      nowMs: Date.now(),
      offsetMs: engine.clockOffsetMs,
    });
    if (offset !== undefined) {
      engine.clockOffsetMs = offset;
      return used(call, "skew", now);
    }
  }
  if (expiredCodes.has(error.code) && mayRepeat(call, "credentials")) {
    const { source } = call;
    source?.expire(credentials);
    // Where there can be no others, the same are still there: a repeat would fail likewise.
    if (source !== undefined && source.current() !== credentials) {
      return used(call, "credentials", now);
    }
  }
  return undefined;
}

function mayRepeat(call: Call, why: FreeRepeat): boolean {
  return call.repeats === undefined || !call.repeats.includes(why);
}

function used(call: Call, why: FreeRepeat, recovery: Recovery): Recovery {
  call.repeats = call.repeats === undefined ? [why] : [...call.repeats, why];
  return recovery;
}

/** A body that is gone cannot be sent again: the error says so (CL-6). */
function explained(call: Call, error: Error, category: RetryCategory): Recovery {
  if (category !== "none") {
    error.message += `; ${call.operation.name} was not retried because its body is a stream that has been read: pass a function that opens it anew, as in \`() => createReadStream(path)\``;
  }
  // Adaptive retries learn from it; with no attempt left it takes no tokens.
  call.engine.retry.failed(
    { attempt: Infinity, category, maxAttempts: 0 },
    call.engine.retryClock(),
  );
  return over;
}

/** The network's fault; a body that failed, or is not as long as it was said to be, is the caller's. */
function isConnectionLoss(error: Error): boolean {
  return error instanceof ConnectionError && !sourceFailures.has(error.code);
}

function categoryOf(call: Call, error: Error): RetryCategory {
  const wish = call.engine.parts.options.retry?.retryable?.(error);
  if (wish === false) return "none";
  const category = classify(error);
  return wish === true && category === "none" ? "transient" : category;
}

function classify(error: Error): RetryCategory {
  if (error instanceof ServiceError) {
    return classifyError({
      kind: "service",
      code: error.code,
      status: error.statusCode,
      retryable: error.retryable,
      throttling: error.throttling,
    });
  }
  if (isConnectionLoss(error)) return classifyError({ kind: "connection" });
  if (error instanceof TimeoutError) return classifyError({ kind: "timeout" });
  if (error instanceof ChecksumError) {
    return error.repeatable ? classifyError({ kind: "checksum" }) : "none";
  }
  if (error instanceof ResponseParseError) return classifyError({ kind: "parse" });
  return "none";
}
