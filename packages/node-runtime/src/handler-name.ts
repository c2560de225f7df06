import { RuntimeError } from "./runtime-error.ts";

/** A handler as configured, taken apart: `a/b/file.deep.export`. */
export interface HandlerName {
  /** As configured, for messages. */
  readonly text: string;
  /** Folder of the module, with a trailing slash, relative to the task root: `a/b/`, or empty. */
  readonly folder: string;
  /** File name without its extension: `file`. */
  readonly module: string;
  /** Path of the function inside the module: `["deep", "export"]`. */
  readonly exportPath: readonly string[];
}

const moduleAndExport = /^([^.]+)\.(.*)$/s;

/**
 * Takes a handler apart as AWS does: the first dot after the last slash ends the module's name.
 *
 * `..` is refused anywhere, so that a relative handler stays inside the task root. An absolute path
 * is allowed, as on AWS, where wrappers of layers use it (`/opt/nodejs/wrapper.handler`).
 *
 * @throws {RuntimeError} `Runtime.MalformedHandlerName`
 */
export function parseHandlerName(text: string): HandlerName {
  if (text.includes("..")) {
    throw new RuntimeError(
      "MalformedHandlerName",
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const fileStart = text.lastIndexOf("/") + 1;
  const match = moduleAndExport.exec(text.slice(fileStart));
  const [, module, exportText] = match ?? [];
  if (module === undefined || exportText === undefined || text.includes("\0")) {
    throw new RuntimeError("MalformedHandlerName", "Bad handler");
  }
  return { text, folder: text.slice(0, fileStart), module, exportPath: exportText.split(".") };
}
