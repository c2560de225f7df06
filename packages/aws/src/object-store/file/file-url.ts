import { fileURLToPath } from "node:url";
import { readStoreUrl, type StoreUrl } from "../store-url.ts";

/** What the URL of a store in files says. */
export interface FileStoreUrl {
  /** Absolute path. */
  readonly folder: string;
  readonly fsync: boolean;
}

const form = /^file:\/\/(?:localhost)?(\/[^?#]*)(?:\?[^#]*)?$/i;

/**
 * Reads `file:///folder?fsync=1`.
 * @throws ConfigurationError for a relative path, another machine, or an option that there is not
 */
export function parseFileUrl(text: string): FileStoreUrl {
  const url = readStoreUrl(text);
  const path = form.exec(text)?.[1];
  if (path === undefined) {
    throw url.refusal('give an absolute path, with three slashes: "file:///srv/objects"');
  }
  const fsync = url.flag("fsync") ?? false;
  url.refuseOthers(["fsync"]);
  return { folder: folderOf(path, text, url), fsync };
}

function folderOf(path: string, text: string, url: StoreUrl): string {
  let folder: string;
  try {
    folder = process.platform === "win32" ? fileURLToPath(text) : decodeURIComponent(path);
  } catch (error) {
    const refusal = url.refusal('its path cannot be decoded; write "%" as "%25"');
    refusal.cause = error;
    throw refusal;
  }
  if (folder.includes("\0")) throw url.refusal("its path has a NUL character");
  return folder.replace(/(?<=[^/])\/+$/, "");
}
