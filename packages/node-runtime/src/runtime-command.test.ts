import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { nodeRuntimeCommand } from "./runtime-command.ts";

test("nodeRuntimeCommand() starts the entry of this package with this Node", () => {
  const command = nodeRuntimeCommand({ handler: "a/b.handler", taskRoot: "/var/task" });
  const [entry = ""] = command.args;
  assert.equal(command.file, process.execPath);
  assert.ok(existsSync(entry), entry);
  assert.equal(command.args.length, 1);
  assert.deepEqual(command.env, {
    _HANDLER: "a/b.handler",
    LAMBDA_TASK_ROOT: "/var/task",
    LAMBDAD_RUNTIME_CHANNEL_FD: "3",
  });
});

test("nodeRuntimeCommand() ends in the script, which wrapper scripts put their options before", () => {
  const sized = nodeRuntimeCommand({ handler: "a.b", taskRoot: "/", memorySizeMb: 128 });
  const plain = nodeRuntimeCommand({ handler: "a.b", taskRoot: "/" });
  assert.equal(sized.args.at(-1), plain.args[0]);
});

test("nodeRuntimeCommand() tells V8 nine tenths of the memory", () => {
  const { args } = nodeRuntimeCommand({ handler: "a.b", taskRoot: "/", memorySizeMb: 128 });
  assert.equal(args[0], "--max-old-space-size=115");
});

test("nodeRuntimeCommand() names the compile cache so that the runtime can hide it", () => {
  const { env } = nodeRuntimeCommand({ handler: "a.b", taskRoot: "/", compileCacheFolder: "/c" });
  assert.equal(env["NODE_COMPILE_CACHE"], "/c");
  assert.equal(env["LAMBDAD_RUNTIME_COMPILE_CACHE"], "1");
});
