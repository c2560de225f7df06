import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import type { RuntimeCommand } from "@lambdad/environment";
import { nodeRuntimeCommand } from "@lambdad/node-runtime";
import { ConfigError } from "../configuration/config-error.ts";

/** How a function is run, and where its code is. */
export interface FunctionCommand {
  readonly command: RuntimeCommand;
  /** The folder of the function, absolute: `LAMBDA_TASK_ROOT`. */
  readonly taskRoot: string;
  /** The folder whose changes concern the function. */
  readonly watchFolder: string;
}

/** `lambdad COMMAND…`: the command is the runtime. */
export function commandOfWords(words: readonly string[], cwd: string): FunctionCommand {
  const [file = "", ...args] = words;
  const command: RuntimeCommand = { file, args, cwd, variables: {}, channel: false };
  return { command, taskRoot: cwd, watchFolder: cwd };
}

/** Endings of files that the Node runtime loads, in the order in which they are looked for. */
const nodeEndings = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"] as const;

/**
 * `lambdad run HANDLER`: a folder with a `bootstrap`, a Python file, or a JavaScript or TypeScript one.
 *
 * @throws {ConfigError} when there is no such function, or its runtime is missing.
 */
export async function commandOfHandler(
  handler: string,
  options: { readonly cwd: string; readonly memorySizeMb: number | undefined },
): Promise<FunctionCommand> {
  const path = resolve(options.cwd, handler);
  if (isFolder(path)) return bootstrapCommand(path);
  const { taskRoot, name } = splitHandler(handler, options.cwd);
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  if (dot === -1) {
    throw new ConfigError([
      `Cannot run '${handler}': it is neither a folder nor of the form file.export, e.g. app.handler`,
    ]);
  }
  const base = join(taskRoot, name.slice(0, dot));
  const watchFolder = dirname(base);
  if (isFile(`${base}.py`)) {
    await requirePythonRuntime(handler);
    const args = ["-m", "awslambdaric", name];
    return { command: plain("python3", args, taskRoot), taskRoot, watchFolder };
  }
  if (nodeEndings.some((ending) => isFile(base + ending))) {
    const { memorySizeMb } = options;
    const { file, args, env } = nodeRuntimeCommand({ handler: name, taskRoot, memorySizeMb });
    const command: RuntimeCommand = { file, args, cwd: taskRoot, variables: env, channel: true };
    return { command, taskRoot, watchFolder };
  }
  throw new ConfigError([
    `Cannot run '${handler}': there is no file '${base}' that ends in ${nodeEndings.join(", ")} or .py`,
  ]);
}

/** The task root is the current folder, as on AWS, unless the handler lies outside of it. */
function splitHandler(handler: string, cwd: string): { taskRoot: string; name: string } {
  const name = relative(cwd, resolve(cwd, handler));
  if (!name.startsWith("..") && !isAbsolute(name)) return { taskRoot: cwd, name };
  const path = resolve(cwd, handler);
  return { taskRoot: dirname(path), name: path.slice(dirname(path).length + 1) };
}

function bootstrapCommand(folder: string): FunctionCommand {
  const bootstrap = join(folder, "bootstrap");
  if (!isFile(bootstrap)) {
    throw new ConfigError([
      `Cannot run '${folder}': it has no file 'bootstrap'. Give file.export for a handler in it`,
    ]);
  }
  if (!isExecutable(bootstrap)) {
    throw new ConfigError([
      `Cannot run '${bootstrap}': it is not executable. Type: chmod +x '${bootstrap}'`,
    ]);
  }
  return { command: plain(bootstrap, [], folder), taskRoot: folder, watchFolder: folder };
}

function plain(file: string, args: readonly string[], cwd: string): RuntimeCommand {
  return { file, args, cwd, variables: {}, channel: false };
}

/** Longest wait for Python to say whether it has the package, in milliseconds. */
const pythonCheckMs = 10_000;

async function requirePythonRuntime(handler: string): Promise<void> {
  const check =
    "import importlib.util, sys; sys.exit(not importlib.util.find_spec('awslambdaric'))";
  try {
    await promisify(execFile)("python3", ["-c", check], { timeout: pythonCheckMs });
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = missing
      ? "python3 is not installed"
      : "Python has no package 'awslambdaric'. Type: python3 -m pip install awslambdaric";
    throw new ConfigError([`Cannot run '${handler}': ${reason}`]);
  }
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
