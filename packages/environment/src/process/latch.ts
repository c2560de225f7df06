/** Something that happens once and that may be waited for, never for ever. */
export class Latch {
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** It has happened. */
  open(): void {
    this.#isOpen = true;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves when it has happened, or after `limitMs`; with whether it has. */
  within(limitMs: number): Promise<boolean> {
    if (this.#isOpen || limitMs <= 0) return Promise.resolve(this.#isOpen);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limitMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
