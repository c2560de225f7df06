import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where something was built, or why it was not. */
export type Build =
  | { readonly kind: "built"; readonly path: string }
  | { readonly kind: "absent"; readonly reason: string };

const buildMsMax = 300_000;

/** Builds `go-runtime/` with the Go toolchain of this machine; `go build` knows what is up to date. */
export function buildGoRuntime(): Build {
  const source = fileURLToPath(new URL("../../go-runtime", import.meta.url));
  const path = fileURLToPath(new URL("../../.cache/go-runtime", import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  return build("go", ["build", "-trimpath", "-o", path, "."], { folder: source, path });
}

/**
 * Compiles the floors and the bare Node runtime, and returns their folder. Run from sources they would
 * first strip their types: 30 ms and 20 MB that no floor should have.
 */
export function buildFloors(node: string): Build {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  const path = fileURLToPath(new URL("../../.cache/js", import.meta.url));
  const compiler = fileURLToPath(
    new URL("bin/tsc", import.meta.resolve("typescript/package.json")),
  );
  return build(node, [compiler, "-p", "tsconfig.floor.json"], { folder, path });
}

/** Python with the version of pika that the conformance suite pins. */
export function buildPikaPython(): Build {
  return buildPython("pika", "../../../conformance/pins/pika/requirements.txt");
}

/** Python with aioboto3. */
export function buildAioboto3Python(): Build {
  return buildPython("aioboto3", "../../aws-peers/requirements.txt");
}

/** Python with the version of the AWS CLI that the conformance suite pins; `aws` is beside it. */
export function buildAwsCliPython(): Build {
  return buildPython("aws-cli", "../../../conformance/pins/python-clients/requirements.txt");
}

/**
 * Makes a virtual environment of pinned packages from PyPI, and returns its Python. What is there
 * already is kept.
 */
function buildPython(name: string, pinsPath: string): Build {
  const pins = fileURLToPath(new URL(pinsPath, import.meta.url));
  const folder = fileURLToPath(new URL(`../../.cache/${name}`, import.meta.url));
  const path = join(folder, "bin", "python");
  return once({ folder, path }, readFileSync(pins, "utf8"), () => {
    const place = { folder: dirname(folder), path };
    const made = build("python3", ["-m", "venv", folder], place);
    if (made.kind === "absent") return made;
    const args = ["-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "-q"];
    return build(path, [...args, "-r", pins], place);
  });
}

/** Installs the pinned clients of AWS that ours is compared with, and returns their folder. */
export function buildAwsPeers(): Build {
  const pins = fileURLToPath(new URL("../../aws-peers", import.meta.url));
  const folder = fileURLToPath(new URL("../../.cache/aws-peers", import.meta.url));
  const files = ["package.json", "package-lock.json", ".npmrc"];
  const wanted = readFileSync(join(pins, "package-lock.json"), "utf8");
  return once({ folder, path: folder }, wanted, () => {
    mkdirSync(folder, { recursive: true });
    for (const file of files) copyFileSync(join(pins, file), join(folder, file));
    return build("npm", ["ci", "--ignore-scripts"], { folder, path: folder });
  });
}

/** Keeps what is in the folder if it was made of the same pins; else makes it anew. */
function once(
  { folder, path }: { readonly folder: string; readonly path: string },
  wanted: string,
  make: () => Build,
): Build {
  const complete = join(folder, "complete");
  try {
    if (readFileSync(complete, "utf8") === wanted) return { kind: "built", path };
  } catch {
    // Not there yet.
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const built = make();
  if (built.kind === "built") writeFileSync(complete, wanted);
  return built;
}

function build(
  file: string,
  args: readonly string[],
  { folder, path }: { readonly folder: string; readonly path: string },
): Build {
  const options = { cwd: folder, encoding: "utf8", timeout: buildMsMax } as const;
  const { status, error, stdout, stderr } = spawnSync(file, args, options);
  if (error === undefined && status === 0) return { kind: "built", path };
  const output = `${stdout ?? ""}${stderr ?? ""}`.slice(-500);
  return { kind: "absent", reason: error?.message ?? `'${file} ${args.join(" ")}': ${output}` };
}
