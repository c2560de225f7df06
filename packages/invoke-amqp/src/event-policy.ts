import type { FunctionQueue } from "./function-queue.ts";
import { profileOf } from "./function-queue-topology.ts";

/** Waits before the second and the third attempt of a failed event, in milliseconds (AS-2). */
const retryDelaysMs = [60_000, 120_000] as const;

/** Wait after a fault of the host, which is no attempt: 1 s (AS-3). */
export const hostFaultDelayMs = 1_000;

/** What happens to an event that the function has failed on. */
export type EventFate =
  /** Once more, after this many milliseconds. */
  | { readonly kind: "retry"; readonly delayMs: number }
  /** To the dead-letter queue. */
  | { readonly kind: "deadLetter" }
  /** It is over: there is no place for it. */
  | { readonly kind: "drop" };

/**
 * Decides after a failed attempt. Only durable queues hold events for later; a transient one promises
 * nothing beyond one attempt, as with the existing projects (AM-14, AS-2).
 *
 * @param failed - Attempts that have failed, this one included.
 */
export function eventFate(queue: FunctionQueue, failed: number, retriesMax: number): EventFate {
  if (profileOf(queue) === "compat") return { kind: "drop" };
  const delayMs = failed > retriesMax ? undefined : retryDelaysMs[failed - 1];
  if (delayMs !== undefined) return { kind: "retry", delayMs };
  return queue.deadLetterQueue === undefined ? { kind: "drop" } : { kind: "deadLetter" };
}
