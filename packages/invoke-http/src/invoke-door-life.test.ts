import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { InvokeResult } from "@lambdad/core";
import { rawRequest, waitFor } from "@lambdad/testkit";
import type { PageRenderer } from "./door-options.ts";
import { invokePath, request, requestHead, returned, startDoor } from "./door-fixture.test.ts";

const pages: ReadonlyMap<string, PageRenderer> = new Map<string, PageRenderer>([
  ["/health", () => ({ status: 503, contentType: "text/plain", body: "draining\n" })],
  ["/health/live", () => ({ status: 200, contentType: "text/plain", body: "ok\n" })],
  [
    "/metrics",
    async () => ({ status: 200, contentType: "text/plain; version=0.0.4", body: "a 1\n" }),
  ],
  ["/broken", () => Promise.reject(new Error("Cannot read /etc/secret"))],
]);

function get(path: string, method = "GET"): Buffer {
  return request(path, { method });
}

describe("InvokeDoor serves pages", () => {
  const rows = [
    ["/health", 503, "text/plain", "draining\n"],
    ["/health/live", 200, "text/plain", "ok\n"],
    ["/metrics", 200, "text/plain; version=0.0.4", "a 1\n"],
  ] as const;
  for (const [path, status, type, body] of rows) {
    test(`${path}, also while it drains`, async (t) => {
      const { send, door } = await startDoor(t, { pages });
      for (let round = 0; round < 2; round++) {
        const response = await send(get(path));
        assert.equal(response.status, status);
        assert.equal(response.headers["content-type"], type);
        assert.equal(response.headers["cache-control"], "no-store");
        assert.equal(response.body.toString(), body);
        door.drain();
      }
    });
  }

  test("HEAD without the body, other methods with 405, other paths with 404", async (t) => {
    const { connect, send } = await startDoor(t, { pages });
    const connection = await connect();
    connection.send(get("/metrics", "HEAD"));
    const head = await connection.readResponse({ head: true });
    assert.equal(head?.status, 200);
    assert.equal(head.headers["content-length"], "4");
    const post = await send(get("/metrics", "POST"));
    assert.equal(post.status, 405);
    assert.equal(post.headers["allow"], "GET, HEAD");
    assert.equal((await send(get("/metrics/x"))).status, 404);
    assert.equal((await send(get("/constructor"))).status, 404);
  });

  test("500 instead of a page that could not be made (HT-13)", async (t) => {
    const { send, failures } = await startDoor(t, { pages });
    const response = await send(get("/broken"));
    assert.equal(response.status, 500);
    assert.doesNotMatch(response.body.toString(), /secret/);
    assert.equal(failures.length, 1);
  });
});

describe("InvokeDoor stops", () => {
  test("with 503 to what comes, and answers to what runs (HT-12)", async (t) => {
    const { connect, invoker, door, rejections } = await startDoor(t);
    const result = Promise.withResolvers<InvokeResult>();
    invoker.script = () => result.promise;
    const running = await connect();
    running.send(request(invokePath));
    await waitFor(() => invoker.invocations.length === 1);
    door.drain();
    for (const bytes of [request(invokePath), request(invokePath, { body: "{}" })]) {
      const late = await connect();
      late.send(bytes);
      const refused = await late.readResponse();
      assert.equal(refused?.status, 503);
      assert.equal(refused.headers["x-amzn-errortype"], "ServiceException");
      assert.equal(refused.headers["retry-after"], "1");
      assert.equal(refused.headers["connection"], "close");
    }
    assert.deepEqual(rejections, ["503 ServiceUnavailable", "503 ServiceUnavailable"]);
    const closed = door.close();
    result.resolve(returned("done"));
    const response = await running.readResponse();
    assert.equal(response?.body.toString(), "done");
    assert.equal(response.headers["connection"], "close");
    await running.readToEnd();
    running.destroy();
    await closed;
    assert.equal(invoker.invocations.length, 1);
  });

  test("listening, once it is closed, and ends idle connections", async (t) => {
    const { connect, door, port } = await startDoor(t);
    const idle = await connect();
    idle.send(request(invokePath));
    await idle.readResponse();
    await door.close();
    await idle.readToEnd();
    await assert.rejects(rawRequest(port, request(invokePath)), { code: "ECONNREFUSED" });
  });

  test("at once when it is destroyed", async (t) => {
    const { connect, door, invoker } = await startDoor(t);
    const signals: AbortSignal[] = [];
    invoker.script = (_, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const connection = await connect();
    connection.send(request(invokePath));
    await waitFor(() => signals.length === 1);
    door.destroy();
    await connection.readToEnd();
    await waitFor(() => signals[0]?.aborted === true);
    await door.close();
  });

  test("with an error when its port is taken", async (t) => {
    const { port } = await startDoor(t);
    const other = await startDoor(t);
    await other.door.close();
    const { door } = await startDoor(t);
    await door.close();
    await assert.rejects(other.door.listen({ host: "127.0.0.1", port }), { code: "EADDRINUSE" });
  });
});

describe("InvokeDoor tells the invoker", () => {
  test("when the caller leaves, and then answers nobody (HT-1)", async (t) => {
    const { connect, invoker, rejections, door, failures } = await startDoor(t);
    invoker.script = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const connection = await connect();
    connection.send(request(invokePath));
    await waitFor(() => invoker.invocations.length === 1);
    connection.reset();
    await waitFor(() => rejections.length > 0);
    assert.deepEqual(rejections, ["499 CallerLeft"]);
    assert.deepEqual(failures, []);
    assert.equal(door.bodyBytesInFlight, 0);
  });

  test("nothing more of an invocation that ends after its caller left (HT-2)", async (t) => {
    const { connect, invoker, rejections, send, door } = await startDoor(t);
    const result = Promise.withResolvers<InvokeResult>();
    let gone: AbortSignal | undefined;
    invoker.script = (_, signal) => {
      gone = signal;
      return result.promise;
    };
    const connection = await connect();
    connection.send(request(invokePath, { body: "1" }));
    await waitFor(() => invoker.invocations.length === 1);
    connection.reset();
    await waitFor(() => gone?.aborted === true);
    assert.equal(door.bodyBytesInFlight, 1);
    result.resolve(returned("late"));
    await waitFor(() => door.bodyBytesInFlight === 0);
    assert.deepEqual(rejections, []);
    invoker.script = () => returned("next");
    assert.equal((await send(request(invokePath))).body.toString(), "next");
  });

  test("of no two callers' bytes in one event (INV-9)", async (t) => {
    const { connect, invoker } = await startDoor(t);
    const callers = await Promise.all(Array.from({ length: 16 }, connect));
    const bodies = callers.map((_, index) => JSON.stringify(`${index}`.repeat(1_000)));
    for (const [index, caller] of callers.entries()) {
      const headers = { "Content-Length": String(bodies[index]?.length) };
      caller.send(requestHead(invokePath, { headers }));
    }
    for (let offset = 0; offset < 3_000; offset += 500) {
      for (const [index, caller] of callers.entries()) {
        await caller.sendAll(bodies[index]?.slice(offset, offset + 500) ?? "");
      }
    }
    for (const [index, caller] of callers.entries()) {
      assert.equal((await caller.readResponse())?.body.toString(), bodies[index]);
    }
    assert.equal(invoker.invocations.length, 16);
  });
});
