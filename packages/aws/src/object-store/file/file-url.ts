import { fileURLToPath } from "node:url";
import { ConfigurationError } from "../../client/errors.ts";

/** What the URL of a store in files says. */
export interface FileStoreUrl {
  /** Absolute path. */
  readonly folder: string;
  readonly fsync: boolean;
}

/**
 * Reads `file:///folder?fsync=1`.
 * @throws ConfigurationError for a relative path, another machine, or an option that there is not
 */
export function parseFileUrl(text: string): FileStoreUrl {
  const match = /^file:\/\/([^/?#]*)(\/[^?#]*)(?:\?([^#]*))?$/i.exec(text);
  const [, host = "", path, query = ""] = match ?? [];
  if (path === undefined || (host !== "" && host.toLowerCase() !== "localhost")) {
    throw refused(text, `give an absolute path: "file:///srv/objects"`);
  }
  let folder: string;
  try {
    // Not through URL, which takes "/a/../b" for "/b" and then has no say about what was meant.
    folder = process.platform === "win32" ? fileURLToPath(text) : decodeURIComponent(path);
  } catch (error) {
    throw refused(text, `its path cannot be decoded; write "%" as "%25"`, error);
  }
  if (folder.includes("\0")) throw refused(text, "its path has a NUL character");
  return { folder: folder.replace(/(?<=[^/])\/+$/, ""), fsync: readOptions(text, query) };
}

function readOptions(text: string, query: string): boolean {
  let fsync = false;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== "fsync") {
      throw refused(text, `it has no option "${name}"; there is "fsync"`);
    }
    if (value !== "0" && value !== "1") {
      throw refused(text, `the option "fsync" is "${value}"; give 1 or 0`);
    }
    fsync = value === "1";
  }
  return fsync;
}

function refused(text: string, reason: string, cause?: unknown): ConfigurationError {
  const error = new ConfigurationError(`Cannot use the store "${text}": ${reason}`);
  if (cause !== undefined) error.cause = cause;
  return error;
}
