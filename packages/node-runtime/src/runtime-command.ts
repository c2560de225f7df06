import { fileURLToPath } from "node:url";
import { runtimeChannelDescriptor } from "@lambdad/core";
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

/** The command of the Node.js runtime. Starts nothing. */
export function nodeRuntimeCommand(options: NodeRuntimeOptions): NodeRuntimeCommand {
  const { handler, taskRoot, memorySizeMb, compileCacheFolder } = options;
  // The same extension as this file: it runs as source and as built.
  const main = import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js";
  const entry = fileURLToPath(new URL(main, import.meta.url));
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
    args: [...flags, entry, handler],
    env: {
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: taskRoot,
      [channelVariable]: String(nodeRuntimeChannelFd),
      ...cache,
    },
  };
}
