import { existsSync } from "node:fs";

/**
 * As process 1 a program inherits every orphan of its container and must collect it when it ends, and
 * Node collects only its own children. So a daemon that finds itself process 1 makes a shell process 1
 * in its place: shells collect every child, pass signals on, and are in nearly every image.
 */
const initScript = `
"$@" &
child=$!
trap 'kill -TERM $child' TERM
trap 'kill -INT $child' INT
trap 'kill -HUP $child' HUP
while :; do
  wait $child
  status=$?
  kill -0 $child 2>/dev/null || exit $status
done
`;

/** Tells the daemon below the shell that it is a container's main program. */
export const containerVariable = "LAMBDAD_CONTAINER";

const shell = "/bin/sh";

/**
 * Makes a shell process 1, with this program below it. Returns only when that is not possible.
 *
 * @returns why not: for the log.
 */
export function becomeContainerInit(argv: readonly string[], variables: NodeJS.ProcessEnv): string {
  if (!existsSync(shell)) {
    return `There is no ${shell} to be process 1: ended orphans stay as zombies. Start with an init, e.g. docker run --init`;
  }
  if (typeof process.execve !== "function") {
    return "This Node cannot replace itself (22.15 or later can): ended orphans stay as zombies";
  }
  const command = [process.execPath, ...process.execArgv, ...argv];
  return process.execve(shell, [shell, "-c", initScript, "lambdad-init", ...command], {
    ...variables,
    [containerVariable]: "1",
  });
}
