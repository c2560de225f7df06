import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Duplex } from "node:stream";
import { test, type TestContext } from "node:test";
import { encodeFrameHead, FrameDecoder, frameType } from "@lambdad/core";
import { nodeRuntimeCommand } from "./runtime-command.ts";
import { type ProcessEnd, startProcess } from "./testdata/fake-host.ts";

const echo = { "index.mjs": "export const handler = async (event) => event;" };

/** The host's end of the channel of a process that runs the echo function. */
function startEcho(t: TestContext): { socket: Duplex; exited: Promise<ProcessEnd> } {
  const { child, exited } = startProcess(t, echo, "channel");
  const socket = child.stdio[3] as Duplex;
  // The process is killed with data on its way.
  socket.on("error", () => undefined);
  return { socket, exited };
}

test("ChannelClient sends an answer and its wish for the next event in one write", async (t) => {
  const { socket } = startEcho(t);
  const writes: number[][] = [];
  await new Promise<void>((resolve) => {
    const decoder = new FrameDecoder();
    socket.on("data", (chunk: Buffer) => {
      const types: number[] = [];
      decoder.push(chunk, (frame) => types.push(frame.type));
      writes.push(types);
      if (writes.length === 4) resolve();
      const head = JSON.stringify({ id: `id-${writes.length}`, deadlineMs: 0, arn: "" });
      socket.write(encodeFrameHead(frameType.event, head, 2));
      socket.write("{}");
    });
  });
  const pair = [frameType.response, frameType.next];
  assert.deepEqual(writes, [[frameType.next], pair, pair, pair]);
});

test("INV-7: bytes that are no frame end the process, as its host is not one", async (t) => {
  const { socket, exited } = startEcho(t);
  socket.once("data", () => socket.write(Buffer.alloc(64, 0xff)));
  assert.equal((await exited).code, 1);
});

test("pause and resume of a stream that is not there are ignored", async (t) => {
  const { socket } = startEcho(t);
  const types: number[] = [];
  await new Promise<void>((resolve) => {
    const decoder = new FrameDecoder();
    socket.on("data", (chunk: Buffer) => {
      decoder.push(chunk, (frame) => types.push(frame.type));
      if (types.length > 1) return resolve();
      const head = JSON.stringify({ id: "gone" });
      socket.write(encodeFrameHead(frameType.pause, head, 0));
      socket.write(encodeFrameHead(frameType.resume, head, 0));
      const event = JSON.stringify({ id: "id", deadlineMs: 0, arn: "" });
      socket.write(encodeFrameHead(frameType.event, event, 1));
      socket.write("1");
    });
  });
  assert.deepEqual(types, [frameType.next, frameType.response, frameType.next]);
});

for (const [what, args, env, text] of [
  ["a handler", [], { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:1" }, /no handler was given\n$/],
  ["somebody to ask", ["index.handler"], {}, /AWS_LAMBDA_RUNTIME_API is not set\n$/],
] as const) {
  test(`the runtime without ${what} says so in one line and ends with 2`, () => {
    const command = nodeRuntimeCommand({ handler: "", taskRoot: "/" });
    const [entry = ""] = command.args;
    const { status, stderr } = spawnSync(command.file, [entry, ...args], {
      env: { ...env },
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, text);
    assert.equal(stderr.split("\n").length, 2);
  });
}
