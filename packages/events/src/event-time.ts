import type { Clock } from "@lambdad/core";

/**
 * Unix time in whole milliseconds that cannot jump: the wall clock at the start, carried on by the
 * monotonic clock. So what is stored is understood after a restart, and no event expires or comes back
 * too early or late because somebody set the clock (HO-4).
 */
export class EventTime {
  readonly #clock: Clock;
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    this.#offsetMs ??= this.#clock.wallMs() - this.#clock.nowMs();
    return Math.floor(this.#clock.nowMs() + this.#offsetMs);
  }

  /** Calls back at that time, or one millisecond later. @returns cancel. */
  setAlarm(atMs: number, callback: () => void): () => void {
    return this.#clock.setTimer(Math.max(1, atMs - this.nowMs()), callback);
  }
}
