import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeChannelApiVariable } from "@lambdad/core";
import { channelApiVariable, takeSettings } from "./process-settings.ts";

const yes = (): boolean => true;
const no = (): boolean => false;

test("takeSettings() takes the channel and the compile cache out of the environment", () => {
  const env = {
    LAMBDAD_RUNTIME_CHANNEL_FD: "3",
    LAMBDAD_RUNTIME_CHANNEL_API: "127.0.0.1:9001",
    LAMBDAD_RUNTIME_CHANNEL_SOCKET: "socket:[1]",
    LAMBDAD_RUNTIME_COMPILE_CACHE: "1",
    NODE_COMPILE_CACHE: "/cache",
    LAMBDA_TASK_ROOT: "/var/task",
  };
  assert.deepEqual(takeSettings(["index.handler"], env, yes), {
    handler: "index.handler",
    taskRoot: "/var/task",
    channelFd: 3,
    runtimeApi: "",
    concurrency: undefined,
    keepsCompiledCode: true,
  });
  assert.deepEqual(env, { LAMBDA_TASK_ROOT: "/var/task" });
});

test("the name of the channel's API is the core's", () => {
  assert.equal(channelApiVariable, runtimeChannelApiVariable);
});

const original = "127.0.0.1:9001";
const channel = { LAMBDAD_RUNTIME_CHANNEL_FD: "3", LAMBDAD_RUNTIME_CHANNEL_API: original };

for (const [what, runtimeApi, isChannel, channelFd] of [
  ["uses the channel of the Runtime API that it was given", original, yes, 3],
  ["uses the channel when nobody names a Runtime API", undefined, yes, 3],
  ["asks a proxy that has taken the address over, by HTTP", "127.0.0.1:9009", yes, undefined],
  ["uses HTTP when the descriptor is not the channel", original, no, undefined],
] as const) {
  test(`takeSettings() ${what}`, () => {
    const env = { ...channel, AWS_LAMBDA_RUNTIME_API: runtimeApi };
    const settings = takeSettings(["a.b"], env, isChannel);
    assert.equal(settings.channelFd, channelFd);
    assert.equal(settings.runtimeApi, runtimeApi ?? "");
  });
}

test("takeSettings() asks about the descriptor and the socket that were offered", () => {
  const env = { ...channel, LAMBDAD_RUNTIME_CHANNEL_SOCKET: "socket:[7]" };
  const asked: unknown[] = [];
  takeSettings(["a.b"], env, (offer) => asked.push(offer) > 0);
  assert.deepEqual(asked, [{ fd: 3, socket: "socket:[7]" }]);
});

test("takeSettings() refuses to start with neither channel nor Runtime API", () => {
  assert.throws(() => takeSettings(["a.b"], { ...channel }, no), {
    message: /AWS_LAMBDA_RUNTIME_API is not set$/,
  });
});

test("takeSettings() leaves the function's own compile cache alone", () => {
  const env = { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001", NODE_COMPILE_CACHE: "/mine" };
  assert.equal(takeSettings(["a.b"], env, yes).keepsCompiledCode, false);
  assert.equal(env.NODE_COMPILE_CACHE, "/mine");
});

test("takeSettings() falls back to _HANDLER and to the working directory", () => {
  const env = { _HANDLER: "index.handler", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" };
  const settings = takeSettings([], env, yes);
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
    assert.equal(takeSettings(["a.b"], env, yes).concurrency, concurrency);
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
    assert.throws(() => takeSettings(args, { ...env }, yes), { message });
  });
}
