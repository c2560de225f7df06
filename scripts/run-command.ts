import { spawn } from "node:child_process";
import { root } from "./repository.ts";

export interface RunOptions {
  /** Default: the checkout. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Keep standard output and standard error, in order, instead of passing them through. */
  readonly capture?: boolean;
}

export interface CommandEnd {
  /** Exit code; 128 for a signal; 127 when the command cannot be started. */
  readonly status: number;
  /** What it wrote, when it was captured. */
  readonly output: string;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command to its end, and passes on the signals that this process gets. */
export function runCommand(
  command: readonly [string, ...string[]],
  { cwd = root, env = process.env, capture = false }: RunOptions = {},
): Promise<CommandEnd> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: capture ? "pipe" : "inherit" });
    const chunks: Buffer[] = [];
    const onSignal = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of signals) process.on(signal, onSignal);
    const end = (status: number, note = ""): void => {
      for (const signal of signals) process.off(signal, onSignal);
      resolve({ status, output: Buffer.concat(chunks).toString("utf8") + note });
    };
    child.stdin?.end();
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => end(127, `Cannot start '${file}': ${error.message}\n`));
    child.on("close", (code) => end(code ?? 128));
  });
}
