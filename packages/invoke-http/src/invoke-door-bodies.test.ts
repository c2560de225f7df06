import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limits } from "@lambdad/core";
import {
  asyncPath,
  invokePath,
  request,
  requestHead,
  startDoor,
  streamPath,
} from "./door-fixture.test.ts";

const event = { "X-Amz-Invocation-Type": "Event" };

describe("InvokeDoor takes bodies of", () => {
  const sizes = [
    [invokePath, {}, limits.syncPayloadBytesMax],
    [streamPath, {}, limits.syncPayloadBytesMax],
    [invokePath, event, limits.asyncPayloadBytesMax],
    [asyncPath, {}, 262_144],
  ] as const;
  for (const [path, headers, bytesMax] of sizes) {
    test(`${bytesMax} bytes at ${path}, and says 413 to one more before reading (HT-5)`, async (t) => {
      const { send, invoker, door } = await startDoor(t, { acceptEvent: async () => {} });
      const body = Buffer.alloc(bytesMax, " ");
      body.write("1");
      const good = await send(request(path, { headers, body }));
      assert.ok(good.status < 300, String(good.status));
      invoker.invocations.length = 0;
      const length = { ...headers, "Content-Length": String(bytesMax + 1) };
      const response = await send(requestHead(path, { headers: length }));
      assert.equal(response.status, 413);
      assert.equal(response.headers["x-amzn-errortype"], "RequestTooLargeException");
      assert.equal(response.headers["connection"], "close");
      assert.ok(response.body.includes(`smaller than ${bytesMax} bytes`));
      assert.equal(invoker.invocations.length, 0);
      assert.equal(door.bodyBytesInFlight, 0);
    });
  }

  test("no more than the limit when they are chunked, and says 413 as soon as it is passed (HT-6)", async (t) => {
    const { connect, invoker, door } = await startDoor(t);
    const connection = await connect();
    connection.send(requestHead(invokePath, { headers: { "Transfer-Encoding": "chunked" } }));
    const piece = Buffer.alloc(1_048_576, " ");
    for (let sent = 0; sent <= limits.syncPayloadBytesMax; sent += piece.byteLength) {
      await connection.sendAll(
        Buffer.concat([Buffer.from("100000\r\n"), piece, Buffer.from("\r\n")]),
      );
    }
    // The body has no end.
    const response = await connection.readResponse();
    assert.equal(response?.status, 413);
    assert.equal(response.headers["connection"], "close");
    assert.equal(invoker.invocations.length, 0);
    assert.equal(door.bodyBytesInFlight, 0);
  });

  test("no caller that has not sent them whole (HT-7)", async (t) => {
    const { connect, invoker, send, door } = await startDoor(t);
    const half = request(invokePath, { body: '{"a":1}' }).subarray(0, -1);
    const ended = await connect();
    ended.send(half);
    ended.end();
    assert.equal((await ended.readResponse())?.status, 400);
    const lost = await connect();
    await lost.sendAll(half);
    lost.reset();
    const broken = await connect();
    broken.send(requestHead(invokePath, { headers: { "Transfer-Encoding": "chunked" } }));
    broken.send("1\r\n1\r\nx\r\n");
    assert.equal((await broken.readResponse())?.status, 400);
    assert.equal((await send(request(invokePath, { body: "1" }))).status, 200);
    assert.equal(invoker.invocations.length, 1);
    assert.equal(door.bodyBytesInFlight, 0);
  });

  test("no more than the bytes of all of them together (INV-8)", async (t) => {
    const { connect, send, door, rejections } = await startDoor(t, { bodyBytesInFlightMax: 1_000 });
    const slow = await connect();
    slow.send(requestHead(invokePath, { headers: { "Content-Length": "800" } }));
    const refused = await send(request(invokePath, { body: `${" ".repeat(300)}1` }));
    assert.equal(refused.status, 429);
    assert.match(refused.body.toString(), /"Reason":"ConcurrentInvocationLimitExceeded"/);
    assert.equal(door.bodyBytesInFlight, 800);
    assert.equal((await send(request(invokePath, { body: `${" ".repeat(100)}1` }))).status, 200);
    const headers = { "Transfer-Encoding": "chunked" };
    const chunked = Buffer.concat([
      requestHead(invokePath, { headers }),
      Buffer.from(`80\r\n${" ".repeat(128)}\r\n80\r\n${" ".repeat(128)}\r\n`),
    ]);
    assert.equal((await send(chunked)).status, 429);
    slow.send("1".repeat(800));
    assert.equal((await slow.readResponse())?.status, 200);
    assert.equal(door.bodyBytesInFlight, 0);
    assert.deepEqual(new Set(rejections), new Set(["429 ConcurrentInvocationLimitExceeded"]));
  });

  test("callers that wait for 100 Continue (HT-15)", async (t) => {
    const { connect } = await startDoor(t);
    const connection = await connect();
    connection.send(
      requestHead(invokePath, { headers: { "Content-Length": "1", Expect: "100-continue" } }),
    );
    assert.equal((await connection.readResponse())?.status, 100);
    connection.send("1");
    assert.equal((await connection.readResponse())?.body.toString(), "1");
    connection.send(
      requestHead(invokePath, {
        headers: { "Content-Length": "99999999", Expect: "100-continue" },
      }),
    );
    assert.equal((await connection.readResponse())?.status, 413);
  });

  test("1 MiB of brackets without losing its way (HT-8)", async (t) => {
    const { send } = await startDoor(t);
    const body = "[".repeat(524_288) + "]".repeat(524_288);
    assert.equal((await send(request(invokePath, { body }))).status, 200);
    assert.equal((await send(request(invokePath, { body: body.slice(1) }))).status, 400);
  });
});
