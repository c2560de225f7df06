/** Lines of one event that are written in one window (spec reliability §13). */
const linesMax = 10;
const windowMs = 1_000;

interface Window {
  startedAtMs: number;
  lines: number;
  suppressed: number;
}

/** Holds down the lines of what callers can cause as often as they like. */
export class RefusalLimit {
  readonly #windows = new Map<string, Window>();

  /**
   * Whether one more line of this event may be written now, and how many were not since the last one.
   *
   * @param event - Of a bounded set: one window is kept for each.
   */
  admit(event: string, nowMs: number): { readonly suppressed: number } | undefined {
    let window = this.#windows.get(event);
    if (window === undefined) {
      window = { startedAtMs: nowMs, lines: 0, suppressed: 0 };
      this.#windows.set(event, window);
    } else if (nowMs - window.startedAtMs >= windowMs) {
      window.startedAtMs = nowMs;
      window.lines = 0;
    }
    if (window.lines >= linesMax) {
      window.suppressed += 1;
      return undefined;
    }
    const { suppressed } = window;
    window.lines += 1;
    window.suppressed = 0;
    return { suppressed };
  }
}
