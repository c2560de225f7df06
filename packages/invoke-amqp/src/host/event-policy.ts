import type { FunctionQueue } from "../queue/function-queue.ts";
import { profileOf } from "../queue/function-queue-topology.ts";

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

/** An event is given up when it is as old as this, in milliseconds: 6 h (AS-2). */
const ageMaxMs = 21_600_000;

export interface EventRetries {
  /** Attempts after the first. */
  readonly retriesMax: number;
  /** Waits before the second attempt, the third and so on, in milliseconds. */
  readonly delaysMs: readonly number[];
}

/** AWS's: two, after 60 s and 120 s (AS-2). */
export const eventRetriesDefault: EventRetries = { retriesMax: 2, delaysMs: [60_000, 120_000] };

/**
 * Decides after a failed attempt. Only durable queues hold events for later; a transient one promises
 * nothing beyond one attempt, as with the existing projects (AM-14, AS-2).
 *
 * @param failed - Attempts that have failed, this one included.
 */
export function eventFate(queue: FunctionQueue, failed: number, retries: EventRetries): EventFate {
  if (profileOf(queue) === "compat") return { kind: "drop" };
  const delayMs = failed > retries.retriesMax ? undefined : retries.delaysMs[failed - 1];
  return delayMs === undefined ? lastFate(queue) : { kind: "retry", delayMs };
}

/** Decides after a fault of the host, which is no attempt: the event waits until it is too old (AS-3). */
export function hostFaultFate(queue: FunctionQueue, ageMs: number): EventFate {
  if (ageMs > ageMaxMs) return lastFate(queue);
  return { kind: "retry", delayMs: hostFaultDelayMs };
}

/** What becomes of an event that is not tried again. */
export function lastFate(queue: FunctionQueue): EventFate {
  const isKept = profileOf(queue) !== "compat" && queue.deadLetterQueue !== undefined;
  return { kind: isKept ? "deadLetter" : "drop" };
}
