import assert from "node:assert/strict";
import { test } from "node:test";
import { takeSettings } from "./process-settings.ts";

test("takeSettings() takes the channel and the compile cache out of the environment", () => {
  const env = {
    LAMBDAD_RUNTIME_CHANNEL_FD: "3",
    LAMBDAD_RUNTIME_COMPILE_CACHE: "1",
    NODE_COMPILE_CACHE: "/cache",
    LAMBDA_TASK_ROOT: "/var/task",
  };
  assert.deepEqual(takeSettings(["index.handler"], env), {
    handler: "index.handler",
    taskRoot: "/var/task",
    channelFd: 3,
    runtimeApi: "",
    concurrency: undefined,
    keepsCompiledCode: true,
  });
  assert.deepEqual(env, { LAMBDA_TASK_ROOT: "/var/task" });
});

test("takeSettings() leaves the function's own compile cache alone", () => {
  const env = { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001", NODE_COMPILE_CACHE: "/mine" };
  assert.equal(takeSettings(["a.b"], env).keepsCompiledCode, false);
  assert.equal(env.NODE_COMPILE_CACHE, "/mine");
});

test("takeSettings() falls back to _HANDLER and to the working directory", () => {
  const env = { _HANDLER: "index.handler", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" };
  const settings = takeSettings([], env);
  assert.equal(settings.handler, "index.handler");
  assert.equal(settings.taskRoot, ".");
  assert.equal(settings.channelFd, undefined);
  assert.equal(settings.runtimeApi, "127.0.0.1:9001");
});

for (const [text, concurrency] of [
  [undefined, undefined],
  ["", undefined],
  ["1", 1],
  ["16", 16],
] as const) {
  test(`takeSettings() reads AWS_LAMBDA_MAX_CONCURRENCY=${text}`, () => {
    const env = { AWS_LAMBDA_RUNTIME_API: "x:1", AWS_LAMBDA_MAX_CONCURRENCY: text };
    assert.equal(takeSettings(["a.b"], env).concurrency, concurrency);
  });
}

for (const [name, args, env, message] of [
  ["no handler", [], { AWS_LAMBDA_RUNTIME_API: "x:1" }, /no handler was given$/],
  ["nobody to ask", ["a.b"], {}, /AWS_LAMBDA_RUNTIME_API is not set$/],
  [
    "a concurrency that is no number",
    ["a.b"],
    { AWS_LAMBDA_RUNTIME_API: "x:1", AWS_LAMBDA_MAX_CONCURRENCY: "many" },
    /AWS_LAMBDA_MAX_CONCURRENCY must be a positive integer, not 'many'$/,
  ],
  [
    "a descriptor that is no number",
    ["a.b"],
    { LAMBDAD_RUNTIME_CHANNEL_FD: "three" },
    /LAMBDAD_RUNTIME_CHANNEL_FD must be a positive integer, not 'three'$/,
  ],
] as const) {
  test(`takeSettings() refuses ${name}`, () => {
    assert.throws(() => takeSettings(args, { ...env }), { message });
  });
}
