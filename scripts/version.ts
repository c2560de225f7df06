// npm run bump
//
// Turns the changesets into the next version of all packages, and their texts into its entry of
// CHANGELOG.md. Look at the result, commit it, and tag it.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changelogEntry, changesetBody, withEntry } from "./changelog-entry.ts";
import { readManifest, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

async function run(...command: [string, ...string[]]): Promise<void> {
  const { status } = await runCommand(command);
  if (status !== 0) throw new Error(`Cannot run '${command.join(" ")}': it ended with ${status}`);
}

try {
  const paths = globSync(".changeset/*.md", { cwd: root })
    .filter((path) => !path.endsWith("README.md"))
    .sort();
  if (paths.length === 0) throw new Error("Cannot make a version: there is no changeset");
  const bodies = paths.map((path) => changesetBody(path, readFileSync(join(root, path), "utf8")));
  await run("changeset", "version");
  await run("npm", "install", "--package-lock-only", "--ignore-scripts");
  const { version = "" } = readManifest("packages/core");
  const changelog = join(root, "CHANGELOG.md");
  const date = new Date().toISOString().slice(0, 10);
  const entry = changelogEntry(version, date, bodies);
  writeFileSync(changelog, withEntry(readFileSync(changelog, "utf8"), version, entry));
  console.log(`Version ${version}: look at 'git diff', commit it, and tag it v${version}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
