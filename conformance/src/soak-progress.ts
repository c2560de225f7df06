/** One line on standard error that is written over on a terminal; one every 10 s elsewhere. */
export class SoakProgress {
  readonly #everyMs = process.stderr.isTTY ? 200 : 10_000;
  #lastAtMs: number = performance.now();

  /** Shows the text, unless it has shown another one just now. */
  show(text: () => string): void {
    if (performance.now() - this.#lastAtMs < this.#everyMs) return;
    this.#lastAtMs = performance.now();
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text()}` : `${text()}\n`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  }
}
