import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BodyChannel } from "../client/body-channel.ts";
import { ResponseBody } from "../client/response-body.ts";
import type { ContentDecipher } from "./content-decipher.ts";
import { streamedBody } from "./decrypted-body.ts";

const asItIs: ContentDecipher = {
  update: (chunk) => Buffer.from(chunk),
  final: () => Buffer.alloc(0),
};

/** A body whose connection notes what is asked of it. */
function connection() {
  const asked: string[] = [];
  const channel = new BodyChannel(undefined, undefined, () => {});
  channel.attach({
    queuedMs: 0,
    pause: () => void asked.push("pause"),
    resume: () => void asked.push("resume"),
    abort: () => void asked.push("abort"),
  });
  return { asked, channel, body: new ResponseBody(channel) };
}

const chunk = Buffer.alloc(65_536, "x");

test("streamedBody() holds the connection back while nobody reads", async () => {
  const { asked, channel, body } = connection();
  const plain = streamedBody(body, asItIs, undefined);
  let pushed = 0;
  while (asked.length === 0 && pushed < 100) {
    channel.push(chunk);
    pushed += 1;
    await turn();
  }
  assert.deepEqual(asked, ["pause"]);
  assert.ok(pushed * chunk.length <= 1_048_576, `${pushed} chunks were taken`);
  channel.end();
  assert.equal((await plain.bytes()).length, pushed * chunk.length);
});

test("streamedBody() lets the connection go on when it is read", async () => {
  const { asked, channel, body } = connection();
  const reader = streamedBody(body, asItIs, undefined)[Symbol.asyncIterator]();
  for (let pushed = 0; asked.length === 0 && pushed < 100; pushed += 1) {
    channel.push(chunk);
    await turn();
  }
  for (let read = 0; asked.length < 2 && read < 100; read += 1) {
    await reader.next();
    await turn();
  }
  assert.deepEqual(asked, ["pause", "resume"]);
  await reader.return?.();
  assert.deepEqual(asked, ["pause", "resume", "abort"]);
});

test("streamedBody() passes the error of the connection on", async () => {
  const { channel, body } = connection();
  const plain = streamedBody(body, asItIs, undefined);
  channel.push(chunk);
  channel.fail(new Error("lost"));
  await assert.rejects(plain.bytes(), { message: "lost" });
});
