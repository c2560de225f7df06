import { TimeoutError } from "./errors.ts";

/** The longest time that a timer can hold: almost 25 days. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Whether a call's timeout needs a timer: longer ones never pass.
 * @throws RangeError for what is no time.
 */
export function isTimed(operation: string, timeoutMs: number): boolean {
  if (timeoutMs > 0) return timeoutMs <= timerMsMax;
  throw new RangeError(
    `Cannot call ${operation} with the timeout "${timeoutMs}": give milliseconds, more than 0`,
  );
}

/** The whole call took too long. */
export function timeoutPassed(operation: string, timeoutMs: number): TimeoutError {
  const message = `Cannot call ${operation}: it took longer than its timeout of ${timeoutMs} ms`;
  return new TimeoutError(message, "timeout", timeoutMs);
}
