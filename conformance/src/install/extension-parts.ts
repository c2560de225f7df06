import { chmod, cp, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import type { Part, Step } from "./install-part.ts";
import { npmInstall } from "./parts.ts";

const jobs = String(Math.max(1, Math.floor(availableParallelism() / 2)));
const minuteMs = 60_000;

const rust = {
  toolchain: { command: "cargo", args: ["--version"] },
  remedy: "Install Rust 1.85 or later (https://rustup.rs) and a C linker",
  registry: "crates.io",
};

/** Agents on `lambda-extension`, a proxy on `aws-lambda-runtime-proxy`, a function that gets SIGTERM. */
export const rustExtensions: Part = {
  ...rust,
  name: "rust-extensions",
  pins: ["fixtures/rust-extensions"],
  async install(folder: string, step: Step): Promise<void> {
    const target = join(folder, "target");
    const args = ["build", "--release", "--locked", `-j${jobs}`, "--target-dir", target];
    await step("building the agents", "cargo", args, {
      cwd: join(conformanceRoot, "fixtures", "rust-extensions"),
      timeoutMs: 15 * minuteMs,
    });
    for (const name of ["telemetry-agent", "logs-agent", "runtime-proxy", "graceful-function"]) {
      await cp(join(target, "release", name), join(folder, name));
    }
    await rm(target, { recursive: true, force: true });
  },
};

/** AWS's adapter for web applications as it is published, with the dependencies that it was locked to. */
export const lambdaWebAdapter: Part = {
  ...rust,
  name: "lambda-web-adapter",
  pins: ["pins/lambda-web-adapter/version"],
  async install(folder: string, step: Step): Promise<void> {
    const pin = join(conformanceRoot, "pins", "lambda-web-adapter", "version");
    const version = (await readFile(pin, "utf8")).trim();
    const target = join(folder, "target");
    const places = ["--root", folder, "--target-dir", target];
    const crate = `lambda_web_adapter@${version}`;
    await step("building it", "cargo", ["install", "--locked", `-j${jobs}`, ...places, crate], {
      // Its profile is made for small layers, and takes minutes; the suite proves behaviour.
      env: {
        CARGO_PROFILE_RELEASE_LTO: "off",
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
        CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
      },
      timeoutMs: 15 * minuteMs,
    });
    await rm(target, { recursive: true, force: true });
  },
};

/** A function in Go that gets SIGTERM. */
export const goSigterm: Part = {
  name: "go-sigterm",
  pins: ["fixtures/go-sigterm"],
  toolchain: { command: "go", args: ["env", "GOVERSION"] },
  remedy: "Install Go 1.26 or later (https://go.dev/dl)",
  registry: "The Go module proxy",
  async install(folder: string, step: Step): Promise<void> {
    const output = ["-o", join(folder, "function")];
    const args = ["build", "-mod=readonly", "-p", jobs, "-trimpath", ...output, "."];
    await step("building the function", "go", args, {
      cwd: join(conformanceRoot, "fixtures", "go-sigterm"),
      env: { CGO_ENABLED: "0" },
      timeoutMs: 10 * minuteMs,
    });
  },
};

/** Sentry's SDK and extension, and a function beside them: it resolves the SDK from its own folder. */
export const sentry: Part = {
  name: "sentry",
  pins: ["pins/sentry", "fixtures/sentry"],
  toolchain: { command: "npm", args: ["--version"] },
  remedy: "Install npm 10 or later",
  registry: "The npm registry",
  async install(folder: string, step: Step): Promise<void> {
    await npmInstall("sentry", folder, step);
    await cp(join(conformanceRoot, "fixtures", "sentry"), folder, { recursive: true });
    // What its script starts. The package has no execute bits: whoever makes the layer sets them.
    const layer = join(folder, "node_modules", "@sentry", "aws-serverless", "build");
    await chmod(join(layer, "lambda-extension", "index.mjs"), 0o755);
  },
};
