import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { TelemetrySink, unusedPort } from "@lambdad/testkit";
import { HttpDestination, type HttpDestinationOptions } from "./http-destination.ts";

const event = '{"time":"t","type":"function","record":"x\\n"}';

function destinationOf(
  t: TestContext,
  port: number,
  options: Partial<HttpDestinationOptions> = {},
): HttpDestination {
  const destination = new HttpDestination({
    host: "127.0.0.1",
    port,
    authority: `sandbox.localdomain:${port}`,
    path: "/path?a=b",
    method: "POST",
    ...options,
  });
  t.after(() => destination.close());
  return destination;
}

async function sinkOf(t: TestContext): Promise<TelemetrySink> {
  const sink = await new TelemetrySink("HTTP").start();
  t.after(() => sink.stop());
  return sink;
}

/** A server that answers the head of every request with these bytes, and closes if it shall. */
async function rawServer(t: TestContext, answer: string, closes: boolean): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      if (closes) socket.end(answer);
      else socket.write(answer);
    });
    t.after(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe("HttpDestination", () => {
  test("sends a batch as a JSON array to the path and the host that were subscribed", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    assert.deepEqual(await destination.deliver([event, event]), { kind: "delivered" });
    const [batch] = sink.batches;
    assert.ok(batch !== undefined);
    assert.deepEqual(batch.records, [JSON.parse(event), JSON.parse(event)]);
    assert.equal(batch.method, "POST");
    assert.equal(batch.path, "/path?a=b");
    assert.equal(batch.headers["host"], `sandbox.localdomain:${sink.port}`);
    assert.equal(batch.headers["content-type"], "application/json");
    assert.equal(batch.headers["content-length"], String(batch.bytes));
  });

  test("uses PUT when that was subscribed", async (t) => {
    const sink = await sinkOf(t);
    await destinationOf(t, sink.port, { method: "PUT" }).deliver([event]);
    assert.equal(sink.batches[0]?.method, "PUT");
  });

  test("keeps its connection", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    for (let i = 0; i < 5; i += 1) await destination.deliver([event]);
    assert.equal(sink.batches.length, 5);
    assert.equal(sink.connections, 1);
  });

  test("opens another connection when the other side has closed the kept one", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    await destination.deliver([event]);
    await sink.stop();
    await sink.start();
    assert.deepEqual(await destination.deliver([event]), { kind: "delivered" });
    assert.equal(sink.batches.length, 2);
  });

  for (const status of [200, 202, 204, 302, 399]) {
    test(`takes ${status} for delivered`, async (t) => {
      const sink = await sinkOf(t);
      sink.answer(status);
      assert.deepEqual(await destinationOf(t, sink.port).deliver([event]), { kind: "delivered" });
    });
  }

  for (const status of [408, 429, 500, 503]) {
    test(`may try again after ${status} (EX-5)`, async (t) => {
      const sink = await sinkOf(t);
      sink.answer(status);
      const outcome = await destinationOf(t, sink.port).deliver([event]);
      assert.deepEqual(outcome, { kind: "failed", reason: `HTTP status ${status}` });
    });
  }

  for (const status of [400, 404, 413]) {
    test(`gives a batch up after ${status}`, async (t) => {
      const sink = await sinkOf(t);
      sink.answer(status);
      const outcome = await destinationOf(t, sink.port).deliver([event]);
      assert.deepEqual(outcome, { kind: "refused", reason: `HTTP status ${status}` });
    });
  }

  test("may try again when nobody listens (EX-5)", async (t) => {
    const outcome = await destinationOf(t, await unusedPort()).deliver([event]);
    assert.equal(outcome.kind, "failed");
    assert.match(JSON.stringify(outcome), /ECONNREFUSED/);
  });

  test("may try again when the connection is lost without an answer (EX-5)", async (t) => {
    const sink = await sinkOf(t);
    sink.answer("reset");
    const outcome = await destinationOf(t, sink.port).deliver([event]);
    assert.equal(outcome.kind, "failed");
  });

  test("may try again when a kept connection is lost twice, and says so", async (t) => {
    const sink = await sinkOf(t);
    sink.answer(200, "reset", "reset");
    const destination = destinationOf(t, sink.port);
    await destination.deliver([event]);
    assert.equal((await destination.deliver([event])).kind, "failed");
    assert.equal(sink.batches.length, 3);
  });

  test("does not wait for ever for an answer (EX-5)", async (t) => {
    const sink = await sinkOf(t);
    sink.answer("hang");
    const limits = { connectMs: 10_000, answerMs: 20 };
    const outcome = await destinationOf(t, sink.port, { limits }).deliver([event]);
    assert.deepEqual(outcome, { kind: "failed", reason: "no answer within 20 ms" });
  });

  test("counts an answer that breaks off after its status", async (t) => {
    const port = await rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true);
    assert.deepEqual(await destinationOf(t, port).deliver([event]), { kind: "delivered" });
  });

  test("counts an answer that does not come to its end, after the limit", async (t) => {
    const port = await rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false);
    const limits = { connectMs: 10_000, answerMs: 20 };
    const outcome = await destinationOf(t, port, { limits }).deliver([event]);
    assert.deepEqual(outcome, { kind: "delivered" });
  });

  test("reads no more than the beginning of a long answer", async (t) => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n${"x".repeat(100_000)}`;
    const port = await rawServer(t, answer, false);
    assert.deepEqual(await destinationOf(t, port).deliver([event]), { kind: "delivered" });
  });

  test("may try again after an answer that is no HTTP", async (t) => {
    const port = await rawServer(t, "SSH-2.0-OpenSSH\r\n", true);
    assert.equal((await destinationOf(t, port).deliver([event])).kind, "failed");
  });

  test("close() ends a delivery that is under way, and the next ones", async (t) => {
    const sink = await sinkOf(t);
    sink.answer("hang");
    const destination = destinationOf(t, sink.port);
    const running = destination.deliver([event]);
    await sink.waitForBatches(1);
    destination.close();
    assert.equal((await running).kind, "failed");
    assert.equal((await destination.deliver([event])).kind, "failed");
  });
});
