/** Waits for a runtime or an extension that should ask for its next event and does not. */
export class Absence {
  readonly #limitMs: number;
  readonly #onTooLong: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `onTooLong` is called when it has been away for `limitMs`. */
  constructor(limitMs: number, onTooLong: () => void) {
    this.#limitMs = limitMs;
    this.#onTooLong = onTooLong;
  }

  begin(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#onTooLong();
    }, this.#limitMs);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
