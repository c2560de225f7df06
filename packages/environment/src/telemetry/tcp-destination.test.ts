import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { TelemetrySink, unusedPort, waitFor } from "@lambdad/testkit";
import type { DeliveryLimits } from "./destination.ts";
import { TcpDestination } from "./tcp-destination.ts";

const event = '{"time":"t","type":"function","record":"x\\n"}';

function destinationOf(t: TestContext, port: number, limits?: DeliveryLimits): TcpDestination {
  const options = { host: "127.0.0.1", port };
  const destination = new TcpDestination(limits === undefined ? options : { ...options, limits });
  t.after(() => destination.close());
  return destination;
}

async function sinkOf(t: TestContext): Promise<TelemetrySink> {
  const sink = await new TelemetrySink("TCP").start();
  t.after(() => sink.stop());
  return sink;
}

describe("TcpDestination", () => {
  test("writes a line for each event, over one connection", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    assert.deepEqual(await destination.deliver([event, event]), { kind: "delivered" });
    assert.deepEqual(await destination.deliver([event]), { kind: "delivered" });
    await sink.waitFor("function", 3);
    assert.deepEqual(sink.records[2], JSON.parse(event));
    assert.deepEqual(sink.breaches, []);
    assert.equal(sink.connections, 1);
  });

  test("opens another connection when the first was closed", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    await destination.deliver([event]);
    await sink.waitFor("function", 1);
    await sink.stop();
    await sink.start();
    // The end of the first connection is seen in a later turn.
    await waitFor(async () => {
      await destination.deliver([event]);
      return sink.connections === 2;
    });
    await sink.waitFor("function", 2);
  });

  test("may try again when nobody listens, also later (EX-5)", async (t) => {
    const port = await unusedPort();
    const destination = destinationOf(t, port);
    for (let i = 0; i < 2; i += 1) {
      const outcome = await destination.deliver([event]);
      assert.equal(outcome.kind, "failed");
      assert.match(JSON.stringify(outcome), /ECONNREFUSED/);
    }
  });

  test("does not wait for ever for a subscriber that does not read (EX-5)", async (t) => {
    const sink = await sinkOf(t);
    sink.pause();
    const destination = destinationOf(t, sink.port, { connectMs: 10_000, answerMs: 50 });
    const large = Array.from({ length: 64 }, () => JSON.stringify("x".repeat(262_144)));
    const outcome = await destination.deliver(large);
    assert.deepEqual(outcome, { kind: "failed", reason: "no progress within 50 ms" });
  });

  test("may try again when the connection is lost on the way (EX-5)", async (t) => {
    const sink = await sinkOf(t);
    sink.pause();
    const destination = destinationOf(t, sink.port);
    const large = Array.from({ length: 64 }, () => JSON.stringify("x".repeat(262_144)));
    const running = destination.deliver(large);
    await waitFor(() => sink.connections === 1);
    await sink.stop();
    assert.equal((await running).kind, "failed");
  });

  test("close() ends a delivery that is under way, and the next ones", async (t) => {
    const sink = await sinkOf(t);
    sink.pause();
    const destination = destinationOf(t, sink.port);
    const large = Array.from({ length: 64 }, () => JSON.stringify("x".repeat(262_144)));
    const running = destination.deliver(large);
    await waitFor(() => sink.connections === 1);
    destination.close();
    assert.equal((await running).kind, "failed");
    assert.equal((await destination.deliver([event])).kind, "failed");
  });

  test("close() loses nothing of what was delivered", async (t) => {
    const sink = await sinkOf(t);
    const destination = destinationOf(t, sink.port);
    await destination.deliver([event, event]);
    destination.close();
    await sink.waitFor("function", 2);
  });
});
