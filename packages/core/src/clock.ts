/** Time, as everything takes it that waits or stamps: tests give a clock that they turn by hand. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. Only differences mean something: for every wait. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch. It may jump: for what leaves the process, never for a wait. */
  wallMs(): number;
  /**
   * Calls back once, not earlier than `ms` milliseconds from now; a wait longer than
   * {@link timerMsMax} calls back then.
   *
   * @returns cancels the timer; does nothing when it has fired.
   */
  setTimer(ms: number, callback: () => void): () => void;
}

/** The longest timer that Node sets, in milliseconds (24.8 days); a longer one would fire at once. */
export const timerMsMax: number = 2 ** 31 - 1;

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs() {
    return performance.now();
  },
  wallMs() {
    return Date.now();
  },
  setTimer(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.ceil(ms), timerMsMax));
    return () => {
      clearTimeout(timer);
    };
  },
};
