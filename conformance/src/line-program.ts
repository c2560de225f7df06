import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const answerMs = 60_000;

/** A program in a process of its own that takes one JSON value a line and answers with one line. */
export class LineProgram<Question, Answer> {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #errors = "";

  constructor(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ) {
    this.#child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stderr?.on("data", (piece: Buffer) => {
      this.#errors = (this.#errors + piece.toString()).slice(-8_000);
    });
    this.#child.on("error", (error) => {
      this.#errors += error.message;
      this.#end();
    });
    this.#child.on("exit", () => this.#end());
    this.#child.stdin?.on("error", () => this.#end());
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("Cannot read the program: it has no standard output");
    createInterface({ input: stdout }).on("line", (line) => this.#waiting.shift()?.(line));
  }

  /** Throws with what the program wrote to standard error when it ends, or is silent for a minute. */
  async ask(question: Question): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => resolve(undefined), answerMs);
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const line = await promise;
    clearTimeout(timer);
    if (line === undefined) throw new Error(`Cannot get an answer: ${this.#errors}`);
    return JSON.parse(line) as Answer;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #end(): void {
    for (const settle of this.#waiting.splice(0)) settle(undefined);
  }
}
