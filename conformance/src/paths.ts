import { join, resolve } from "node:path";

/** The root of the repository. */
export const repositoryRoot: string = resolve(import.meta.dirname, "..", "..");

/** The root of this workspace. */
export const conformanceRoot: string = resolve(import.meta.dirname, "..");

/** Where runtimes and clients are installed. Not in version control; may be deleted at any time. */
export const cacheRoot: string = join(repositoryRoot, ".cache", "conformance");

/** The function in the language of that folder. */
export function fixture(...path: string[]): string {
  return join(conformanceRoot, "fixtures", ...path);
}
