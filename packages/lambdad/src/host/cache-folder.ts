import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder where Node keeps the compiled code of our runtime and of functions, so that environments
 * start faster. It is the user's own and nobody else may write to it: what is in it is executed.
 *
 * @returns `undefined` when there is no home to keep it in, e.g. on a read-only file system, or when
 *   somebody else could put something there.
 */
export function compileCacheFolder(
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = variables;
  const base = cache || (home ? join(home, ".cache") : undefined);
  if (base === undefined) return undefined;
  const ours = join(base, "lambdad");
  const folder = join(ours, "compile-cache");
  try {
    // One by one: a home that does not exist is not made.
    for (const path of [base, ours, folder]) makeFolder(path);
    return isOwned(base) && isPrivate(ours) && isPrivate(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** `sudo` may leave root with the home of another user. */
function isOwned(folder: string): boolean {
  const { uid } = lstatSync(folder);
  return uid === process.getuid?.();
}

function isPrivate(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && (stats.mode & 0o022) === 0 && isOwned(folder);
}
