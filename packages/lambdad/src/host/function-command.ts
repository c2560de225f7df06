import { accessSync, constants, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { RuntimeCommand } from "@lambdad/environment";
import { nodeRuntimeCommand } from "@lambdad/node-runtime";
import { ConfigError } from "../configuration/config-error.ts";
import { pythonBootstrap, requirePythonRuntime } from "./python-runtime.ts";

/** How a function is run, and where its code is. */
export interface FunctionCommand {
  readonly command: RuntimeCommand;
  /** The folder of the function, absolute: `LAMBDA_TASK_ROOT`. */
  readonly taskRoot: string;
  /** The folder whose changes concern the function. */
  readonly watchFolder: string;
  /**
   * The language whose runtime we start, and whose start script we therefore are (`startCommand`);
   * `undefined`: the command is a runtime, or its start script.
   */
  readonly language: "node" | "python" | undefined;
}

/** `lambdad COMMAND…`: the command is the runtime. */
export function commandOfWords(words: readonly string[], cwd: string): FunctionCommand {
  const [file = "", ...args] = words;
  const command: RuntimeCommand = { file, args, cwd, variables: {}, channel: false };
  return { command, taskRoot: cwd, watchFolder: cwd, language: undefined };
}

export interface HandlerOptions {
  readonly cwd: string;
  /** Size of the function when it is enforced. */
  readonly memorySizeMb: number | undefined;
  /** Where Node may keep compiled code; `undefined`: nowhere. */
  readonly cacheFolder?: string | undefined;
  /** `_HANDLER` of a bootstrap; handlers in a file have their own. Default: `bootstrap`. */
  readonly bootstrapHandler?: string;
}

/** Endings of files that the Node runtime loads, in the order in which they are looked for. */
const nodeEndings: readonly string[] = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];
const pythonEnding = ".py";

/**
 * `lambdad run HANDLER`: a folder with a `bootstrap`, a Python file, or a JavaScript or TypeScript one.
 *
 * @throws {ConfigError} when there is no such function, or its runtime is missing.
 */
export async function commandOfHandler(
  handler: string,
  options: HandlerOptions,
): Promise<FunctionCommand> {
  const path = resolve(options.cwd, handler);
  if (isFolder(path)) return bootstrapCommand(handler, path, options.bootstrapHandler);
  if (isFile(path)) throw noExport(handler, path);
  const { taskRoot, name } = splitHandler(path, options.cwd);
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  const hasFile = dot > name.lastIndexOf("/") + 1;
  if (!hasFile || dot === name.length - 1 || handler.endsWith("/")) {
    throw new ConfigError([
      `Cannot run '${handler}': it is neither a folder nor of the form file.export, e.g. app.handler`,
    ]);
  }
  const base = join(taskRoot, name.slice(0, dot));
  const watchFolder = dirname(base);
  if (nodeEndings.some((ending) => isFile(base + ending))) {
    const command = nodeCommand(name, taskRoot, options);
    return { command, taskRoot, watchFolder, language: "node" };
  }
  if (isFile(base + pythonEnding)) {
    await requirePythonRuntime(handler, taskRoot);
    const command = pythonCommand(name, taskRoot);
    return { command, taskRoot, watchFolder, language: "python" };
  }
  throw new ConfigError([
    `Cannot run '${handler}': there is no file '${base}' that ends in ${nodeEndings.join(", ")} or ${pythonEnding}`,
  ]);
}

/** The task root is the current folder, as on AWS, unless the handler lies outside of it. */
function splitHandler(path: string, cwd: string): { taskRoot: string; name: string } {
  const name = relative(cwd, path);
  if (!name.startsWith("../")) return { taskRoot: cwd, name };
  return { taskRoot: dirname(path), name: basename(path) };
}

function nodeCommand(
  name: string,
  taskRoot: string,
  { memorySizeMb, cacheFolder: compileCacheFolder }: HandlerOptions,
): RuntimeCommand {
  const runtime = { handler: name, taskRoot, memorySizeMb, compileCacheFolder };
  const { file, args, env } = nodeRuntimeCommand(runtime);
  return { file, args, cwd: taskRoot, variables: env, channel: true };
}

function pythonCommand(name: string, taskRoot: string): RuntimeCommand {
  return {
    file: "python3",
    args: [pythonBootstrap()],
    cwd: taskRoot,
    variables: { _HANDLER: name, LAMBDA_TASK_ROOT: taskRoot },
    channel: false,
  };
}

function bootstrapCommand(written: string, folder: string, handler = "bootstrap"): FunctionCommand {
  const bootstrap = join(folder, "bootstrap");
  if (!isFile(bootstrap)) {
    const example = join(written, "app.handler");
    throw new ConfigError([
      `Cannot run '${written}': it is a folder without a file 'bootstrap'. Name the handler in it: file.export, e.g. ${example}`,
    ]);
  }
  if (!isExecutable(bootstrap)) {
    throw new ConfigError([
      `Cannot run '${bootstrap}': it is not executable. Type: chmod +x '${bootstrap}'`,
    ]);
  }
  const variables = { _HANDLER: handler, LAMBDA_TASK_ROOT: folder };
  const command = { file: bootstrap, args: [], cwd: folder, variables, channel: false };
  return { command, taskRoot: folder, watchFolder: folder, language: undefined };
}

/** A file was named, and nothing in it. */
function noExport(handler: string, path: string): ConfigError {
  const ending = [...nodeEndings, pythonEnding].find((each) => path.endsWith(each));
  if (ending !== undefined) {
    const example = `${handler.slice(0, -ending.length)}.handler`;
    return new ConfigError([
      `Cannot run '${handler}': it is a file. Name the function in it, without the file's ending: e.g. ${example}`,
    ]);
  }
  const hint = isExecutable(path)
    ? `To run a program that is the runtime, type: lambdad ${handler.includes("/") ? handler : `./${handler}`}`
    : "Give file.export, e.g. app.handler, or a folder with a bootstrap";
  return new ConfigError([`Cannot run '${handler}': it is a file. ${hint}`]);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
