import { cp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import { runCommand } from "../run-command.ts";
import type { Part, Step } from "./install-part.ts";

const jobs = String(Math.max(1, Math.floor(availableParallelism() / 2)));
const minuteMs = 60_000;

/** A virtual environment with the packages of one `requirements.txt`. */
export function pythonPart(name: string, pins: string): Part {
  return {
    name,
    pins: [`pins/${pins}/requirements.txt`],
    toolchain: {
      command: "python3",
      args: ["-c", "import ensurepip, sys, venv; print(sys.executable, sys.version)"],
    },
    remedy: "Install Python 3.10 or later with venv (Debian: apt-get install python3-venv)",
    registry: "The package index of Python (PyPI)",
    async install(folder: string, step: Step): Promise<void> {
      const python = join(folder, "bin", "python");
      const requirements = join(conformanceRoot, "pins", pins, "requirements.txt");
      const args = ["-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "-q"];
      await step("making a virtual environment", "python3", ["-m", "venv", folder], {
        timeoutMs: 2 * minuteMs,
      });
      await step("installing packages", python, [...args, "-r", requirements], {
        timeoutMs: 10 * minuteMs,
      });
    },
  };
}

/** The Python runtime interface client. */
export const pythonRic: Part = pythonPart("python-ric", "python-ric");

/** The AWS CLI and boto3. */
export const pythonClients: Part = pythonPart("python-clients", "python-clients");

/** The AMQP client for Python, for callers and a function host of the suite's own. */
export const pika: Part = pythonPart("pika", "pika");

/** Linters and schemas for the files in `deploy/`: yamllint, hadolint, Compose, Kubernetes. */
export const manifestCheckers: Part = pythonPart("manifest-checkers", "manifest-checkers");

/** Installs what a committed lock file pins; no script of any package runs. */
export async function npmInstall(pins: string, folder: string, step: Step): Promise<void> {
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    await cp(join(conformanceRoot, "pins", pins, file), join(folder, file));
  }
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
  await step("installing packages", "npm", args, { cwd: folder, timeoutMs: 10 * minuteMs });
}

/** The AWS SDK for JavaScript v3. */
export const nodeSdk: Part = {
  name: "node-sdk",
  pins: ["pins/node-sdk"],
  toolchain: { command: "npm", args: ["--version"] },
  remedy: "Install npm 10 or later",
  registry: "The npm registry",
  install: (folder, step) => npmInstall("node-sdk", folder, step),
};

/** The headers of the installed Node, where there are any: node-gyp then downloads none. */
async function nodeHeaders(): Promise<Record<string, string>> {
  const script = "process.stdout.write(process.execPath)";
  const places = new Set([process.execPath, "/usr/bin/node", "/usr/local/bin/node"]);
  const { stdout } = await runCommand("node", ["-e", script], { timeoutMs: 30_000 });
  for (const path of [stdout.toString(), ...places]) {
    const prefix = dirname(dirname(path));
    // The addon uses Node-API only, whose binary interface is the same in every version.
    if (existsSync(join(prefix, "include", "node", "node_api.h"))) {
      return { npm_config_nodedir: prefix };
    }
  }
  return {};
}

/** The Node runtime interface client, with the native client that AWS runs. */
export const nodeRic: Part = {
  name: "node-ric",
  pins: ["pins/node-ric"],
  toolchain: {
    command: "sh",
    args: [
      "-c",
      "npm --version && cmake --version && make --version && c++ --version && xz --version && python3 --version",
    ],
  },
  remedy:
    "Its native client is built here: install cmake, make, a C++ compiler, xz and Python 3 (Debian: apt-get install build-essential cmake xz-utils python3), and the headers of Node or access to nodejs.org",
  registry: "The npm registry or nodejs.org",
  async install(folder: string, step: Step): Promise<void> {
    await npmInstall("node-ric", folder, step);
    // The one package whose install scripts are wanted: they build curl, aws-lambda-cpp and the addon.
    const args = ["rebuild", "aws-lambda-ric", "--ignore-scripts=false", "--foreground-scripts"];
    const env = { ...(await nodeHeaders()), MAKEFLAGS: `-j${jobs}` };
    await step("building the native client", "npm", args, {
      cwd: folder,
      env,
      timeoutMs: 15 * minuteMs,
    });
  },
};

/** The function in Go. */
export const goFunction: Part = {
  name: "go-function",
  pins: ["fixtures/go"],
  toolchain: { command: "go", args: ["env", "GOVERSION"] },
  remedy: "Install Go 1.26 or later (https://go.dev/dl)",
  registry: "The Go module proxy",
  async install(folder: string, step: Step): Promise<void> {
    const args = [
      "build",
      "-mod=readonly",
      "-p",
      jobs,
      "-trimpath",
      "-o",
      join(folder, "function"),
      ".",
    ];
    await step("building the function", "go", args, {
      cwd: join(conformanceRoot, "fixtures", "go"),
      env: { CGO_ENABLED: "0" },
      timeoutMs: 10 * minuteMs,
    });
  },
};

/** The function in Rust. */
export const rustFunction: Part = {
  name: "rust-function",
  pins: ["fixtures/rust"],
  toolchain: { command: "cargo", args: ["--version"] },
  remedy: "Install Rust 1.85 or later (https://rustup.rs) and a C linker",
  registry: "crates.io",
  async install(folder: string, step: Step): Promise<void> {
    const target = join(folder, "target");
    const args = ["build", "--release", "--locked", `-j${jobs}`, "--target-dir", target];
    await step("building the function", "cargo", args, {
      cwd: join(conformanceRoot, "fixtures", "rust"),
      timeoutMs: 15 * minuteMs,
    });
    await cp(join(target, "release", "conformance-function"), join(folder, "function"));
    await rm(target, { recursive: true, force: true });
  },
};

/** Nothing to install, but the tools of the bash function must be there. */
export const bashTools: Part = {
  name: "bash-tools",
  pins: ["fixtures/bash"],
  toolchain: {
    command: "bash",
    args: [
      "-c",
      "bash --version && curl --version && awk --version </dev/null || type awk && type sed",
    ],
  },
  remedy: "Install bash and curl",
  registry: "",
  install: async () => {},
};

/** Nothing to install: Node is there. */
export const noToolchain: Part = {
  name: "raw",
  pins: ["fixtures/raw"],
  toolchain: { command: process.execPath, args: ["--version"] },
  remedy: "",
  registry: "",
  install: async () => {},
};

/** Nothing to install, but curl must be there. */
export const curlTool: Part = {
  name: "curl",
  pins: [],
  toolchain: { command: "curl", args: ["--version"] },
  remedy: "Install curl",
  registry: "",
  install: async () => {},
};
