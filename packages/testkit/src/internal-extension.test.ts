import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

import { collectOutput } from "./collect-output.ts";
import { ExtensionJournal } from "./extension-journal.ts";
import { type InternalExtensionOptions, withInternalExtension } from "./internal-extension.ts";
import { rogueRuntime } from "./rogue-runtime.ts";
import { FakeExtensionsApi } from "./testdata/fake-extensions-api.ts";
import { waitFor } from "./wait-for.ts";

async function run(t: TestContext, options: InternalExtensionOptions) {
  const folder = mkdtempSync(join(tmpdir(), "internal-"));
  const journal = new ExtensionJournal(join(folder, "journal"));
  const api = new FakeExtensionsApi();
  const address = await api.start(t);
  const command = withInternalExtension(rogueRuntime("echo"), {
    journal: journal.file,
    ...options,
  });
  const child = spawn(command[0] ?? "", command.slice(1), {
    env: { AWS_LAMBDA_RUNTIME_API: address },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collectOutput(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await output.end;
    rmSync(folder, { recursive: true, force: true });
  });
  return { api, journal, output, child };
}

const runtimeNext = "GET /2018-06-01/runtime/invocation/next";
const invoke = { eventType: "INVOKE", deadlineMs: 1, requestId: "r" };

test("withInternalExtension() registers before the runtime's first next, and takes events", async (t) => {
  const { api, journal } = await run(t, { subscriptions: [{ body: "{}" }] });
  await waitFor(() => api.routes.includes(runtimeNext));
  assert.deepEqual(api.routes.slice(0, 2), ["POST /register", "PUT /2022-07-01/telemetry"]);
  assert.equal(api.calls[0]?.headers["lambda-extension-name"], "internal");
  assert.equal(api.calls[0]?.body, '{"events":["INVOKE"]}');
  api.give(invoke);
  await journal.waitFor("event");
  assert.deepEqual(journal.order, [
    "internal start",
    "internal register",
    "internal subscribe",
    "internal INVOKE",
  ]);
});

test("withInternalExtension() registers late when told", async (t) => {
  const { api, journal } = await run(t, { registers: "late", loops: false });
  await waitFor(() => api.routes.includes(runtimeNext));
  assert.deepEqual(api.routes, [runtimeNext]);
  api.giveInvocation("{}");
  await journal.waitFor("register");
});

test("withInternalExtension() notes SIGTERM and ends", async (t) => {
  const { journal, output, child } = await run(t, { registers: "never" });
  await journal.waitFor("start");
  child.kill("SIGTERM");
  assert.equal((await output.end).code, 0);
  assert.deepEqual(journal.order, ["internal start", "internal SIGTERM"]);
});
