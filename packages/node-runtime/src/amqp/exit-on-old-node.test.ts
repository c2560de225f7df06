import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Makes a Node say that it is an older one. */
const older = `data:text/javascript,${encodeURIComponent(
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.17.1" } });',
)}`;

test("lambda-runtime ends on an old Node with one line that says why", () => {
  const options = ["--conditions=@lambdad/source", "--import", older, main, "--version"];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    "lambda-runtime: Cannot run on Node '22.17.1': lambdad needs Node 22.18.0 or later\n",
  );
});
