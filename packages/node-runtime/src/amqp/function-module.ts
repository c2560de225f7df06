import { basename, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fs } from "../builtins.ts";
import { follow, type Handler, loadErrorOf, moduleFile } from "../load-handler.ts";
import { givenHandler } from "./served-by.ts";
import { RuntimeError } from "../runtime-error.ts";

/** `MODULE[:HANDLER]` of a command line, taken apart. */
export interface ModuleName {
  /** A path, with or without its extension, or the name of a package. */
  readonly module: string;
  /** Path of the function inside the module; `undefined`: {@link handlerOf} chooses. */
  readonly handler: string | undefined;
}

/** A function that was loaded, and what its module says of it. */
export interface FunctionModule {
  readonly handler: Handler;
  /** Where it is, for the log: `handler of /app/echo.mjs`. */
  readonly description: string;
  /** Its exported `QUEUE_NAME`. */
  readonly queueName: string | undefined;
  /** The module's name: that of its file without the extension, of its folder, or of its package. */
  readonly name: string;
  /** For whoever loads it again; `undefined`: there is no module. */
  readonly url: string | undefined;
  readonly handlerName: string | undefined;
}

/** The exports that are tried when none is named, in this order; then the default export. */
const handlerNames = ["handler", "lambda_handler"] as const;

/** Serves without a module: answers with the event. */
export const echoModule: FunctionModule = {
  handler: (event) => event,
  description: "echo",
  queueName: undefined,
  name: "echo",
  url: undefined,
  handlerName: undefined,
};

/** Takes `MODULE[:HANDLER]` apart: a handler has no slash in it, so that `file:///…` is a module. */
export function parseModuleName(text: string): ModuleName {
  const [, module = text, handler] = /^(.+):([^:/\\]+)$/s.exec(text) ?? [];
  return { module, handler };
}

/**
 * Loads the function that a command line names. Node's own rules decide what a file is; `folder` is where
 * relative paths and packages are looked for.
 *
 * @throws {RuntimeError} when there is no such module or function, or its syntax is wrong; whatever else
 * the module itself throws.
 */
export async function loadFunctionModule(
  { module, handler }: ModuleName,
  folder: string,
): Promise<FunctionModule> {
  const file = fileOf(module, folder);
  if (file !== undefined) {
    const url = pathToFileURL(file).href;
    return functionOf(await importModule(url), { url, name: moduleTitle(module, folder), handler });
  }
  if (isPath(module)) throw notFound(module, folder);
  const { namespace, url } = await importPackage(module, folder);
  return functionOf(namespace, { url, name: moduleTitle(module, folder), handler });
}

/**
 * What a module is called, without loading it: {@link FunctionModule.name}.
 *
 * @throws {RuntimeError} for a URL that is none of a file of this machine.
 */
export function moduleTitle(module: string, folder: string): string {
  const path = pathOf(module, folder);
  const isFile = fs.statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return basename(path, isFile ? extname(path) : "");
}

/**
 * Takes the function out of a module that was loaded.
 *
 * @throws {RuntimeError} when it exports no such function, or a `QUEUE_NAME` that is no text.
 */
export function functionOf(
  namespace: unknown,
  { url, name, handler }: { url: string; name: string; handler: string | undefined },
): FunctionModule {
  const given = handler === undefined ? givenHandler() : undefined;
  const found =
    given === undefined
      ? handlerOf(namespace, url, handler)
      : { handler: given, name: "the handler for launch()" };
  const queueName = exported(namespace, "QUEUE_NAME");
  if (queueName !== undefined && (typeof queueName !== "string" || queueName === "")) {
    throw new RuntimeError(
      "ImportModuleError",
      `QUEUE_NAME of ${shown(url)} is not a queue's name`,
    );
  }
  const description = `${found.name} of ${shown(url)}`;
  const handlerName = given === undefined ? found.name : undefined;
  return { handler: found.handler, description, queueName, name, url, handlerName };
}

/** @throws whatever went wrong, with the names that AWS has for it. */
export async function importModule(url: string): Promise<unknown> {
  try {
    return (await import(url)) as unknown;
  } catch (error) {
    throw withPlace(loadErrorOf(error), url);
  }
}

