import { builtinModules } from "node:module";
import type { Workspace } from "../repository.ts";
import { type Checkout, isTest, type SourceFile } from "./tidy-rule.ts";

const host = ["core", "http1", "environment", "invoke-http", "invoke-amqp", "events"];

/** Which of our packages a package may import. Source: ARCHITECTURE.md, "Packages". */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/http1": [],
  "packages/environment": ["core", "http1"],
  "packages/invoke-http": ["core", "http1"],
  "packages/invoke-amqp": ["core"],
  "packages/events": ["core"],
  "packages/node-runtime": ["core", "invoke-amqp"],
  "packages/lambdad": [...host, "node-runtime", "aws"],
  "packages/aws": [],
  "packages/testkit": ["core", "http1"],
  conformance: ["aws", "invoke-amqp", "testkit"],
  benchmarks: [...host, "node-runtime", "lambdad", "testkit", "aws"],
};

/** The AWS client has an entry for each service, and for optional modules. */
const entry = /^@lambdad\/aws\/[\w-]+$/;

/** Specifiers of the imports and re-exports of a module, in order. */
export function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return Array.from(statements, ([, stated, dynamic]) => stated ?? dynamic ?? "");
}

/** Arrows point one way: a package imports what its manifest lists, and that must be allowed. */
export function checkArrows({ files, workspaces }: Checkout): readonly string[] {
  return workspaces.flatMap((workspace) => [
    ...manifestArrows(workspace),
    ...files
      .filter(({ path }) => path.startsWith(`${workspace.folder}/src/`) && isModule(path))
      .flatMap((file) =>
        importsOf(file.text).flatMap((specifier) => importProblem(file, specifier, workspace)),
      ),
  ]);
}

function manifestArrows({ folder, manifest }: Workspace): string[] {
  const allowed = arrows[folder];
  if (allowed === undefined) return [`${folder}: not in the table of scripts/tidy/import-rules.ts`];
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => isOurs(name) && !allowed.includes(shortName(name)))
    .map((name) => `${folder}/package.json: may not depend on '${name}'`);
}

function importProblem(file: SourceFile, specifier: string, workspace: Workspace): string[] {
  const problem = problemOf(file, specifier, workspace);
  return problem === undefined ? [] : [`${file.path}: '${specifier}' ${problem}`];
}

function problemOf(
  { path }: SourceFile,
  specifier: string,
  { folder, manifest }: Workspace,
): string | undefined {
  if (specifier.startsWith(".")) {
    const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
    return target.startsWith(`${folder}/`) ? undefined : "leaves its package";
  }
  if (specifier.startsWith("node:")) {
    return folder === "packages/core" && !isTest(path) ? "is I/O: core is pure" : undefined;
  }
  if (builtinModules.includes(specifier)) return "must be written with 'node:'";
  const name = packageName(specifier);
  if (isOurs(name) && specifier !== name && !entry.test(specifier)) {
    return "reaches into another package";
  }
  if (name === manifest.name) return "is the package itself";
  if (Object.hasOwn(manifest.dependencies ?? {}, name)) return undefined;
  if (!isTest(path) && folder.startsWith("packages/")) return "is not in its dependencies";
  if (Object.hasOwn(manifest.devDependencies ?? {}, name)) return undefined;
  return testPackages.has(name) ? undefined : "is not in its dependencies";
}

/** What the root installs for all tests. */
const testPackages = new Set(["@lambdad/testkit", "fast-check", "redis"]);

/** Each module says what it exports, by name. */
export function checkExports({ files }: Checkout): readonly string[] {
  return files
    .filter(({ path }) => isModule(path) && !path.startsWith("examples/"))
    .flatMap(({ path, text }) => [
      ...(/^export \*/m.test(text) ? [`${path}: 'export *' hides what is exported`] : []),
      ...(path.startsWith("packages/") && /^export default\b/m.test(text)
        ? [`${path}: a default export has no name`]
        : []),
    ]);
}

function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path) && !/\/(?:testdata|fixtures)\//.test(path);
}

function isOurs(name: string): boolean {
  return name === "lambdad" || name.startsWith("@lambdad/");
}

function shortName(name: string): string {
  return name.replace("@lambdad/", "");
}

/** `@scope/name/deep` and `name/deep` without what comes after the name. */
export function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
