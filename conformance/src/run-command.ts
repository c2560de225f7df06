import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The command is killed with its children and the run fails after this time. */
  readonly timeoutMs: number;
  /** Written to its standard input. */
  readonly input?: string | Buffer;
}

export interface CommandResult {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A command could not be run to its end. A status other than 0 is a result, not this error. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** `ENOENT` when there is no such command, `TIMEOUT` when it took too long. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const outputBytesMax = 16 * 1024 * 1024;

/** Runs a command without a shell. Output over 16 MiB is dropped. Throws `CommandError`. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  // Its own group: a compiler's children end with it when the time is over.
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= outputBytesMax) output[name].push(piece);
    });
  }
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    const seconds = options.timeoutMs / 1000;
    reject(new CommandError("TIMEOUT", `Cannot finish '${file}': it ran longer than ${seconds} s`));
  }, options.timeoutMs);
  child.on("error", (error: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    const message = `Cannot run '${file}': ${error.message}`;
    reject(new CommandError(error.code ?? "UNKNOWN", message, { cause: error }));
  });
  child.on("close", (status) => {
    clearTimeout(timer);
    const { stdout, stderr } = output;
    resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
  });
  // A command that does not read its input closes the pipe: its status tells, not EPIPE.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input);
  return promise;
}
