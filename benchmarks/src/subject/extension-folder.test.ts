import assert from "node:assert/strict";
import { accessSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ExtensionFolder } from "./extension-folder.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "lambdad-extension-folder-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("ExtensionFolder is empty without extensions, and has nothing to wait for", async (t) => {
  const made = new ExtensionFolder(folder(t), undefined);
  assert.deepEqual(readdirSync(made.path), []);
  await made.untilWorking(t.signal);
});

test("ExtensionFolder.untilWorking() waits until all have an event and telemetry", async (t) => {
  const root = folder(t);
  const made = new ExtensionFolder(root, { command: ["agent"], count: 2, telemetry: true });
  assert.deepEqual(readdirSync(made.path), ["agent-1", "agent-2"]);
  accessSync(join(made.path, "agent-1"), constants.X_OK);
  const tell = (what: string): void => writeFileSync(join(root, "told", what), "");
  const order: string[] = [];
  const working = made.untilWorking(t.signal).then(() => order.push("working"));
  for (const what of ["invoked-1", "telemetry-1", "invoked-2"]) tell(what);
  await new Promise((resolve) => setTimeout(resolve, 100));
  order.push("the last");
  tell("telemetry-2");
  await working;
  assert.deepEqual(order, ["the last", "working"]);
});

test("ExtensionFolder.untilWorking() tells why an extension failed", async (t) => {
  const root = folder(t);
  const made = new ExtensionFolder(root, { command: ["agent"], count: 1, telemetry: false });
  writeFileSync(join(root, "told", "failed-1"), "no such route");
  await assert.rejects(made.untilWorking(t.signal), /an extension failed: no such route/);
});

test("ExtensionFolder.untilWorking() gives up on extensions that do not take part", async (t) => {
  const root = folder(t);
  const made = new ExtensionFolder(root, { command: ["agent"], count: 2, telemetry: true });
  writeFileSync(join(root, "told", "invoked-1"), "");
  await assert.rejects(
    made.untilWorking(t.signal, 50),
    /of 2 extensions 1 got an event and 0 got telemetry/,
  );
});
