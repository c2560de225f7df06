import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The Go runtime's program, or why there is none. */
export type GoRuntime =
  | { readonly kind: "built"; readonly path: string }
  | { readonly kind: "absent"; readonly reason: string };

const buildMsMax = 300_000;

/** Builds `go-runtime/` with the Go toolchain of this machine; `go build` knows what is up to date. */
export function buildGoRuntime(): GoRuntime {
  const source = fileURLToPath(new URL("../../go-runtime", import.meta.url));
  const path = fileURLToPath(new URL("../../.cache/go-runtime", import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  const { status, error, stderr } = spawnSync("go", ["build", "-trimpath", "-o", path, "."], {
    cwd: source,
    encoding: "utf8",
    timeout: buildMsMax,
  });
  if (error === undefined && status === 0) return { kind: "built", path };
  return { kind: "absent", reason: error?.message ?? `'go build' failed: ${stderr.slice(-500)}` };
}
