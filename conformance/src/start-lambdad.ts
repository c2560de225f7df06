import { join } from "node:path";
import { DaemonProcess } from "./daemon-process.ts";
import { repositoryRoot } from "./paths.ts";

/** A running daemon; its process may be signalled and watched. */
export interface Daemon extends DaemonProcess {
  /** `http://HOST:PORT`. */
  readonly invokeUrl: string;
  /** The name under which the function is invoked. */
  readonly functionName: string;
}

export interface StartOptions {
  /** It is killed after this time: see `ProcessOptions`. */
  readonly lifeMs?: number;
  readonly cwd?: string;
  /** Words before the daemon's command: `unshare …`. */
  readonly prefix?: readonly string[];
  /** Options of the daemon's Node. */
  readonly nodeOptions?: readonly string[];
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
    const functionName = env["AWS_LAMBDA_FUNCTION_NAME"] ?? "conformance";
    return Object.assign(daemon, { invokeUrl, functionName });
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
  const { prefix = [], nodeOptions = [], cwd, lifeMs } = options;
  const command = lambdadCommand.toSpliced(1, 0, ...nodeOptions);
  const [file = "", ...words] = [...prefix, ...command, ...args];
  return new DaemonProcess(file, words, {
    env: { ...defaultEnv, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(lifeMs === undefined ? {} : { lifeMs }),
  });
}
