import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the scripts read of a package.json. */
export interface PackageManifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly files?: readonly string[];
  readonly exports?: unknown;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One workspace of the repository. */
export interface Workspace {
  /** Path below the root with forward slashes, e.g. `packages/core`. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** All workspaces: packages in the order of their names, then conformance and benchmarks. */
export function readWorkspaces(): readonly Workspace[] {
  const folders = globSync("packages/*/package.json", { cwd: root })
    .map((path) => dirname(path).replaceAll("\\", "/"))
    .sort();
  return [...folders, "conformance", "benchmarks"]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** The workspaces that go to the registry, those that others need first. */
export function publicWorkspaces(): readonly Workspace[] {
  const rest = readWorkspaces().filter(({ manifest }) => manifest.private !== true);
  const names = new Set(rest.map(({ manifest }) => manifest.name));
  const ordered: Workspace[] = [];
  while (rest.length > 0) {
    const index = rest.findIndex(({ manifest }) =>
      Object.keys(manifest.dependencies ?? {}).every((name) => !names.has(name)),
    );
    const [next] = rest.splice(index, 1);
    if (index === -1 || next === undefined) {
      throw new Error(`Cannot order the packages: ${[...names].join(", ")} need each other`);
    }
    names.delete(next.manifest.name);
    ordered.push(next);
  }
  return ordered;
}

/** The package.json of a folder of the repository. */
export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as PackageManifest;
}
