import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PackageManifest, publicWorkspaces, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

/** What `npm pack --json` says of one tarball. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/**
 * Packs the packages that go to the registry, as they are on disk: build first.
 *
 * @throws when npm fails.
 */
export async function packOurs(destination: string): Promise<readonly Tarball[]> {
  return await pack(
    publicWorkspaces().map(({ folder }) => `./${folder}`),
    destination,
  );
}

/**
 * Packs what `npm ci` installed of everything that our packages depend on, so that an installation
 * can be tried without a network.
 *
 * @throws when npm fails or a dependency is not installed.
 */
export async function packDependencies(destination: string): Promise<readonly Tarball[]> {
  const folders = new Set<string>();
  const visit = (from: string, { dependencies = {} }: PackageManifest): void => {
    for (const name of Object.keys(dependencies)) {
      const folder = resolveDependency(from, name);
      if (folders.has(folder)) continue;
      folders.add(folder);
      visit(folder, readManifestAt(folder));
    }
  };
  const ours = publicWorkspaces();
  for (const { manifest } of ours) folders.add(join(root, "node_modules", manifest.name));
  for (const { folder, manifest } of ours) visit(join(root, folder), manifest);
  for (const { manifest } of ours) folders.delete(join(root, "node_modules", manifest.name));
  return folders.size === 0 ? [] : await pack([...folders], destination);
}

/** The folder that Node finds for `name` from `from`: the nearest node_modules that has it. */
function resolveDependency(from: string, name: string): string {
  for (let folder = from; ; folder = join(folder, "..")) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === root) throw new Error(`Cannot find '${name}', which '${from}' depends on`);
  }
}

function readManifestAt(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageManifest;
}

async function pack(specs: readonly string[], destination: string): Promise<readonly Tarball[]> {
  const { status, output } = await runCommand(
    [
      "npm",
      "pack",
      "--json",
      "--ignore-scripts",
      "--loglevel=error",
      `--pack-destination=${destination}`,
      ...specs,
    ],
    { capture: true },
  );
  const start = output.indexOf("[");
  if (status !== 0 || start === -1) throw new Error(`Cannot pack ${specs.join(", ")}: ${output}`);
  return JSON.parse(output.slice(start)) as readonly Tarball[];
}