/** Of a syntax error in an ECMAScript module Node tells the place only when it ends the process. */
function withPlace(error: unknown, url: string): unknown {
  const isSyntax = error instanceof RuntimeError && error.name === "Runtime.UserCodeSyntaxError";
  if (isSyntax && syntaxErrorPlace(error) === "") {
    error.message += `, in ${shown(url)} or in what it imports: 'node ${shown(url)}' tells the line`;
  }
  return error;
}

/** File, line and code, as V8 writes them before the message in the stack. */
export function syntaxErrorPlace({ stack = "" }: Error): string {
  const [place = ""] = stack.split(/^\w*SyntaxError\b/m, 1);
  return place.trimEnd();
}

function handlerOf(
  namespace: unknown,
  url: string,
  wanted: string | undefined,
): { handler: Handler; name: string } {
  for (const name of wanted === undefined ? handlerNames : [wanted]) {
    const handler = exported(namespace, name);
    if (typeof handler === "function") return { handler: handler as Handler, name };
    if (wanted !== undefined || handler !== undefined) {
      const what = handler === undefined ? "is undefined or not exported" : "is not a function";
      throw new RuntimeError("HandlerNotFound", `${name} of ${shown(url)} ${what}`);
    }
  }
  const { default: handler } = namespace as { readonly default?: unknown };
  if (typeof handler === "function") return { handler: handler as Handler, name: "default" };
  throw new RuntimeError(
    "HandlerNotFound",
    `${shown(url)} exports neither 'handler' nor 'lambda_handler' nor a function as its default: name another one as MODULE:HANDLER`,
  );
}

function exported(namespace: unknown, name: string): unknown {
  const path = name.split(".");
  return (
    follow(namespace, path) ?? follow((namespace as { readonly default?: unknown }).default, path)
  );
}

/** The file that a path means, or the entry of the folder that it means; `undefined`: it is neither. */
function fileOf(module: string, folder: string): string | undefined {
  const base = pathOf(module, folder);
  const file = moduleFile(base);
  if (file !== undefined) return file;
  if (fs.statSync(base, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const { createRequire } = process.getBuiltinModule("node:module");
  try {
    return createRequire(import.meta.url).resolve(base);
  } catch {
    return moduleFile(join(base, "index"));
  }
}

function pathOf(module: string, folder: string): string {
  if (!module.startsWith("file:")) return resolve(folder, module);
  try {
    return fileURLToPath(module);
  } catch (error) {
    throw notFound(module, folder, error);
  }
}

function isPath(module: string): boolean {
  return isAbsolute(module) || /^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(module);
}

/** Imports a package as a module in `folder` would: also one that has nothing for `require`. */
async function importPackage(
  name: string,
  folder: string,
): Promise<{ namespace: unknown; url: string }> {
  const parentURL = pathToFileURL(join(folder, "package.json")).href;
  let url = "";
  const { registerHooks } = process.getBuiltinModule("node:module");
  const hook = registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier !== name || url !== "") return nextResolve(specifier, context);
      const resolved = nextResolve(specifier, { ...context, parentURL });
      ({ url } = resolved);
      return resolved;
    },
  });
  try {
    return { namespace: await import(name), url };
  } catch (error) {
    const isForeign = codeOf(error) === "ERR_UNSUPPORTED_ESM_URL_SCHEME";
    throw url === "" || isForeign ? notFound(name, folder, error) : loadErrorOf(error);
  } finally {
    hook.deregister();
  }
}

function notFound(module: string, folder: string, cause?: unknown): RuntimeError {
  const [, file, handler] = /^(.+)\.([\w$]+)$/s.exec(module) ?? [];
  const isAwsForm = file !== undefined && moduleFile(resolve(folder, file)) !== undefined;
  // Node's words for a package that is not there name no more than the module.
  const isReason = cause instanceof Error && codeOf(cause) !== "ERR_MODULE_NOT_FOUND";
  const reason = isReason ? `: ${cause.message}` : "";
  const hint = isAwsForm ? `: did you mean '${file}:${handler}'?` : reason;
  const options = cause === undefined ? {} : { cause };
  return new RuntimeError("ImportModuleError", `Cannot find module '${module}'${hint}`, options);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function shown(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}
