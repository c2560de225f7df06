import type { OutputWriter } from "../cli/command-io.ts";

/** Writes lines in the order of their numbers, whatever the order in which they come. */
export class OrderedOutput {
  readonly #output: OutputWriter;
  readonly #waiting = new Map<number, string>();
  #next = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(output: OutputWriter) {
    this.#output = output;
  }

  /** Takes line `index` and writes all that can be; resolves when the reader has kept up. */
  write(index: number, line: string): Promise<void> {
    this.#waiting.set(index, line);
    let ready = "";
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined) break;
      this.#waiting.delete(this.#next++);
      ready += `${next}\n`;
    }
    if (ready !== "") this.#writing = this.#writing.then(() => this.#output.write(ready));
    return this.#writing;
  }
}
