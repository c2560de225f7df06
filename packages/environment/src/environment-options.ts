import type { FunctionConfiguration } from "@lambdad/core";
import type { LogFormat } from "./log/platform-log-line.ts";
import type { RuntimeCommand } from "./process/runtime-command.ts";

/** What all environments of one function have in common. */
export interface EnvironmentOptions {
  readonly configuration: FunctionConfiguration;
  readonly command: RuntimeCommand;
  /** What the function inherits: free of the host's own variables and secrets. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** The folder with the function's code, absolute. */
  readonly taskRoot: string;
  /** Invocations at once (`AWS_LAMBDA_MAX_CONCURRENCY`); `undefined`: one, as on classic Lambda. */
  readonly concurrency: number | undefined;
  /** The folder of the external extensions, absolute; it need not exist. */
  readonly extensionsDir: string;
  /** Limit of the initialisation before an invocation, in milliseconds. */
  readonly initTimeoutMs: number;
  /** Whether a process tree above `memorySizeMb` is killed (RT-9), or only reported. */
  readonly memoryEnforced: boolean;
  readonly logFormat: LogFormat;
  /** Longest line of the function's output, in bytes; the rest of a longer one is dropped. */
  readonly logLineBytesMax: number;
  /** Program and arguments put before the runtime's command. */
  readonly launcher: readonly string[];
  /** Marks the processes of this pool: see `process-tree.ts`. */
  readonly poolMark: string;
}
