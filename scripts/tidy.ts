// The rules of this repository that no other tool holds. See CONTRIBUTING.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest, readWorkspaces, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";
import { checkArrows, checkExports } from "./tidy/import-rules.ts";
import { checkDependencyReasons, checkLockFile, checkManifests } from "./tidy/manifest-rules.ts";
import {
  checkLength,
  checkMachinePaths,
  checkRegistries,
  checkUnfinished,
} from "./tidy/text-rules.ts";
import type { Checkout, SourceFile } from "./tidy/tidy-rule.ts";

/** What is committed, and what would be: everything that git does not ignore. */
async function readCheckout(): Promise<Checkout> {
  const { status, output } = await runCommand(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { capture: true },
  );
  if (status !== 0) throw new Error(`Cannot list the files of the checkout: ${output}`);
  const files = [...new Set(output.split("\0"))].filter((path) => path !== "").flatMap(readText);
  const rootWorkspace = { folder: ".", manifest: readManifest(".") };
  return { files, workspaces: [...readWorkspaces(), rootWorkspace] };
}

/** Nothing for a file that is binary, or deleted but still listed. */
function readText(path: string): SourceFile[] {
  try {
    const bytes = readFileSync(join(root, path));
    return bytes.includes(0) ? [] : [{ path, text: bytes.toString("utf8") }];
  } catch {
    return [];
  }
}

function ownRegistryHost(): string | undefined {
  const url = process.env["npm_config_registry"];
  if (url === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).host;
}

const checkout = await readCheckout();
const packages = checkout.workspaces.filter(({ folder }) => folder !== ".");
const problems = [
  ...checkLength(checkout),
  ...checkUnfinished(checkout),
  ...checkMachinePaths(checkout, root),
  ...checkRegistries(checkout, ownRegistryHost()),
  ...checkArrows({ ...checkout, workspaces: packages }),
  ...checkExports(checkout),
  ...checkManifests(checkout),
  ...checkLockFile(checkout),
  ...checkDependencyReasons(checkout),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
