/** How urgent a line is. */
export type RuntimeLogLevel = "INFO" | "WARN" | "ERROR";

/** Between two lines of the same kind about single messages, in milliseconds. */
const quietMs = 10_000;

/** Lines of the runtime's own, apart from those of the function: `<ISO time> <LEVEL> <text>`. */
export class RuntimeLog {
  readonly #write: (line: string) => void;
  readonly #repeated = new Map<string, number>();

  /** `write` takes one line with its end. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  line(level: RuntimeLogLevel, text: string): void {
    this.#write(`${new Date().toISOString()} ${level} lambda-runtime: ${oneLine(text)}\n`);
  }

  /**
   * Something that may happen with every message: the first is told at once, and those of the next ten
   * seconds are counted.
   */
  repeated(text: string): void {
    const count = this.#repeated.get(text);
    if (count !== undefined) {
      this.#repeated.set(text, count + 1);
      return;
    }
    this.#repeated.set(text, 0);
    this.line("WARN", text);
    setTimeout(() => this.#tellRepeated(text), quietMs).unref();
  }

  #tellRepeated(text: string): void {
    const count = this.#repeated.get(text) ?? 0;
    this.#repeated.delete(text);
    if (count > 0) this.line("WARN", `${text} (${count} more in ${quietMs / 1000} s)`);
  }
}

/** Text from outside must not make lines of its own, nor talk to a terminal. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  return text.replaceAll(/[\r\n\t]+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
