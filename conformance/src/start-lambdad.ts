import { join } from "node:path";
import { DaemonProcess, type Exit } from "./daemon-process.ts";
import type { ProcessOutput } from "./process-output.ts";
import { repositoryRoot } from "./paths.ts";

export interface Daemon {
  /** `http://HOST:PORT`. */
  readonly invokeUrl: string;
  /** The name under which the function is invoked. */
  readonly functionName: string;
  readonly output: ProcessOutput;
  readonly pid: number;
  /** In the environment of the daemon and its children, as the variable `CONFORMANCE_MARK`. */
  readonly mark: string;
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** Ends the daemon, and whatever it left behind. */
  stop(): Promise<Exit>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Words before the daemon's command: `unshare …`. */
  readonly prefix?: readonly string[];
}

/** How the daemon is typed: from source, as in the repository's scripts. */
export const lambdadCommand: readonly string[] = [
  process.execPath,
  "--conditions=@lambdad/source",
  join(repositoryRoot, "packages", "lambdad", "src", "main.ts"),
];

/** Ports of the system's choice, and the name that the scenarios use. Arguments may say otherwise. */
const defaultEnv: Readonly<Record<string, string>> = {
  PORT: "0",
  RUNTIME_API_PORT: "0",
  AWS_LAMBDA_FUNCTION_NAME: "conformance",
};

const startMs = 30_000;

/** Starts the daemon with these arguments and waits until it listens. */
export async function startLambdad(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: StartOptions = {},
): Promise<Daemon> {
  const daemon = spawnLambdad(args, env, options);
  try {
    const [, invokeUrl = ""] = await daemon.output.waitFor(
      /lambdad listening on (http:\/\/[^\s"]+)/,
      startMs,
    );
    const { output, pid, mark, exited } = daemon;
    return {
      invokeUrl,
      functionName: env["AWS_LAMBDA_FUNCTION_NAME"] ?? "conformance",
      output,
      pid,
      mark,
      exited,
      kill: (signal) => daemon.kill(signal),
      stop: () => daemon.stop(),
    };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** Starts the daemon and does not wait: for a start that is to fail. */
export function spawnLambdad(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: StartOptions = {},
): DaemonProcess {
  const { prefix = [], cwd } = options;
  const [file = "", ...words] = [...prefix, ...lambdadCommand, ...args];
  return new DaemonProcess(file, words, {
    env: { ...defaultEnv, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
}
