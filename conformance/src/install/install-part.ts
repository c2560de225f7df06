import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cacheRoot, conformanceRoot } from "../paths.ts";
import { CommandError, type CommandOptions, runCommand } from "../run-command.ts";
import { withLock } from "./with-lock.ts";

/** Something that the suite installs once from a registry, and keeps in the cache. */
export interface Part {
  readonly name: string;
  /** Files and folders, relative to `conformance/`, that decide what is installed. */
  readonly pins: readonly string[];
  /** A command that must exist, and how to get it. */
  readonly toolchain: { readonly command: string; readonly args: readonly string[] };
  readonly remedy: string;
  /** What comes from the network, for the message when there is none. */
  readonly registry: string;
  /** Fills the folder. */
  install(folder: string, step: Step): Promise<void>;
}

/** Runs one command of an installation; throws `InstallError` when it fails. */
export type Step = (
  what: string,
  file: string,
  args: readonly string[],
  options: Omit<CommandOptions, "input">,
) => Promise<void>;

/** A toolchain that is not on this machine: a skip for a user, a failure in CI. */
export class MissingToolchainError extends Error {
  override readonly name = "MissingToolchainError";
}

/** An installation that should have worked. */
export class InstallError extends Error {
  override readonly name = "InstallError";
}

const complete = ".complete";
const lockWaitMs = 20 * 60_000;

/** Installs the part unless the cache has it, and returns its folder. */
export async function installPart(part: Part): Promise<string> {
  const version = await toolchainVersion(part);
  const folder = join(cacheRoot, `${part.name}-${await contentHash(part, version)}`);
  if (await exists(join(folder, complete))) return folder;
  await mkdir(cacheRoot, { recursive: true });
  await withLock(`${folder}.lock`, lockWaitMs, async () => {
    if (await exists(join(folder, complete))) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await part.install(folder, makeStep(part));
    await writeFile(join(folder, complete), `${version}\n`);
    await removeOlder(part, folder);
  });
  return folder;
}

/** The toolchain's version is part of the key: what it built may not fit another one. */
async function toolchainVersion({ name, toolchain, remedy }: Part): Promise<string> {
  const { command, args } = toolchain;
  try {
    const { status, stdout } = await runCommand(command, args, { timeoutMs: 30_000 });
    if (status === 0) return stdout.toString().trim();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
  const reason = `'${command} ${args.join(" ")}' does not work here`;
  throw new MissingToolchainError(`Cannot install ${name}: ${reason}. ${remedy}`);
}

async function contentHash(part: Part, version: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(`${process.platform} ${process.arch} ${version} ${part.install.toString()}\n`);
  const paths = await Promise.all(part.pins.map((pin) => filesOf(join(conformanceRoot, pin))));
  for (const path of paths.flat().toSorted()) {
    const content = await readFile(path);
    hash.update(`${relative(conformanceRoot, path)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/(target|__pycache__|node_modules)\//.test(file));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Earlier versions of a part would only fill the disk. */
async function removeOlder(part: Part, folder: string): Promise<void> {
  const pattern = new RegExp(`^${part.name}-[0-9a-f]{16}$`);
  for (const entry of await readdir(cacheRoot)) {
    const path = join(cacheRoot, entry);
    if (!pattern.test(entry) || path === folder) continue;
    await rm(path, { recursive: true, force: true });
  }
}

function makeStep(part: Part): Step {
  return async (what, file, args, options) => {
    const startedAt = performance.now();
    const report = (text: string): void => {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.error(`conformance: ${part.name}: ${what}: ${text} (${seconds} s)`);
    };
    console.error(`conformance: ${part.name}: ${what} …`);
    const timer = setInterval(() => report("still running"), 15_000);
    try {
      const { status, stdout, stderr } = await runCommand(file, args, options);
      if (status !== 0) {
        const text = `${stdout.toString()}\n${stderr.toString()}`.trim();
        throw new InstallError(failure(part, what, text));
      }
      report("done");
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InstallError(`Cannot install ${part.name}: ${error.message}. ${part.remedy}`, {
        cause: error,
      });
    } finally {
      clearInterval(timer);
    }
  };
}

const networkFaults =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|[Cc]ould not resolve|Temporary failure in name|Failed to establish a new connection|Could not find a version|dial tcp|failed to download|spurious network error/;

function failure(part: Part, what: string, text: string): string {
  const lines = text.split("\n").slice(-12).join("\n");
  const remedy = networkFaults.test(text)
    ? `${part.registry} cannot be reached: check the network and the proxy settings, then run it again; what is installed once is kept`
    : part.remedy;
  return `Cannot install ${part.name}: ${what} failed. ${remedy}\n${lines}`;
}
