// Runs a script of this repository on the Node that the lock file pins, and installs what is missing
// first. Plain JavaScript: it must start on any Node >= 20, before anything is installed.
//
// Usage: node scripts/with-node.mjs SCRIPT [ARG…]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { forwardSignals } from "./forward-signals.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
const installWaitMs = 15 * 60 * 1000;

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/**
 * Whether node_modules is what the lock file says. npm keeps its own record of what it installed, and
 * writes it last: an install that broke off leaves none.
 */
function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = present[path];
    // Packages of other platforms are in the lock file and never here.
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/** Runs `action` while no other process of this checkout does: npm ci deletes node_modules first. */
function withInstallLock(action) {
  const lock = join(root, ".cache", "install.lock");
  mkdirSync(dirname(lock), { recursive: true });
  for (let waitedMs = 0; ; waitedMs += 200) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (waitedMs === 0) console.error("Waiting for another installation of this checkout …");
    if (isStale(lock)) rmSync(lock, { force: true });
    else if (waitedMs >= installWaitMs) fail(`Cannot install the packages: ${lock} is held`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  action();
  process.off("exit", release);
  release();
}

function isStale(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty for a moment between creation and writing.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function install() {
  console.error("Installing the packages of package-lock.json (npm ci) …");
  const { status, error } = spawnSync(windows ? "npm.cmd" : "npm", ["ci", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  if (error === undefined && status === 0) return;
  const reason = error?.message ?? `npm ended with status ${status}`;
  fail(`Cannot install the packages: ${reason}. Check the network, then type the command again.`);
}

/** The pinned Node of this platform, else the Node that runs this, if it is new enough. */
function findNode() {
  const { platform, arch } = process;
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    const path = join(root, "node_modules", name, "bin", windows ? "node.exe" : "node");
    if (existsSync(path)) return path;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  return undefined;
}

function fail(message) {
  console.error(message);
  return process.exit(1);
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error("Usage: node scripts/with-node.mjs SCRIPT [ARG…]");
  process.exit(2);
}
// npm passes over an optional package that it cannot fetch: the pinned Node is one, so ask again.
const isReady = () => isInstalled() && findNode() !== undefined;
if (!isReady()) {
  withInstallLock(() => {
    if (!isReady()) install();
  });
}
const node =
  findNode() ??
  fail(
    `Cannot run on Node ${process.versions.node}: npm installed no Node for ${process.platform}-${process.arch}. Install Node 22.18 or later.`,
  );

const path = [join(root, "node_modules", ".bin"), dirname(node), process.env.PATH ?? ""];
const child = spawn(node, ["--conditions=@lambdad/source", script, ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: path.join(delimiter) },
});
forwardSignals(child);
child.on("error", (error) => fail(`Cannot start ${node}: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
