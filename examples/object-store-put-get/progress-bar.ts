const width = 30;

/** A bar on the terminal; nothing where the output goes into a file. */
export class ProgressBar {
  readonly #label: string;
  #shownAt = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** Shows how much of it is done, from 0 to 1; at most ten times a second. */
  show(share: number): void {
    if (!process.stderr.isTTY || performance.now() - this.#shownAt < 100) return;
    this.#shownAt = performance.now();
    const filled = Math.floor(share * width);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    process.stderr.write(
      `\r${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${this.#label}`,
    );
  }

  /** Takes the bar away. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
