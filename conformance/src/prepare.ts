import { test } from "node:test";
import { installPart, MissingToolchainError, type Part } from "./install/install-part.ts";

/** In CI nothing may be left out in silence. */
const inCi = process.env["CI"] === "true";

/** `python,go`: only these; the others are skips that say so. Default: all. */
const wanted = process.env["LAMBDAD_CONFORMANCE_ONLY"]?.split(",");

/**
 * Installs what a group of tests needs and returns its folder. What cannot be had becomes a test of
 * its own: a named skip where a toolchain is missing (a failure when `CI=true`), a failure where an
 * installation went wrong. Then the result is undefined, and the group has nothing to run.
 */
export async function prepare(part: Part): Promise<string | undefined> {
  const name = `${part.name} is installed`;
  if (wanted !== undefined && !wanted.includes(part.name)) {
    test(name, { skip: "LAMBDAD_CONFORMANCE_ONLY does not name it" }, () => {});
    return undefined;
  }
  try {
    return await installPart(part);
  } catch (error) {
    const skip = error instanceof MissingToolchainError && !inCi ? error.message : false;
    test(name, { skip }, () => {
      throw error;
    });
    return undefined;
  }
}
