import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { killProcess, markedProcesses } from "./processes.ts";
import { ProcessOutput } from "./process-output.ts";

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It is killed after this time, so that no mistake of a test leaves it running. Default: 15 min. */
  readonly lifeMs?: number;
}

/** How a process ended. */
export interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** In the environment of everything that a test starts: what is left over can be found by it. */
export const markVariable = "CONFORMANCE_MARK";

const stopMs = 20_000;
const outputEndMs = 500;

/** A host under test as a process: its output, its end, and what it leaves behind. */
export class DaemonProcess {
  readonly output: ProcessOutput = new ProcessOutput();
  /** Resolves when the process is gone and its output is read. */
  readonly exited: Promise<Exit>;
  readonly mark: string;
  readonly #child: ChildProcess;

  constructor(file: string, args: readonly string[], options: ProcessOptions = {}) {
    this.mark = randomUUID();
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...baseEnvironment(), ...options.env, [markVariable]: this.mark },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (piece: Buffer) => this.output.push("stdout", piece));
    this.#child.stderr?.on("data", (piece: Buffer) => this.output.push("stderr", piece));
    const life = setTimeout(() => this.kill("SIGKILL"), options.lifeMs ?? 15 * 60_000);
    const { promise, resolve, reject } = Promise.withResolvers<Exit>();
    this.#child.on("error", reject);
    this.#child.on("exit", (status, signal) => {
      clearTimeout(life);
      const finish = (): void => {
        this.output.end();
        resolve({ status, signal });
      };
      // A process that was left behind may hold the pipes open for ever.
      const timer = setTimeout(finish, outputEndMs);
      this.#child.once("close", () => {
        clearTimeout(timer);
        finish();
      });
    });
    // A test that does not look at the end must not fail for it.
    promise.catch(() => {});
    this.exited = promise;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("Cannot tell the process id: the host did not start");
    return pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Nobody reads what it writes any more: its pipes run full. */
  stallOutput(): void {
    this.#child.stdout?.pause();
    this.#child.stderr?.pause();
  }

  /** The reader is gone: writing fails with EPIPE. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** SIGTERM, after 20 s SIGKILL; then ends whatever the host left behind. Safe to call twice. */
  async stop(): Promise<Exit> {
    const running = this.#child.exitCode === null && this.#child.signalCode === null;
    if (running) this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), stopMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
      for (const pid of await markedProcesses(markVariable, this.mark)) killProcess(pid);
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }
  }
}

/** What a program needs to run at all; nothing of the test runner, of npm or of AWS. */
function baseEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "USER"];
  const kept = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    kept.filter((pair): pair is readonly [string, string] => pair[1] !== undefined),
  );
}
