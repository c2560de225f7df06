import { monotonicMs } from "../builtin/monotonic-ms.ts";

/** Something with a deadline. While it is in the list, setting `remainingMs` is all that arms it. */
export interface Timed {
  /** Milliseconds left; 0: no deadline. Set it with `within`. */
  remainingMs: number;
  /** Links of the list, of its owner only. */
  timedPrevious: Timed | undefined;
  timedNext: Timed | undefined;
  /** The deadline has passed; `remainingMs` is 0. */
  onDeadline(): void;
}

/** Time between two sweeps. */
const sweepMs = 100;
/**
 * The most that one sweep takes off. A process that was blocked or frozen finds its answers in the
 * kernel afterwards: its own absence must not expire them.
 */
const elapsedMsMax = 2 * sweepMs;

/**
 * Value of `remainingMs` for a deadline that comes no earlier than `ms` from now, and at most three
 * sweeps later. 0 means none.
 */
export function within(ms: number): number {
  return ms > 0 ? ms + elapsedMsMax : 0;
}

let first: Timed | undefined;
let cursor: Timed | undefined;
let timer: NodeJS.Timeout | undefined;
let sweptAt = 0;

/** Lists something. The one timer of the process runs while the list is not empty, and never keeps the process alive. */
export function addTimed(item: Timed): void {
  item.timedPrevious = undefined;
  item.timedNext = first;
  if (first !== undefined) first.timedPrevious = item;
  first = item;
  if (timer === undefined) {
    sweptAt = monotonicMs();
    timer = setInterval(sweep, sweepMs).unref();
  }
}

/** Unlists something that is listed. */
export function removeTimed(item: Timed): void {
  const { timedPrevious: previous, timedNext: next } = item;
  if (previous === undefined) first = next;
  else previous.timedNext = next;
  if (next !== undefined) next.timedPrevious = previous;
  if (cursor === item) cursor = next;
  item.timedPrevious = undefined;
  item.timedNext = undefined;
  if (first === undefined && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}

/** Whether the process-wide timer runs. For tests. */
export function deadlinesRun(): boolean {
  return timer !== undefined;
}

function sweep(): void {
  const now = monotonicMs();
  const elapsed = Math.min(now - sweptAt, elapsedMsMax);
  sweptAt = now;
  for (let item = first; item !== undefined; item = cursor) {
    // `removeTimed` moves the cursor when a deadline's work takes the next item away.
    cursor = item.timedNext;
    if (item.remainingMs === 0) continue;
    item.remainingMs -= elapsed;
    if (item.remainingMs > 0) continue;
    item.remainingMs = 0;
    item.onDeadline();
  }
}
