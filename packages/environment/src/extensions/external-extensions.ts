import { join } from "node:path";
import { ProcessOutput } from "../log/process-output.ts";
import type { ProcessExit } from "../platform-error.ts";
import { EnvironmentProcess } from "../process/environment-process.ts";
import { resolveExecutable, spawnReason } from "../process/runtime-command.ts";

export interface ExternalExtensionsOptions {
  /** The folder in which their files are, absolute. */
  readonly folder: string;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly launcher: readonly string[];
  /** Longest line of output, in bytes. */
  readonly lineBytesMax: number;
  /** One line of output, newline included. */
  readonly onLine: (name: string, line: Buffer) => void;
  /** A process has ended; its output may not have been read yet. */
  readonly onExit: (name: string, exit: ProcessExit) => void;
  /** A file could not be started, for this reason. */
  readonly onLaunchError: (name: string, reason: string) => void;
  /** No process is left, and all output has been read. */
  readonly onAllEnded: () => void;
}

/** How long the last output of an ended process is waited for, in milliseconds. */
const lastOutputMs = 200;

/** The processes of the external extensions of one environment. */
export class ExternalExtensions {
  readonly #options: ExternalExtensionsOptions;
  readonly #processes = new Map<string, EnvironmentProcess>();
  /** Those whose output has not been read to its end. */
  #open = 0;

  constructor(options: ExternalExtensionsOptions) {
    this.#options = options;
  }

  /** Names of those that run. */
  get running(): readonly string[] {
    return [...this.#processes.keys()].filter(
      (name) => this.#processes.get(name)?.exited === false,
    );
  }

  /** The process groups of all that were started, also of those that have ended. */
  get groups(): readonly number[] {
    return [...this.#processes.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap(({ pid, exited }) =>
      pid === undefined || exited ? [] : [pid],
    );
  }

  /** Whether none is left, and all output has been read. */
  get haveEnded(): boolean {
    return this.#open === 0;
  }

  /** Starts the file of this name. What goes wrong is told by `onLaunchError`, maybe at once. */
  start(name: string): void {
    const { folder, cwd, variables, mark, launcher, lineBytesMax } = this.#options;
    const { onLine, onExit, onLaunchError } = this.#options;
    const executable = join(folder, name);
    const problem = whyNotStartable(executable, cwd);
    if (problem !== undefined) {
      onLaunchError(name, problem);
      return;
    }
    const output = new ProcessOutput((line) => onLine(name, line), lineBytesMax);
    const ended = (): void => {
      output.end();
      this.#open -= 1;
      if (this.#open === 0) this.#options.onAllEnded();
    };
    this.#open += 1;
    try {
      const started = new EnvironmentProcess({
        executable,
        args: [],
        cwd,
        variables,
        mark,
        channel: false,
        launcher,
        onOutput: (chunk, source) => output.push(chunk, source),
        onExit: (exit) => {
          onExit(name, exit);
          started.afterOutput(lastOutputMs, ended);
        },
        onSpawnError: (error) => {
          onLaunchError(name, spawnReason(executable, error));
          ended();
        },
      });
      this.#processes.set(name, started);
    } catch (error) {
      onLaunchError(name, spawnReason(executable, error as NodeJS.ErrnoException));
      ended();
    }
  }

  /** Ends one, or all that are left, with their groups. */
  kill(name?: string): void {
    for (const [known, process] of this.#processes) {
      if (name === undefined || name === known) process.signal("SIGKILL");
    }
  }

  /** Lets go of the pipes. To be called when all have ended. */
  dispose(): void {
    for (const process of this.#processes.values()) process.dispose();
  }
}

/** Seen before anything is spawned, so that the reason is the file's and not a launcher's. */
function whyNotStartable(executable: string, cwd: string): string | undefined {
  const resolved = resolveExecutable({ file: executable, cwd }, "");
  return "error" in resolved ? resolved.error.text : undefined;
}
