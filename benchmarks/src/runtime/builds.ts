import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
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
