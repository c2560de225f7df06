// npm run build
//
// Builds the packages that go to the registry: packages/*/dist, from nothing, and puts the licence
// beside each, as npm packs it. The executable is bundled on top: it starts in half the time when it
// loads a few files instead of a hundred and thirty.
import { chmodSync, copyFileSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { publicWorkspaces, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

for (const path of globSync(["packages/*/dist", "packages/*/build.tsbuildinfo"], { cwd: root })) {
  rmSync(join(root, path), { recursive: true, force: true });
}
const { status } = await runCommand(["tsc", "--build", "tsconfig.build.json"]);
if (status === 0) {
  for (const { folder } of publicWorkspaces()) {
    copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE"));
  }
  await bundleExecutable();
  // npm sets it where it installs; in the checkout its links lead here.
  for (const { folder, manifest } of publicWorkspaces()) {
    for (const path of Object.values(manifest.bin ?? {})) {
      chmodSync(join(root, folder, path), 0o755);
    }
  }
}
process.exitCode = status;

/** Puts `packages/lambdad/dist/main.js` together with what it loads of ours. */
async function bundleExecutable(): Promise<void> {
  await build({
    absWorkingDir: join(root, "packages/lambdad"),
    entryPoints: ["src/main.ts"],
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    allowOverwrite: true,
    platform: "node",
    format: "esm",
    target: "node22.18",
    conditions: ["@lambdad/source"],
    // Libraries stay what they are; our runtime finds its files beside itself.
    external: ["amqplib", "pino", "prom-client", "undici", "@lambdad/node-runtime"],
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}
