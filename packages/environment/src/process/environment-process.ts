import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { runtimeChannelDescriptor } from "@lambdad/core";
import type { ProcessExit } from "../platform-error.ts";
import { markVariable, signalGroup } from "./process-tree.ts";

export interface EnvironmentProcessOptions {
  /** Absolute path. */
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Distinguishes this environment's processes from all others: see `process-tree.ts`. */
  readonly mark: string;
  /** Opens a socket on descriptor 3 for the frames of core's `runtime-channel.ts`. */
  readonly channel: boolean;
  /** Program and arguments put before the command, e.g. to set resource limits. */
  readonly launcher: readonly string[];
  readonly onOutput: (chunk: Buffer, source: "stdout" | "stderr") => void;
  /** Called once, when the process has ended. */
  readonly onExit: (exit: ProcessExit) => void;
  /** Called once instead of `onExit`, when the process could not be started. */
  readonly onSpawnError: (error: NodeJS.ErrnoException) => void;
}

/** One process of an environment, a runtime or an extension, in a session and process group of its own. */
export class EnvironmentProcess {
  readonly #child: ChildProcess;
  #exited = false;

  constructor(options: EnvironmentProcessOptions) {
    const [launcher, ...launcherArgs] = options.launcher;
    const command = [...launcherArgs, options.executable, ...options.args];
    const file = launcher ?? options.executable;
    const variables: Record<string, string> = {
      ...options.variables,
      [markVariable]: options.mark,
    };
    this.#child = spawn(file, launcher === undefined ? options.args : command, {
      cwd: options.cwd,
      env: variables,
      // A session of its own: signals reach the children of shell bootstraps (spec runtime-api §13).
      detached: true,
      stdio: ["ignore", "pipe", "pipe", ...(options.channel ? (["pipe"] as const) : [])],
    });
    this.#child.once("error", (error) => {
      if (this.#child.pid === undefined) {
        this.#exited = true;
        options.onSpawnError(error);
      }
    });
    this.#child.once("exit", (code, signal) => {
      this.#exited = true;
      options.onExit({ code, signal });
    });
    for (const source of ["stdout", "stderr"] as const) {
      const stream = this.#child[source];
      stream?.on("data", (chunk: Buffer) => options.onOutput(chunk, source));
      stream?.on("error", ignore);
    }
  }

  /** `undefined` when the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** Our end of the channel, when one was asked for. */
  get channel(): Duplex | undefined {
    // Without descriptors for its pipes (EMFILE) a child has no `stdio` at all.
    const stdio = this.#child.stdio as ChildProcess["stdio"] | undefined;
    return stdio?.[runtimeChannelDescriptor] as Duplex | undefined;
  }

  /** Calls back once when all output that the process wrote has been read, or after `limitMs`. */
  afterOutput(limitMs: number, listener: () => void): void {
    const streams: (Readable | null | undefined)[] = [this.#child.stdout, this.#child.stderr];
    streams.push(this.channel);
    const open = streams.filter((stream) => stream?.closed === false && !stream.readableEnded);
    let missing = open.length;
    // A grandchild that inherited the pipes keeps them open: the wait has a limit.
    const timer = setTimeout(finish, limitMs);
    let finished = false;
    function finish(): void {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      listener();
    }
    if (missing === 0) finish();
    for (const stream of open) {
      stream?.once("close", () => {
        missing -= 1;
        if (missing === 0) finish();
      });
    }
  }

  /** Sends a signal to the process and its group. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined) signalGroup(pid, signal);
  }

  /** Ends what is left of the group, and lets go of the pipes. To be called when the process has ended. */
  dispose(): void {
    this.signal("SIGKILL");
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.channel?.destroy();
  }
}

function ignore(): void {}
