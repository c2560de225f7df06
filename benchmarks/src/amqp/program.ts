import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { endOfOutput, stopProcess, watchProcess } from "../subject/stop-process.ts";

const answerMsMax = 120_000;

/** A process of a pair: a host, or a caller that is spoken to in lines. Whoever starts it stops it. */
export class Program {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #lines: Interface | undefined;

  private constructor(child: ChildProcess, folder: string) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#folder = folder;
    this.#lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  }

  static start(
    [file = "", ...args]: readonly string[],
    options: { readonly speaks: boolean; readonly variables?: Readonly<Record<string, string>> },
  ): Program {
    const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-"));
    const output = openSync(join(folder, "output"), "a");
    try {
      const stdio = options.speaks ? "pipe" : "ignore";
      const child = spawn(file, args, {
        env: { ...process.env, AMQP_URI: undefined, ...options.variables },
        stdio: [stdio, options.speaks ? "pipe" : output, output],
        // A process group of its own: Ctrl-C is for the benchmark, which then stops it.
        detached: true,
      });
      child.on("error", () => {});
      child.stdin?.on("error", () => {});
      watchProcess(child);
      return new Program(child, folder);
    } finally {
      closeSync(output);
    }
  }

  get hasEnded(): boolean {
    return this.pid === 0 || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The last lines that it wrote, for the text of an error. */
  output(): string {
    return endOfOutput(this.#folder);
  }

  /** Says a line, if there is one to say, and gives the next line that it answers. */
  async ask(
    line: string | undefined,
    signal: AbortSignal,
    limitMs: number = answerMsMax,
  ): Promise<string> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), limitMs);
    const any = AbortSignal.any([signal, over.signal]);
    try {
      if (this.#lines === undefined) throw new Error("it does not speak");
      const answered = once(this.#lines, "line", { signal: any });
      const ended = once(this.#child, "exit", { signal: any }).then(() => {
        throw new Error("it has ended");
      });
      ended.catch(() => undefined);
      if (line !== undefined) this.#child.stdin?.write(`${line}\n`);
      const [answer] = (await Promise.race([answered, ended])) as [string];
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const reason = over.signal.aborted ? `no answer within ${limitMs} ms` : String(error);
      throw new Error(`Cannot ask: ${reason}${this.output()}`, { cause: error });
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  async stop(): Promise<void> {
    await stopProcess(this.#child, this.#folder);
  }
}
