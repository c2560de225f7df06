import { channelSocketVariable, channelVariable } from "./process-settings.ts";

/** A program and its arguments. */
export interface WrappedCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** Name of the variable with the path of a wrapper script. */
export const wrapperVariable = "AWS_LAMBDA_EXEC_WRAPPER";

/** What AWS's start scripts print for a wrapper that cannot be run, and how they then end. */
const script = `
wrapper=$${wrapperVariable}
if [ ! -f "$wrapper" ]; then
  printf '%s: does not exist\\n' "$wrapper"
  exit 127
fi
if [ ! -x "$wrapper" ]; then
  printf '%s: is not an executable\\n' "$wrapper"
  exit 126
fi
if [ -n "$${channelVariable}" ]; then
  ${channelSocketVariable}=$(readlink "/proc/self/fd/$${channelVariable}" 2>/dev/null)
  export ${channelSocketVariable}
fi
exec "$wrapper" "$@"
`;

/**
 * The command that replaces itself by the wrapper of `AWS_LAMBDA_EXEC_WRAPPER`, with a runtime's command
 * as arguments. The variable is read in the process that runs it. Starts nothing.
 *
 * As on AWS, a wrapper may put options for the interpreter before the last argument, which must be the
 * runtime's script, and may name another function in `_HANDLER`: so the handler is no argument.
 */
export function wrappedCommand(file: string, args: readonly string[]): WrappedCommand {
  return { file: "/bin/sh", args: ["-c", script, "bootstrap", file, ...args] };
}
