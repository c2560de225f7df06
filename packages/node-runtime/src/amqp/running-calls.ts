import { type Clock, systemClock } from "@lambdad/core";

/** A call that has a deadline. The links are those of the list that it is in. */
export interface RunningCall {
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  previous: RunningCall | undefined;
  next: RunningCall | undefined;
  /** The deadline has passed; the call is in no list any more. */
  expire(): void;
}

/** The machine's clock, with timers that do not keep a process alive. */
export const runtimeClock: Clock = {
  ...systemClock,
  setTimer(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.ceil(ms), 2 ** 31 - 1));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/**
 * The calls that run, in the order of their start, and one timer for all of their deadlines. A list that
 * is linked through the calls costs no memory per call, and a timer for the earliest deadline of its
 * time fires once per timeout and not once per call.
 */
export class RunningCalls {
  readonly #clock: Clock;
  #first: RunningCall | undefined;
  #last: RunningCall | undefined;
  #count = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  /** The one that runs, when there is only one. */
  get only(): RunningCall | undefined {
    return this.#count === 1 ? this.#first : undefined;
  }

  add(call: RunningCall): void {
    call.previous = this.#last;
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.#count += 1;
    if (call.deadlineMs < this.#wakeAtMs) this.#wakeAt(call.deadlineMs);
  }

  /** Takes out a call that is in the list. */
  remove(call: RunningCall): void {
    if (call.previous === undefined) this.#first = call.next;
    else call.previous.next = call.next;
    if (call.next === undefined) this.#last = call.previous;
    else call.next.previous = call.previous;
    call.previous = undefined;
    call.next = undefined;
    this.#count -= 1;
  }

  #wakeAt(timeMs: number): void {
    this.#cancelTimer?.();
    this.#wakeAtMs = timeMs;
    const waitMs = Math.max(0, timeMs - this.#clock.nowMs());
    this.#cancelTimer = this.#clock.setTimer(waitMs, this.#sweep);
  }

  readonly #sweep = (): void => {
    this.#cancelTimer = undefined;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const expired: RunningCall[] = [];
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let call = this.#first; call !== undefined; call = call.next) {
      if (call.deadlineMs <= nowMs) expired.push(call);
      else earliestMs = Math.min(earliestMs, call.deadlineMs);
    }
    if (earliestMs < Number.POSITIVE_INFINITY) this.#wakeAt(earliestMs);
    for (const call of expired) {
      this.remove(call);
      call.expire();
    }
  };
}
