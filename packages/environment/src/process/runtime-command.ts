import { accessSync, constants, type Stats, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import {
  invalidEntrypointError,
  invalidWorkingDirError,
  type PlatformError,
} from "../platform-error.ts";

/** How to start a runtime. */
export interface RuntimeCommand {
  /** A path, or a name to be found in the `PATH` of the function. */
  readonly file: string;
  readonly args: readonly string[];
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Added to the variables of the platform. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether the runtime speaks over the channel of core's `runtime-channel.ts` instead of HTTP. */
  readonly channel: boolean;
}

/**
 * Finds the executable of a command, so that one that cannot be started is refused with a reason
 * before anything is spawned (RT-7). Reads the file system each time: code may appear or vanish.
 */
export function resolveExecutable(
  command: Pick<RuntimeCommand, "file" | "cwd">,
  path: string,
): { readonly executable: string } | { readonly error: PlatformError } {
  const { file, cwd } = command;
  if (!isDirectory(cwd)) {
    return { error: invalidWorkingDirError(`chdir ${cwd}: no such directory`) };
  }
  if (file.includes("/")) {
    const executable = resolve(cwd, file);
    const problem = whyNotExecutable(executable);
    if (problem === undefined) return { executable };
    return { error: invalidEntrypointError(`fork/exec ${executable}: ${problem}`) };
  }
  for (const folder of path.split(delimiter)) {
    const executable = resolve(cwd, join(folder, file));
    if (whyNotExecutable(executable) === undefined) return { executable };
  }
  return { error: invalidEntrypointError(`exec: "${file}": executable file not found in $PATH`) };
}

function isDirectory(path: string): boolean {
  const stats = statOf(path);
  return typeof stats === "object" && stats.isDirectory();
}

/** What is there, or why that cannot be seen: a folder that may not be searched, a link to itself. */
function statOf(path: string): Stats | string {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? "no such file or directory";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function whyNotExecutable(path: string): string | undefined {
  const stats = statOf(path);
  if (typeof stats === "string") return stats;
  if (stats.isDirectory()) return "is a directory";
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return "permission denied";
  }
}

/** Why the kernel refused to start an executable, in the words of AWS's own host. */
export function spawnReason(executable: string, error: NodeJS.ErrnoException): string {
  return `fork/exec ${executable}: ${error.code ?? error.message}`;
}
