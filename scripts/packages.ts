// The packages as the registry would get them: what is in the tarballs, whether their entries and
// types resolve, whether they install into an empty folder and run there, and whether the folder for
// container images runs where it is copied to. Build first.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleFolder } from "./container-folder.ts";
import { tryCopiedFolder, tryInstalledDaemon } from "./installed-daemon.ts";
import { packDependencies, packOurs, type Tarball } from "./pack.ts";
import { publicWorkspaces, root, type Workspace } from "./repository.ts";
import { runCommand } from "./run-command.ts";
import { importsOf, packageName } from "./tidy/import-rules.ts";

const allowed = [
  /^(?:package\.json|README\.md|LICENSE)$/,
  /^dist\/(?!.*\.test\.)(?!.*testdata\/).+\.(?:js|d\.ts|js\.map|d\.ts\.map)$/,
  /^src\/(?!.*\.test\.ts$)(?!.*testdata\/).+\.(?:ts|mts|cts|mjs|cjs|js|json|py)$/,
  // The AWS client's data, with the licence of what it was made from.
  /^models\/(?:[\w-]+(?:\.lock)?\.json|LICENSE|NOTICE)$/,
  /^services\/[\w-]+\.js$/,
  /^types\/[\w-]+\.d\.ts$/,
];
const required = ["package.json", "README.md", "LICENSE", "src/index.ts", "dist/index.js"];

/** What a tarball holds that it should not, or lacks. */
function contentProblems({ name, files }: Tarball): string[] {
  const paths = files.map(({ path }) => path);
  return [
    ...paths
      .filter((path) => !allowed.some((pattern) => pattern.test(path)))
      .map((path) => `${name}: '${path}' must not be packed`),
    ...required
      .filter((path) => !paths.includes(path))
      .map((path) => `${name}: '${path}' is missing`),
  ];
}

/** What the built files import must be installed with them, also when they are bundled. */
function importProblems({ folder, manifest }: Workspace): string[] {
  const problems = new Set<string>();
  for (const path of globSync("dist/**/*.js", { cwd: join(root, folder) })) {
    for (const specifier of importsOf(readFileSync(join(root, folder, path), "utf8"))) {
      const name = packageName(specifier);
      if (/^(?:\.|node:)/.test(specifier) || manifest.dependencies?.[name] !== undefined) continue;
      problems.add(`${folder}/${path} imports '${specifier}', which is not in its dependencies`);
    }
  }
  return [...problems];
}

async function lintTarball(path: string): Promise<string[]> {
  const commands = [
    ["publint", "run", "--strict", path],
    ["attw", "--no-definitely-typed", "--profile", "esm-only", "--format", "ascii", path],
  ] as const;
  const problems: string[] = [];
  for (const command of commands) {
    const { status, output } = await runCommand(command, { capture: true });
    if (status !== 0) problems.push(`${command.join(" ")}:\n${output.trimEnd()}`);
  }
  return problems;
}

/** Installs the tarballs as a stranger's npm would, but offline. */
async function install(folder: string, tarballs: readonly string[]): Promise<string[]> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const { status, output } = await runCommand(
    ["npm", "install", "--offline", "--ignore-scripts", "--no-package-lock", ...tarballs],
    { cwd: folder, capture: true },
  );
  return status === 0 ? [] : [`npm install of all tarballs:\n${output.trimEnd()}`];
}

async function checkPackages(folder: string): Promise<string[]> {
  const ours = await packOurs(folder);
  const problems = [
    ...ours.flatMap(contentProblems),
    ...publicWorkspaces().flatMap(importProblems),
  ];
  for (const { filename } of ours) problems.push(...(await lintTarball(join(folder, filename))));
  const all = [...ours, ...(await packDependencies(folder))];
  const tarballs = all.map(({ filename }) => join(folder, filename));
  const app = join(folder, "app");
  problems.push(...(await install(app, tarballs)));
  if (problems.length === 0) problems.push(...(await tryInstalledDaemon(app)));
  if (problems.length === 0) {
    const image = join(folder, "image", "lambdad");
    await assembleFolder(image, tarballs);
    problems.push(...(await tryCopiedFolder(image, join(folder, "volume"))));
  }
  console.log(`Packed ${ours.map(({ name, version }) => `${name}@${version}`).join(", ")}.`);
  return problems;
}

const scratch = mkdtempSync(join(tmpdir(), "lambdad-pack-"));
try {
  const problems = await checkPackages(scratch);
  for (const problem of problems) console.error(problem.replaceAll(root, "."));
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
