import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const lifeMs = 60_000;

/** A process that runs a task of `store-process.ts`. */
export class StoreChild {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  readonly #waiting = new Set<() => void>();
  #errors = "";

  constructor(endpoint: string, bucket: string, task: string) {
    const file = join(import.meta.dirname, "store-process.ts");
    const args = ["--conditions=@lambdad/source", file, endpoint, bucket, task];
    // Killed after a while, so that no mistake of a test leaves it running.
    this.#child = spawn(process.execPath, args, { stdio: "pipe", timeout: lifeMs });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on("error", () => {});
    stderr?.on("data", (piece: Buffer) => (this.#errors += piece.toString()));
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => {
        this.lines.push(line);
        this.#wake();
      });
    }
    this.#exited = once(this.#child, "close").then(([status, signal]) => {
      this.#wake();
      return String(signal ?? status);
    });
  }

  /** Waits until it has written so many lines. */
  async wrote(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#child.exitCode !== null) throw new Error(`Cannot wait: it ended\n${this.#errors}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** It is ready: lets it begin. */
  begin(): void {
    this.#child.stdin?.write("begin\n");
  }

  /** Waits for its good end. */
  async done(): Promise<void> {
    const status = await this.#exited;
    if (status !== "0") throw new Error(`Cannot finish: it ended with ${status}\n${this.#errors}`);
  }

  /** SIGKILL, by its id; waits until it is gone. Safe to call twice. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Runs a task in so many processes at once, to its end. Gives the lines of each. */
export async function inProcesses(
  count: number,
  endpoint: string,
  bucket: string,
  task: string,
): Promise<string[][]> {
  const children = Array.from({ length: count }, () => new StoreChild(endpoint, bucket, task));
  try {
    await Promise.all(children.map((child) => child.wrote(1)));
    for (const child of children) child.begin();
    await Promise.all(children.map((child) => child.done()));
    return children.map(({ lines }) => lines);
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}
