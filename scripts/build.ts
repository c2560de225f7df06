// npm run build
//
// Builds the packages that go to the registry: packages/*/dist, from nothing, and puts the licence
// beside each, as npm packs it. The executable and the AWS client are bundled on top: they start in
// half the time when they load a few files instead of more than a hundred.
import { chmodSync, copyFileSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { fewChunks } from "./few-chunks.ts";
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
  await bundle(
    "packages/lambdad",
    ["src/main.ts"],
    [
      // Libraries stay what they are; our runtime finds its files beside itself.
      "amqplib",
      "pino",
      "prom-client",
      "undici",
      "@lambdad/node-runtime",
    ],
  );
  const entries = ["src/index.ts", "src/encryption/index.ts"];
  await bundle("packages/aws", entries, ["@aws-sdk/*"], "src/client/create-engine.ts");
  // npm sets it where it installs; in the checkout its links lead here.
  for (const { folder, manifest } of publicWorkspaces()) {
    for (const path of Object.values(manifest.bin ?? {})) {
      chmodSync(join(root, folder, path), 0o755);
    }
  }
}
process.exitCode = status;

/**
 * Puts entries together with what they load of ours, at the place of each; what is loaded later stays
 * in files of its own.
 * @param engine what the first one loads of that before all else.
 */
async function bundle(
  folder: string,
  entries: string[],
  external: string[],
  engine?: string,
): Promise<void> {
  const options: BuildOptions = {
    absWorkingDir: join(root, folder),
    entryPoints: entries,
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    allowOverwrite: true,
    platform: "node",
    format: "esm",
    target: "node22.18",
    conditions: ["@lambdad/source"],
    external,
    sourcemap: true,
    sourcesContent: false,
    // What starts first is read first: names stay, for stacks.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  };
  const plugins = engine === undefined ? [] : [await fewChunks(options, engine)];
  await build({ ...options, plugins });
}
