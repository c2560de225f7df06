import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";

import { TelemetrySink, unusedPort } from "./telemetry-sink.ts";

const start = { time: "t", type: "platform.start", record: { requestId: "r" } };
const line = { time: "t", type: "function", record: "text\n" };

async function open(t: TestContext, protocol: "HTTP" | "TCP"): Promise<TelemetrySink> {
  const sink = await new TelemetrySink(protocol).start();
  t.after(() => sink.stop());
  return sink;
}

function post({ port }: TelemetrySink, body: string, path = "/"): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers });
}

test("TelemetrySink keeps what comes over HTTP, and answers as told", async (t) => {
  const sink = await open(t, "HTTP");
  assert.deepEqual(sink.destination("/a"), {
    protocol: "HTTP",
    URI: `http://sandbox.localdomain:${sink.port}/a`,
  });
  sink.answer(500, "reset", 200);
  assert.equal((await post(sink, JSON.stringify([line]))).status, 500);
  await assert.rejects(post(sink, JSON.stringify([line])));
  assert.equal((await post(sink, JSON.stringify([start, line]), "/a")).status, 200);
  assert.equal((await post(sink, JSON.stringify([line]))).status, 200);
  assert.deepEqual(sink.records, [start, line, line]);
  assert.deepEqual(sink.types, ["platform.start", "function", "function"]);
  const [refused, lost, taken] = await sink.waitForBatches(4);
  assert.deepEqual([refused?.status, lost?.status, taken?.status], [500, 0, 200]);
  assert.deepEqual([taken?.method, taken?.path, refused?.path], ["POST", "/a", "/"]);
  assert.equal(taken?.headers["content-type"], "application/json");
  assert.equal(taken.bytes, JSON.stringify([start, line]).length);
  assert.deepEqual(await sink.waitFor("function", 2), [line, line]);
  assert.equal(sink.openMax, 1);
});

test("TelemetrySink answers when its promise resolves, and sees requests at once", async (t) => {
  const sink = await open(t, "HTTP");
  const gate = Promise.withResolvers<void>();
  sink.answer(gate.promise);
  const answers = [post(sink, "[]"), post(sink, "[]")];
  await sink.waitForBatches(2);
  assert.equal(sink.openMax, 2);
  gate.resolve();
  for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
});

test("TelemetrySink notes what is no batch", async (t) => {
  const sink = await open(t, "HTTP");
  await post(sink, "{");
  await post(sink, "{}");
  assert.deepEqual(sink.breaches, ["no JSON: '{'", "no array: '{}'"]);
  assert.deepEqual(sink.records, []);
});

test("TelemetrySink keeps lines that come over TCP, in pieces too", async (t) => {
  const sink = await open(t, "TCP");
  assert.deepEqual(sink.destination(), { protocol: "TCP", port: sink.port });
  sink.pause();
  const socket = connect(sink.port, "127.0.0.1");
  const text = `${JSON.stringify(start)}\n${JSON.stringify(line)}\n`;
  socket.write(text.slice(0, 20));
  await once(socket, "connect");
  assert.deepEqual(sink.batches, []);
  sink.pause(false);
  socket.write(text.slice(20));
  await sink.waitForBatches(2);
  assert.deepEqual(sink.records, [start, line]);
  assert.equal(sink.connections, 1);
  socket.destroy();
});

test("TelemetrySink comes back on its port after it was down", async (t) => {
  const sink = await open(t, "HTTP");
  const { port } = sink;
  await sink.stop();
  await assert.rejects(post(sink, "[]"));
  await sink.start();
  assert.equal(sink.port, port);
  await post(sink, JSON.stringify([line]));
  assert.deepEqual(sink.records, [line]);
});

test("unusedPort() is one on which nobody listens", async () => {
  const socket = connect(await unusedPort(), "127.0.0.1");
  const [error] = await once(socket, "error");
  assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
});
