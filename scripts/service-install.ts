import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "./run-command.ts";

/** What the tests want of this machine: a package of Debian, and the file that shows it is there. */
export interface ServicePackage {
  readonly name: string;
  /** Looked for on the PATH and in the folders for administrators. */
  readonly command: string;
}

/** All that some test needs now or soon: one `apt-get` fetches them together. */
export const servicePackages: readonly ServicePackage[] = [
  { name: "rabbitmq-server", command: "rabbitmq-server" },
  { name: "redis-server", command: "redis-server" },
];

/** What the installation needs of the machine. */
export interface InstallMachine {
  readonly isRoot: boolean;
  /** Debian, or made from it, with `apt-get`. */
  readonly isDebian: boolean;
  hasCommand(command: string): boolean;
  /** Runs a command; what it says goes to standard error. Resolves with its status. */
  run(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<number>;
}

/**
 * Installs those of the packages that are missing, from Debian, when we may. Nothing is started by it.
 *
 * @throws {Error} when the package `wanted` is not there in the end: it says what to do.
 */
export async function installServices(
  wanted: string,
  machine: InstallMachine = thisMachine(),
): Promise<void> {
  const isMissing = ({ command }: ServicePackage): boolean => !machine.hasCommand(command);
  const missing = servicePackages.filter(isMissing).map(({ name }) => name);
  if (!missing.includes(wanted)) return;
  if (!machine.isRoot || !machine.isDebian) {
    const who = machine.isDebian ? "as root" : "on Debian as root";
    throw new Error(
      `Cannot find ${wanted}: only ${who} it is installed by itself. Install it ` +
        `(Debian, Ubuntu: sudo apt-get install ${wanted}; macOS: brew install ${brewName(wanted)})`,
    );
  }
  console.error(`Installing ${missing.join(", ")} (apt-get) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...missing] as const;
  for (const command of [["apt-get", "update"] as const, install]) {
    const status = await machine.run([...command], env);
    if (status === 0) continue;
    throw new Error(`Cannot install ${wanted}: '${command.join(" ")}' ended with ${status}`);
  }
}

function brewName(name: string): string {
  return name.replace(/-server$/, "");
}

function thisMachine(): InstallMachine {
  const isDebian = existsSync("/etc/debian_version") && hasCommand("apt-get");
  return { isRoot: process.getuid?.() === 0, isDebian, hasCommand, run: runWithoutServices };
}

function hasCommand(command: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.some((folder) => existsSync(join(folder, command)));
}

/** Debian's packages ask this file before they start a service. */
const policyFile = "/usr/sbin/policy-rc.d";

/** Runs `apt-get` so that the packages start nothing: the tests start what they need themselves. */
async function runWithoutServices(
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const isOurs = !existsSync(policyFile);
  // 101: "action forbidden by policy".
  if (isOurs) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const { status, output } = await runCommand(command, { env, capture: true });
    if (status !== 0) console.error(output);
    return status;
  } finally {
    if (isOurs) rmSync(policyFile, { force: true });
  }
}
