import { mkdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder where Node keeps the compiled code of our runtime and of functions, so that environments
 * start faster. It is the user's own and nobody else may write to it: what is in it is executed.
 *
 * @returns `undefined` when there is no home to keep it in, e.g. on a read-only file system.
 */
export function compileCacheFolder(
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = variables;
  const base = cache || (home ? join(home, ".cache") : undefined);
  if (base === undefined) return undefined;
  const folder = join(base, "lambdad", "compile-cache");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return undefined;
  }
}
