// npm run bump
//
// Turns the changesets into the next version of all packages, and their texts into its entry of
// CHANGELOG.md. The files in deploy/ name the image of that version then, and the examples its packages.
// Look at the result, commit it, and tag it.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changelogEntry, changesetBody, withEntry } from "./changelog-entry.ts";
import { readManifest, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

async function run(...command: [string, ...string[]]): Promise<void> {
  const { status } = await runCommand(command);
  if (status !== 0) throw new Error(`Cannot run '${command.join(" ")}': it ended with ${status}`);
}

/** The image of lambdad has the version of the packages. */
function bumpImages(version: string): void {
  for (const path of globSync("deploy/**/{*.yaml,*.md,Dockerfile}", { cwd: root })) {
    const file = join(root, path);
    const text = readFileSync(file, "utf8");
    const bumped = text
      .replaceAll(/(\/lambdad:)\d+\.\d+\.\d+/g, `$1${version}`)
      .replaceAll(/(\/lambdad\n\s+newTag: )\d+\.\d+\.\d+/g, `$1${version}`);
    if (bumped !== text) writeFileSync(file, bumped);
  }
}

/** The examples ask for the packages of their own version. */
function bumpExamples(version: string): void {
  for (const path of globSync("examples/*/package.json", { cwd: root })) {
    const file = join(root, path);
    const text = readFileSync(file, "utf8");
    const bumped = text.replaceAll(
      /("(?:lambdad|@lambdad\/[\w-]+)": ")\d+\.\d+\.\d+(")/g,
      `$1${version}$2`,
    );
    if (bumped !== text) writeFileSync(file, bumped);
  }
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
  bumpImages(version);
  bumpExamples(version);
  console.log(`Version ${version}: look at 'git diff', commit it, and tag it v${version}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
