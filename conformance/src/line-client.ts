import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Client, type ClientCall, type ClientResult, clientEnv } from "./client.ts";

const callMs = 60_000;

/** An SDK in a process of its own that takes one call a line and answers one line. */
export class LineClient implements Client {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #errors = "";

  constructor(file: string, args: readonly string[], invokeUrl: string) {
    this.#child = spawn(file, args, {
      env: { ...process.env, ...clientEnv, INVOKE_URL: invokeUrl },
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
    if (stdout === null) throw new Error("Cannot read the client: it has no standard output");
    createInterface({ input: stdout }).on("line", (line) => this.#waiting.shift()?.(line));
  }

  async call(call: ClientCall): Promise<ClientResult> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => resolve(undefined), callMs);
    this.#child.stdin?.write(`${JSON.stringify(call)}\n`);
    const line = await promise;
    clearTimeout(timer);
    if (line === undefined) throw new Error(`Cannot get an answer: ${this.#errors}`);
    return JSON.parse(line) as ClientResult;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
  }

  #end(): void {
    for (const settle of this.#waiting.splice(0)) settle(undefined);
  }
}
