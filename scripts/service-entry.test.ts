import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "lambdad-bundle-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const program = `
import { createClient } from ${JSON.stringify(join(root, "packages/aws/services/sts.js"))};
const credentials = { accessKeyId: "id", secretAccessKey: "key" };
const sts = createClient({ region: "eu-west-1", credentials });
console.log(await sts.presign.getCallerIdentity());
await sts.close();
`;

test("@lambdad/aws/<service>: a bundle has that service's model and needs no file", async () => {
  writeFileSync(join(folder, "program.js"), program);
  const outfile = join(folder, "bundle.mjs");
  await build({
    entryPoints: [join(folder, "program.js")],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    conditions: ["@lambdad/source"],
    logLevel: "warning",
  });
  assert.ok(statSync(outfile).size < 500_000, `${statSync(outfile).size} bytes`);
  const run = await runCommand([process.execPath, outfile], { cwd: folder, capture: true });
  assert.match(
    run.output,
    /^https:\/\/sts\.eu-west-1\.amazonaws\.com\/\?Action=GetCallerIdentity&/,
  );
  assert.equal(run.status, 0);
});
