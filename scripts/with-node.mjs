// Runs a script of this repository on the Node that the lock file pins, and installs what is missing
// first. Plain JavaScript: it must start on any Node >= 20, before anything is installed.
//
// Usage: node scripts/with-node.mjs SCRIPT [ARG…]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function installMissing() {
  const stamp = join(root, "node_modules", ".lambdad-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("Installing the packages of package-lock.json (npm ci) …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, error } = spawnSync(npm, ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error !== undefined || status !== 0) {
    const reason = error?.message ?? `npm ended with status ${status}`;
    console.error(`Cannot install the packages: ${reason}. Check the network, then type it again.`);
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** The pinned Node of this platform, else the Node that runs this, if it is new enough. */
function findNode() {
  const { platform, arch } = process;
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    const path = join(root, "node_modules", name, "bin", "node");
    if (existsSync(path)) return path;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `Cannot run on Node ${process.versions.node}: no pinned Node is packaged for ${platform}-${arch}. Install Node 22.18 or later.`,
  );
  return process.exit(1);
}

installMissing();
const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error("Usage: node scripts/with-node.mjs SCRIPT [ARG…]");
  process.exit(2);
}
const node = findNode();
const path = `${join(root, "node_modules", ".bin")}:${dirname(node)}:${process.env.PATH ?? ""}`;
const child = spawn(node, ["--conditions=@lambdad/source", script, ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`Cannot start ${node}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
