// npm run models [-- --check] [-- --botocore VERSION]
//
// Makes the models, the types and the list of services from the release of botocore that
// models/botocore.lock.json pins, and says what changed. `--check` writes nothing and fails when the
// files are not what the pinned release gives. `--botocore` moves the pin.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CompactModel } from "../model/compact-form.ts";
import { type BotocoreLock, fetchBotocore } from "./fetch-botocore.ts";
import { generateFiles } from "./generate-files.ts";
import { modelChanges } from "./model-changes.ts";

const packageFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = join(dirname(dirname(packageFolder)), ".cache", "models");
const generated = ["models/*", "types/*", "services/*"];

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, botocore: { type: "string" } },
});

function readCommitted(path: string): string | undefined {
  try {
    return readFileSync(join(packageFolder, path), "utf8");
  } catch {
    return undefined;
  }
}

function readLock(): BotocoreLock | undefined {
  const text = readCommitted("models/botocore.lock.json");
  return text === undefined ? undefined : (JSON.parse(text) as BotocoreLock);
}

function committedModels(): ReadonlyMap<string, CompactModel> {
  const models = new Map<string, CompactModel>();
  for (const path of globSync("models/*.json", { cwd: packageFolder }).sort()) {
    const model = JSON.parse(readCommitted(path) ?? "{}") as CompactModel;
    if (model.shapes !== undefined) models.set(path.slice("models/".length, -5), model);
  }
  return models;
}

function showProgress(done: number, total: number, name: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${total} ${name}`);
}

function writeFiles(files: ReadonlyMap<string, string>, gone: readonly string[]): void {
  for (const path of gone) rmSync(join(packageFolder, path));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(packageFolder, path)), { recursive: true });
    writeFileSync(join(packageFolder, path), text);
  }
}

function run(): void {
  const lock = readLock();
  const version = values.botocore ?? lock?.version;
  if (version === undefined) throw new Error('Cannot choose a release: pass "--botocore VERSION"');
  const sha256 = version === lock?.version ? lock.sha256 : undefined;
  const release = fetchBotocore(cache, version, sha256);
  const { models, files } = generateFiles(release, showProgress);
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const different = new Map([...files].filter(([path, text]) => readCommitted(path) !== text));
  const present = globSync(generated, { cwd: packageFolder }).map((path) =>
    path.replaceAll("\\", "/"),
  );
  const gone = present.filter((path) => !files.has(path));
  const operations = [...models.values()].map((model) => Object.keys(model.operations).length);
  const report = [
    `botocore ${version}: ${models.size} services, ${operations.reduce((a, b) => a + b, 0)} operations`,
    ...modelChanges(committedModels(), models),
    `files ${values.check ? "that differ" : "written"}: ${different.size}, removed: ${gone.length}`,
  ];
  if (values.check && different.size + gone.length > 0) {
    report.push("The generated files are not what the pinned release gives: run `npm run models`");
    process.exitCode = 1;
  }
  if (!values.check) writeFiles(different, gone);
  process.stdout.write(`${report.join("\n")}\n`);
}

try {
  run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
