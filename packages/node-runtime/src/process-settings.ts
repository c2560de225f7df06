import type { runtimeChannelApiVariable as coreVariable } from "@lambdad/core";
import type { ChannelOffer } from "./channel-client.ts";

/** What a runtime process is told at its start. */
export interface ProcessSettings {
  readonly handler: string;
  /** Absolute or relative to the working directory. */
  readonly taskRoot: string;
  /**
   * Descriptor of the channel to a host of ours; `undefined`: the Runtime API over HTTP, because there
   * is no channel, or because somebody wants to see the calls.
   */
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

/**
 * Whose calls the channel carries: `runtimeChannelApiVariable` of `@lambdad/core`, repeated as the
 * frame types are.
 */
export const channelApiVariable: typeof coreVariable = "LAMBDAD_RUNTIME_CHANNEL_API";

/**
 * Which socket the channel was when the wrapper script started, as `/proc` names it. A wrapper may close
 * the descriptor, or leave something else there: `exec 3>&1` is a socket too. Unset without a wrapper.
 */
export const channelSocketVariable = "LAMBDAD_RUNTIME_CHANNEL_SOCKET";

/** Ours to take away: set when the host, and not the user, chose the folder of the compile cache. */
export const compileCacheVariable = "LAMBDAD_RUNTIME_COMPILE_CACHE";

/**
 * Reads arguments and environment, and removes what the function and its children must not see.
 *
 * A wrapper script, or an agent that `NODE_OPTIONS` has loaded before, may have changed
 * `AWS_LAMBDA_RUNTIME_API` to an address of its own: it gets the calls, and the channel is not used.
 *
 * @param isChannel - Whether an offered descriptor is the channel.
 * @throws {Error} when there is no handler, nobody to ask for invocations, or a number is none.
 */
export function takeSettings(
  args: readonly string[],
  env: Record<string, string | undefined>,
  isChannel: (offer: ChannelOffer) => boolean,
): ProcessSettings {
  const runtimeApi = env["AWS_LAMBDA_RUNTIME_API"] ?? "";
  const channelText = take(env, channelVariable);
  const channelApi = take(env, channelApiVariable) ?? runtimeApi;
  const socket = take(env, channelSocketVariable);
  const keepsCompiledCode = env[compileCacheVariable] !== undefined;
  if (keepsCompiledCode) {
    delete env[compileCacheVariable];
    delete env["NODE_COMPILE_CACHE"];
  }
  const handler = args[0] ?? env["_HANDLER"] ?? "";
  if (handler === "") throw new Error("Cannot start the runtime: no handler was given");
  const offered =
    channelText === undefined ? undefined : { fd: integer(channelVariable, channelText), socket };
  const isDiverted = runtimeApi !== "" && runtimeApi !== channelApi;
  const channelFd =
    offered !== undefined && !isDiverted && isChannel(offered) ? offered.fd : undefined;
  if (channelFd === undefined && runtimeApi === "") {
    throw new Error("Cannot start the runtime: AWS_LAMBDA_RUNTIME_API is not set");
  }
  return {
    handler,
    taskRoot: env["LAMBDA_TASK_ROOT"] ?? ".",
    channelFd,
    runtimeApi,
    concurrency: concurrencyOf(env["AWS_LAMBDA_MAX_CONCURRENCY"]),
    keepsCompiledCode,
  };
}

/** The value of a variable that is for this process alone. */
function take(env: Record<string, string | undefined>, name: string): string | undefined {
  const value = env[name];
  delete env[name];
  return value;
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
