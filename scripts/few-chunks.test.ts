import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build, type BuildOptions } from "esbuild";
import { fewChunks } from "./few-chunks.ts";
import { root } from "./repository.ts";

const engine = "src/client/create-engine.ts";
const entries = ["src/index.ts", "src/encryption/index.ts"];

test("fewChunks() has each entry of the AWS client loaded in few files, without the engine", async () => {
  const options: BuildOptions = {
    absWorkingDir: join(root, "packages/aws"),
    entryPoints: entries,
    outdir: "dist",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    conditions: ["@lambdad/source"],
    external: ["@aws-sdk/*"],
    write: false,
  };
  const plugins = [await fewChunks(options, engine)];
  const { metafile } = await build({ ...options, plugins, metafile: true });
  /** Files that are loaded with one, itself too. */
  const loaded = (path: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) loaded(next, seen);
    }
    return seen;
  };
  const outputs = Object.entries(metafile.outputs);
  for (const entry of entries) {
    const [path = ""] = outputs.find(([, { entryPoint }]) => entryPoint === entry) ?? [];
    const files = [...loaded(path)];
    assert.ok(files.length <= 3, `${entry} loads ${files.join()}`);
    const modules = files.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
    assert.ok(modules.includes("src/client/errors.ts"), `${entry} has ${modules.join()}`);
    assert.ok(!modules.includes("src/client/engine.ts"), entry);
    assert.ok(!modules.includes("src/builtin/crypto.ts"), entry);
  }
});
