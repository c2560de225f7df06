import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fs } from "./builtins.ts";
import { type HandlerName, parseHandlerName } from "./handler-name.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Anything a function may export as its handler. */
export type Handler = (...args: readonly unknown[]) => unknown;

/** AWS's order, then TypeScript, whose types Node strips. The first that exists is loaded. */
const extensions = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"] as const;

/**
 * Loads the function. Node's own rules decide what a file is: the extension, then the `type` of the
 * nearest `package.json`.
 *
 * @throws {RuntimeError} when there is no such module, export or function, or its syntax is wrong;
 * whatever else the module itself throws.
 */
export async function loadHandler(taskRoot: string, text: string): Promise<Handler> {
  const name = parseHandlerName(text);
  let module: unknown;
  try {
    module = await import(pathToFileURL(findModule(taskRoot, name)).href);
  } catch (error) {
    throw loadErrorOf(error);
  }
  const handler =
    follow(module, name.exportPath) ??
    follow((module as { readonly default?: unknown }).default, name.exportPath);
  if (!handler) {
    throw new RuntimeError("HandlerNotFound", `${text} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new RuntimeError("HandlerNotFound", `${text} is not a function`);
  }
  return handler as Handler;
}

/** The file to load: beside the task root's other files, else as `require` finds a package. */
function findModule(taskRoot: string, name: HandlerName): string {
  const base = resolve(taskRoot, name.folder, name.module);
  const file = moduleFile(base);
  if (file !== undefined) return file;
  const { createRequire } = process.getBuiltinModule("node:module");
  const require = createRequire(import.meta.url);
  if (fs.statSync(base, { throwIfNoEntry: false })?.isDirectory() === true) {
    return require.resolve(base);
  }
  return require.resolve(name.module, { paths: [taskRoot, join(taskRoot, name.folder)] });
}

/** The file that `base`, an absolute path, means as it is or with an extension. */
export function moduleFile(base: string): string | undefined {
  const isFile = (extension: string): boolean =>
    fs.statSync(base + extension, { throwIfNoEntry: false })?.isFile() === true;
  const extension = extensions.find(isFile);
  return extension === undefined ? undefined : base + extension;
}

/** The value behind a path of members, `undefined` when there is none. */
export function follow(start: unknown, path: readonly string[]): unknown {
  let value = start;
  for (const key of path) {
    if (value === undefined || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** What went wrong in AWS's names; what the module threw of its own stays as it is. */
export function loadErrorOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const code = "code" in thrown ? thrown.code : undefined;
  if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") {
    return new RuntimeError("ImportModuleError", String(thrown));
  }
  if (!(thrown instanceof SyntaxError)) return thrown;
  const hint =
    code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
      ? ". Node runs TypeScript by removing its types: compile this file first, or write it without enum, namespace, parameter properties and import ="
      : "";
  const error = new RuntimeError("UserCodeSyntaxError", String(thrown) + hint);
  // The original stack names the file and the line; ours would name the loader.
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}
