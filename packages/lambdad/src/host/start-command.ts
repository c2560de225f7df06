import { existsSync } from "node:fs";
import { join } from "node:path";
import { resolveExecutable, type RuntimeCommand } from "@lambdad/environment";
import { wrappedCommand, wrapperVariable } from "@lambdad/node-runtime";
import type { FunctionCommand } from "./function-command.ts";

/**
 * How the function's runtime is started with the variables that it inherits. For a language that AWS has
 * a runtime for, this is what the start script of that does: the modules of layers are found, and
 * `AWS_LAMBDA_EXEC_WRAPPER` is run with the runtime's command as arguments, the path of the interpreter
 * first. Any other runtime is a start script itself, and does what it wants.
 *
 * @param layersFolder - Where layers are. Default: `/opt`, as on AWS.
 */
export function startCommand(
  { command, language }: FunctionCommand,
  inherited: Readonly<Record<string, string>>,
  layersFolder = "/opt",
): RuntimeCommand {
  if (language === undefined) return command;
  const told = language === "node" ? nodeVariables(inherited, layersFolder) : {};
  const started = { ...command, variables: { ...told, ...command.variables } };
  if ((inherited[wrapperVariable] ?? "") === "") return started;
  const found = resolveExecutable(command, inherited["PATH"] ?? "");
  const interpreter = "executable" in found ? found.executable : command.file;
  return { ...started, ...wrappedCommand(interpreter, command.args) };
}

/**
 * What the start script of AWS's Node runtime exports: which runtime it is, and where `require` finds the
 * packages of layers. The function's own settings win. Python's script is `python-bootstrap.py`.
 */
function nodeVariables(
  inherited: Readonly<Record<string, string>>,
  layersFolder: string,
): Record<string, string> {
  const [major = ""] = process.versions.node.split(".");
  const variables: Record<string, string> = {};
  if (inherited["AWS_EXECUTION_ENV"] === undefined) {
    variables["AWS_EXECUTION_ENV"] = `AWS_Lambda_nodejs${major}.x`;
  }
  if (inherited["NODE_PATH"] !== undefined) return variables;
  const folders = [`nodejs/node${major}/node_modules`, "nodejs/node_modules"]
    .map((folder) => join(layersFolder, folder))
    .filter((folder) => existsSync(folder));
  if (folders.length > 0) variables["NODE_PATH"] = folders.join(":");
  return variables;
}
