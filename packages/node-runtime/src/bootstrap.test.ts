import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";
import { mainPath } from "./main-path.ts";

const bootstrap = fileURLToPath(new URL("./bootstrap.ts", import.meta.url));

/** Starts the bootstrap with this wrapper script, where nobody serves the Runtime API. */
function start(t: TestContext, script: string, args: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-bootstrap-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, "wrapper");
  if (script !== "") {
    writeFileSync(wrapper, `#!/bin/sh\n${script}\n`);
    chmodSync(wrapper, 0o755);
  }
  const { pid, status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ["--stack-trace-limit=7", bootstrap, ...args],
    {
      env: { PATH: process.env["PATH"], AWS_LAMBDA_EXEC_WRAPPER: wrapper },
      encoding: "utf8",
      timeout: 30_000,
    },
  );
  return { pid, status, signal, stdout, stderr, wrapper };
}

test("lambdad-node-runtime becomes the wrapper, with the runtime's command as arguments", (t) => {
  const script = 'echo "$$ $_HANDLER"; for word in "$@"; do echo "$word"; done; exit 7';
  const { pid, status, stdout, stderr } = start(t, script, ["app.handler"]);
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    `${pid} app.handler`,
    process.execPath,
    "--stack-trace-limit=7",
    mainPath,
  ]);
  assert.equal(stderr, "");
  assert.equal(status, 7);
});

test("lambdad-node-runtime dies of the signal that its wrapper dies of", (t) => {
  assert.equal(start(t, "kill -TERM $$").signal, "SIGTERM");
});

test("lambdad-node-runtime runs the wrapper once, and then the runtime", (t) => {
  const { status, stdout, stderr } = start(t, 'echo once; exec "$@"', ["app.handler"]);
  assert.equal(stdout, "once\n");
  assert.equal(stderr, "Cannot start the runtime: AWS_LAMBDA_RUNTIME_API is not set\n");
  assert.equal(status, 2);
});

test("lambdad-node-runtime ends with 127 when there is no such wrapper", (t) => {
  const { status, stdout, wrapper } = start(t, "");
  assert.equal(stdout, `${wrapper}: does not exist\n`);
  assert.equal(status, 127);
});

test("lambdad-node-runtime without a wrapper is the runtime", () => {
  const { status, stderr } = spawnSync(process.execPath, [bootstrap, "app.handler"], {
    env: { AWS_LAMBDA_EXEC_WRAPPER: "" },
    encoding: "utf8",
  });
  assert.equal(stderr, "Cannot start the runtime: AWS_LAMBDA_RUNTIME_API is not set\n");
  assert.equal(status, 2);
});
