/** What a runtime process is told at its start. */
export interface ProcessSettings {
  readonly handler: string;
  /** Absolute or relative to the working directory. */
  readonly taskRoot: string;
  /** Descriptor of the channel to a host of ours; `undefined`: the Runtime API over HTTP. */
  readonly channelFd: number | undefined;
  /** `host:port` */
  readonly runtimeApi: string;
  /** Invocations at the same time; `undefined`: one, the classic way. */
  readonly concurrency: number | undefined;
  /** The host named a folder for compiled code, to be filled once the function is loaded. */
  readonly keepsCompiledCode: boolean;
}

/** Name of the variable that carries the descriptor of the channel. */
export const channelVariable = "LAMBDAD_RUNTIME_CHANNEL_FD";

/** Ours to take away: set when the host, and not the user, chose the folder of the compile cache. */
export const compileCacheVariable = "LAMBDAD_RUNTIME_COMPILE_CACHE";

/**
 * Reads arguments and environment, and removes what the function and its children must not see.
 *
 * @throws {Error} when there is no handler, nobody to ask for invocations, or a number is none.
 */
export function takeSettings(
  args: readonly string[],
  env: Record<string, string | undefined>,
): ProcessSettings {
  const channelText = env[channelVariable];
  delete env[channelVariable];
  const keepsCompiledCode = env[compileCacheVariable] !== undefined;
  if (keepsCompiledCode) {
    delete env[compileCacheVariable];
    delete env["NODE_COMPILE_CACHE"];
  }
  const handler = args[0] ?? env["_HANDLER"] ?? "";
  if (handler === "") throw new Error("Cannot start the runtime: no handler was given");
  const runtimeApi = env["AWS_LAMBDA_RUNTIME_API"] ?? "";
  if (channelText === undefined && runtimeApi === "") {
    throw new Error("Cannot start the runtime: AWS_LAMBDA_RUNTIME_API is not set");
  }
  return {
    handler,
    taskRoot: env["LAMBDA_TASK_ROOT"] ?? ".",
    channelFd: channelText === undefined ? undefined : integer(channelVariable, channelText),
    runtimeApi,
    concurrency: concurrencyOf(env["AWS_LAMBDA_MAX_CONCURRENCY"]),
    keepsCompiledCode,
  };
}

function concurrencyOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  return integer("AWS_LAMBDA_MAX_CONCURRENCY", text);
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`Cannot start the runtime: ${name} must be a positive integer, not '${text}'`);
}
