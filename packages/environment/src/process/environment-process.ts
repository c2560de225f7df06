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
  /**
   * Opens the log descriptor, tells the process of it by its variable, and is called with the bytes
   * that come: see `log-frame-decoder.ts`. Without, what the process logs is on standard output.
   */
  readonly onLogFrames?: ((chunk: Buffer) => void) | undefined;
  /** Called once, when the process has ended. */
  readonly onExit: (exit: ProcessExit) => void;
  /** Called once instead of `onExit`, when the process could not be started. */
  readonly onSpawnError: (error: NodeJS.ErrnoException) => void;
}

/** The log descriptor: AWS's number, so that scripts that use low numbers for themselves do not meet it. */
export const logDescriptor = 62;

/** Tells a runtime the number of the log descriptor (spec runtime-api §16). */
export const logDescriptorVariable = "_LAMBDA_TELEMETRY_LOG_FD";

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
    const { onLogFrames } = options;
    if (onLogFrames !== undefined) variables[logDescriptorVariable] = String(logDescriptor);
    this.#child = spawn(file, launcher === undefined ? options.args : command, {
      cwd: options.cwd,
      env: variables,
      // A session of its own: signals reach the children of shell bootstraps (spec runtime-api §13).
      detached: true,
      stdio: descriptors(options),
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
    if (onLogFrames !== undefined) {
      this.#log?.on("data", onLogFrames);
      this.#log?.on("error", ignore);
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
    return this.#pipe(runtimeChannelDescriptor);
  }

  /** Our end of the log descriptor, when it was asked for. */
  get #log(): Readable | undefined {
    return this.#pipe(logDescriptor);
  }

  /** Calls back once when all output that the process wrote has been read, or after `limitMs`. */
  afterOutput(limitMs: number, listener: () => void): void {
    const { stdout, stderr } = this.#child;
    const streams: (Readable | null | undefined)[] = [stdout, stderr, this.channel, this.#log];
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
    this.#log?.destroy();
  }

  #pipe(descriptor: number): Duplex | undefined {
    // Without descriptors for its pipes (EMFILE) a child has no `stdio` at all.
    const stdio = this.#child.stdio as readonly unknown[] | undefined;
    return (stdio?.[descriptor] ?? undefined) as Duplex | undefined;
  }
}

/** Of a pipe the process has an end that blocks: a runtime that logs faster than we read waits (AWS). */
function descriptors(
  options: Pick<EnvironmentProcessOptions, "channel" | "onLogFrames">,
): ("ignore" | "pipe")[] {
  const kinds: ("ignore" | "pipe")[] = ["ignore", "pipe", "pipe"];
  if (options.channel) kinds[runtimeChannelDescriptor] = "pipe";
  if (options.onLogFrames === undefined) return kinds;
  // Above standard error an ignored descriptor is not opened.
  while (kinds.length < logDescriptor) kinds.push("ignore");
  return [...kinds, "pipe"];
}

function ignore(): void {}
