import { runtimeChannelDescriptor } from "@lambdad/core";
import { mainPath } from "./main-path.ts";
import { channelVariable, compileCacheVariable } from "./process-settings.ts";

export interface NodeRuntimeOptions {
  /** `a/b/file.deep.export`, relative to the task root. */
  readonly handler: string;
  /** Folder of the function's code, absolute. */
  readonly taskRoot: string;
  /** Size of the function: V8 collects harder as its heap nears nine tenths of it, as on AWS. */
  readonly memorySizeMb?: number | undefined;
  /**
   * Folder where Node keeps compiled code, for faster starts; the function does not see it.
   * `undefined`: none, unless the function's own environment names one.
   */
  readonly compileCacheFolder?: string | undefined;
}

/** How to start a function's process: the child gets the channel as its descriptor {@link nodeRuntimeChannelFd}. */
export interface NodeRuntimeCommand {
  /** The Node that runs this. */
  readonly file: string;
  readonly args: readonly string[];
  /** To be added to the variables that every runtime gets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Descriptor of the channel in the child: `stdio: ["ignore", "pipe", "pipe", "pipe"]`. */
export const nodeRuntimeChannelFd: number = runtimeChannelDescriptor;

/**
 * The command of the Node.js runtime. Its last argument is the script, and the handler is a variable: as
 * on AWS, where wrapper scripts and agents rely on both. Starts nothing.
 */
export function nodeRuntimeCommand(options: NodeRuntimeOptions): NodeRuntimeCommand {
  const { handler, taskRoot, memorySizeMb, compileCacheFolder } = options;
  const flags =
    memorySizeMb === undefined
      ? []
      : [`--max-old-space-size=${Math.max(1, Math.floor(memorySizeMb * 0.9))}`];
  const cache =
    compileCacheFolder === undefined
      ? {}
      : { NODE_COMPILE_CACHE: compileCacheFolder, [compileCacheVariable]: "1" };
  return {
    file: process.execPath,
    args: [...flags, mainPath],
    env: {
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: taskRoot,
      [channelVariable]: String(nodeRuntimeChannelFd),
      ...cache,
    },
  };
}
