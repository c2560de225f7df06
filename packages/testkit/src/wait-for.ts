import { setTimeout as sleep } from "node:timers/promises";

export interface WaitForOptions {
  /** Default 10000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** What is waited for, for the error's text. */
  readonly what?: string;
}

/**
 * Waits until `condition` gives something truthy, and resolves with it. For what a test can only look
 * at: files, processes, counters. Looks every 5 ms.
 *
 * @throws {Error} after `timeoutMs`; the signal's reason when it is aborted.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, signal, what = condition.toString() } = options;
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false && value !== 0) return value;
    signal?.throwIfAborted();
    if (performance.now() >= untilMs) {
      throw new Error(`Cannot go on: after ${timeoutMs} ms still not: ${what}`);
    }
    await sleep(5, undefined, signal === undefined ? {} : { signal });
  }
}
