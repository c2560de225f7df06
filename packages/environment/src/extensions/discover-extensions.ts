import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file that AWS's emulator looks for: extensions are switched off when it exists. */
export const disableFile = "/opt/disable-extensions-jwigqn8j";

/** Whether this machine switches extensions off. Asked for each environment: the file may come and go. */
export function extensionsDisabled(path: string = disableFile): boolean {
  // A folder on the way that may not be searched is no reason to fail.
  return existsSync(path);
}

/**
 * The external extensions in a folder: the names of all files, in the order of their names. Not
 * recursive, and folders are left out. Whether a file can be executed shows when it is started (AWS).
 * A folder that does not exist has none.
 *
 * @throws when the folder cannot be read for another reason.
 */
export function discoverExtensions(folder: string): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
  const names = entries.filter((entry) => !isFolder(folder, entry)).map(({ name }) => name);
  return names.toSorted();
}

/** A link to a folder is one too. What a broken link is shows when it is started. */
function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(folder, entry.name)).isDirectory();
  } catch {
    return false;
  }
}
