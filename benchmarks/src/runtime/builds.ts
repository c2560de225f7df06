import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/**
 * Makes a virtual environment with the version of pika that the conformance suite pins, from PyPI, and
 * returns its Python. What is there already is kept.
 */
export function buildPikaPython(): Build {
  const pins = fileURLToPath(
    new URL("../../../conformance/pins/pika/requirements.txt", import.meta.url),
  );
  const folder = fileURLToPath(new URL("../../.cache/pika", import.meta.url));
  const path = join(folder, "bin", "python");
  const complete = join(folder, "complete");
  const wanted = readFileSync(pins, "utf8");
  try {
    if (readFileSync(complete, "utf8") === wanted) return { kind: "built", path };
  } catch {
    // Not there yet.
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const place = { folder: dirname(folder), path };
  const made = build("python3", ["-m", "venv", folder], place);
  if (made.kind === "absent") return made;
  const args = ["-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "-q"];
  const built = build(path, [...args, "-r", pins], place);
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
