/** Tells on a terminal what is being measured, in one line that is written over. */
export class Progress {
  readonly #terminal: NodeJS.WriteStream;

  /** `terminal` is standard error: the report goes to standard output. */
  constructor(terminal: NodeJS.WriteStream) {
    this.#terminal = terminal;
  }

  /** Where there is no terminal it says nothing: a log has no use for it. */
  show(text: string): void {
    if (!this.#terminal.isTTY) return;
    const columns = this.#terminal.columns > 1 ? this.#terminal.columns - 1 : 79;
    this.#terminal.write(`\r\u001b[2K${text.slice(0, columns)}`);
  }

  clear(): void {
    if (this.#terminal.isTTY) this.#terminal.write("\r\u001b[2K");
  }
}
