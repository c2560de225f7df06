import { setTimeout as sleep } from "node:timers/promises";

type Word = "START" | "END" | "REPORT";

/** Counts the START, END and REPORT lines of each request in a daemon's output. */
export class LifeLines {
  readonly #counts = new Map<string, Record<Word, number>>();
  readonly #rest = { stdout: "", stderr: "" };
  #lastAt = performance.now();

  push(text: string, stream: "stdout" | "stderr"): void {
    this.#lastAt = performance.now();
    const lines = (this.#rest[stream] + text).split("\n");
    this.#rest[stream] = lines.pop() ?? "";
    for (const line of lines) {
      const match = /\b(START|END|REPORT) RequestId: ([0-9a-f-]{36})/.exec(line);
      if (match === null) continue;
      const id = match[2] ?? "";
      const counts = this.#counts.get(id) ?? { START: 0, END: 0, REPORT: 0 };
      counts[match[1] as Word] += 1;
      this.#counts.set(id, counts);
    }
  }

  /** How many requests it has seen. */
  get requests(): number {
    return this.#counts.size;
  }

  /** The output is quiet: an answer may be a little faster than its REPORT line. */
  async settled(): Promise<void> {
    const deadline = performance.now() + 5_000;
    while (performance.now() - this.#lastAt < 500 && performance.now() < deadline) await sleep(100);
  }

  /**
   * What does not balance: each request that started must have started, ended and been reported once.
   * `outcomes` says by request id what its caller got.
   */
  problems(outcomes: ReadonlyMap<string, string>): string[] {
    const found: string[] = [];
    for (const [id, { START, END, REPORT }] of this.#counts) {
      if (START !== 1 || END !== 1 || REPORT !== 1) {
        const lines = `${START} START, ${END} END and ${REPORT} REPORT lines`;
        found.push(`${id} (${outcomes.get(id)}) has ${lines}`);
      }
      if (!outcomes.has(id)) found.push(`${id} started, but no caller has that request id`);
    }
    return found;
  }
}
