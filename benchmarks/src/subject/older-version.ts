import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Another version of lambdad, from sources. */
export interface OlderVersion {
  /** E.g. `lambdad eb62931`. */
  readonly name: string;
  readonly command: readonly string[];
}

const cacheFolder = fileURLToPath(new URL("../../.cache/versions", import.meta.url));

/**
 * Takes a commit of this repository out, once, and gives the command that runs it. Its packages find
 * each other, and all others where the current ones find them.
 *
 * @throws {TypeError} when there is no such commit.
 */
export function checkOutVersion(
  node: string,
  commit: string,
  cache: string = cacheFolder,
): OlderVersion {
  const sha = git(["rev-parse", "--verify", "--quiet", `${commit}^{commit}`])
    .toString()
    .trim();
  if (sha === "") throw new TypeError(`Cannot find the commit '${commit}'`);
  const folder = join(cache, sha);
  if (!existsSync(folder)) takeOut(sha, folder);
  const main = join(folder, "packages", "lambdad", "src", "main.ts");
  return {
    name: `lambdad ${sha.slice(0, 7)}`,
    command: [node, "--conditions=@lambdad/source", main],
  };
}

function takeOut(sha: string, folder: string): void {
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const archive = git(["archive", "--format=tar", sha]);
    const { status, stderr } = spawnSync("tar", ["-x", "-C", partial], { input: archive });
    if (status !== 0) throw new Error(`Cannot take out ${sha}: ${stderr.toString()}`);
    linkPackages(partial);
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** What npm does for workspaces. */
function linkPackages(root: string): void {
  for (const folder of readdirSync(join(root, "packages"))) {
    const manifest = readFileSync(join(root, "packages", folder, "package.json"), "utf8");
    const { name } = JSON.parse(manifest) as { readonly name: string };
    const link = join(root, "node_modules", name);
    mkdirSync(join(link, ".."), { recursive: true });
    const up = name.includes("/") ? "../.." : "..";
    symlinkSync(`${up}/packages/${folder}`, link, "dir");
  }
}

function git(args: readonly string[]): Buffer {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const root = spawnSync("git", ["rev-parse", "--show-toplevel"], { cwd }).stdout?.toString();
  const { stdout, error } = spawnSync("git", [...args], {
    cwd: root === undefined || root === "" ? cwd : root.trim(),
    maxBuffer: 256 * 1_048_576,
  });
  if (error !== undefined) throw error;
  return stdout;
}
