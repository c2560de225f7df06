import type { CallOptions } from "./options.ts";

/**
 * Refuses options of a call that are of another kind than they must be: a limit that is none would
 * be no limit, and headers of another form would not be sent.
 * @throws TypeError, RangeError
 */
export function checkCallOptions(operation: string, options: CallOptions): void {
  const { signal, abortSignal, timeout, attemptTimeout, maxAttempts, headers, body } = options;
  if (signal !== undefined) checkSignal(operation, "signal", signal);
  if (abortSignal !== undefined) checkSignal(operation, "abortSignal", abortSignal);
  if (timeout !== undefined) checkTime(operation, "timeout", timeout);
  if (attemptTimeout !== undefined) checkTime(operation, "attemptTimeout", attemptTimeout);
  if (maxAttempts !== undefined && !(Number.isInteger(maxAttempts) && maxAttempts > 0)) {
    throw new RangeError(
      refusal(operation, "maxAttempts", maxAttempts, "give a whole number from 1 on"),
    );
  }
  if (headers !== undefined) checkHeaders(operation, headers);
  if (body !== undefined && body !== "auto" && body !== "buffer" && body !== "stream") {
    throw new TypeError(refusal(operation, "body", body, 'give "auto", "buffer" or "stream"'));
  }
  const { region, credentials } = options;
  if (region !== undefined && typeof (region as unknown) !== "string") {
    throw new TypeError(refusal(operation, "region", region, "give text"));
  }
  // What else is no credentials is said where they are read.
  if ((credentials as unknown) === null) {
    throw new TypeError(refusal(operation, "credentials", null, "give keys, a function or false"));
  }
}

function checkSignal(operation: string, option: string, signal: unknown): void {
  if (typeof (signal as Partial<AbortSignal> | null)?.addEventListener === "function") return;
  throw new TypeError(refusal(operation, option, signal, "give an AbortSignal"));
}

function checkTime(operation: string, option: string, time: unknown): void {
  if (typeof time === "number" && time > 0) return;
  throw new RangeError(refusal(operation, option, time, "give milliseconds, more than 0"));
}

function checkHeaders(operation: string, headers: unknown): void {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(
      `Cannot call ${operation} with the option "headers": it is no object; give one with text`,
    );
  }
  if (Symbol.iterator in headers) {
    throw new TypeError(
      refusal(operation, "headers", headers, "give an object: `Object.fromEntries(headers)`"),
    );
  }
  for (const [name, value] of Object.entries(headers) as [string, unknown][]) {
    if (value === undefined || typeof value === "string") continue;
    // The value itself may be a secret.
    throw new TypeError(
      `Cannot call ${operation} with the option "headers": "${name}" is a value of type ${typeof value}, give text`,
    );
  }
}

function refusal(operation: string, option: string, value: unknown, remedy: string): string {
  const isPlain = typeof value === "string" || typeof value === "number";
  const shown =
    value === null ? "null" : isPlain ? `"${value}"` : `a value of type ${typeof value}`;
  return `Cannot call ${operation} with the option "${option}" ${shown}: ${remedy}`;
}
