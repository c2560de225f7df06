import type { Clock } from "@lambdad/core";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export interface ManualClockOptions {
  /** Default 0. */
  readonly nowMs?: number;
  /** Default 2026-01-01T00:00:00Z. */
  readonly wallMs?: number;
}

/** A clock that stands still until the test turns it. Timers fire in order of their time. */
export class ManualClock implements Clock {
  #nowMs: number;
  #wallOffsetMs: number;
  readonly #timers = new Set<Timer>();

  constructor(options: ManualClockOptions = {}) {
    this.#nowMs = options.nowMs ?? 0;
    this.#wallOffsetMs = (options.wallMs ?? Date.UTC(2026, 0, 1)) - this.#nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  setTimer(ms: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves the wall clock alone by `ms`, as an operator or NTP does. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** Timers that are set and have not fired. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Time until the next timer, in milliseconds; `undefined` when none is set. */
  get nextTimerMs(): number | undefined {
    const first = this.#firstTimer();
    return first === undefined ? undefined : first.dueMs - this.#nowMs;
  }

  /** Moves time on by `ms` and fires what becomes due, also timers set on the way. Synchronous. */
  tick(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      if (!this.#fireFirst(untilMs)) break;
    }
    this.#nowMs = untilMs;
  }

  /** As {@link tick}, but what was called back settles its promises before time moves on. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    while (this.#fireFirst(untilMs)) await settled();
    this.#nowMs = untilMs;
    await settled();
  }

  #firstTimer(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  }

  #fireFirst(untilMs: number): boolean {
    const first = this.#firstTimer();
    if (first === undefined || first.dueMs > untilMs) return false;
    this.#timers.delete(first);
    this.#nowMs = first.dueMs;
    first.callback();
    return true;
  }
}

/** Resolves when every promise callback that is queued now has run, and those that they queue. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
