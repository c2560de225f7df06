import type { Environment } from "./environment.ts";

/** Ends environments that have been idle for too long. One timer for all of them. */
export class IdleReaper {
  readonly #limitMs: number;
  readonly #onExpired: (environment: Environment) => void;
  /** Since when each is idle, the longest first. */
  readonly #idleSinceMs = new Map<Environment, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, onExpired: (environment: Environment) => void) {
    this.#limitMs = limitMs;
    this.#onExpired = onExpired;
  }

  idle(environment: Environment): void {
    this.#idleSinceMs.delete(environment);
    this.#idleSinceMs.set(environment, performance.now());
    if (this.#timer === undefined) this.#arm(this.#limitMs);
  }

  busy(environment: Environment): void {
    this.#idleSinceMs.delete(environment);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#idleSinceMs.clear();
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#reap(), delayMs);
    this.#timer.unref();
  }

  #reap(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [environment, sinceMs] of this.#idleSinceMs) {
      const remainingMs = sinceMs + this.#limitMs - now;
      if (remainingMs > 0) {
        this.#arm(Math.ceil(remainingMs));
        return;
      }
      this.#idleSinceMs.delete(environment);
      this.#onExpired(environment);
    }
  }
}
