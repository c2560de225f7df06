import type { Environment } from "../environment.ts";

interface IdleEntry {
  readonly environment: Environment;
  readonly sinceMs: number;
}

/** Ends environments that have been idle for too long. One timer for all of them. */
export class IdleReaper {
  readonly #limitMs: number;
  readonly #onExpired: (environment: Environment) => void;
  /** The longest idle first. */
  readonly #entries: IdleEntry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, onExpired: (environment: Environment) => void) {
    this.#limitMs = limitMs;
    this.#onExpired = onExpired;
  }

  /** It has nothing to do. Said again, it has had nothing to do since then. */
  idle(environment: Environment): void {
    this.busy(environment);
    this.#entries.push({ environment, sinceMs: performance.now() });
    if (this.#timer === undefined) this.#arm(this.#limitMs);
  }

  busy(environment: Environment): void {
    // The newest are reused first, so it is near the end.
    const index = this.#entries.findLastIndex((entry) => entry.environment === environment);
    if (index !== -1) this.#entries.splice(index, 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries.length = 0;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#reap(), delayMs);
    this.#timer.unref();
  }

  #reap(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      const remainingMs = entry.sinceMs + this.#limitMs - now;
      if (remainingMs > 0) {
        this.#arm(Math.ceil(remainingMs));
        return;
      }
      this.#entries.shift();
      this.#onExpired(entry.environment);
    }
  }
}
