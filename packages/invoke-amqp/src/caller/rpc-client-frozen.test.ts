import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { HostError } from "@lambdad/core";
import { type Broker, CollectingStream, startBroker, unusedPort } from "@lambdad/testkit";
import { parseBrokerUri } from "../broker/parse-broker-uri.ts";
import { connect } from "./connect.ts";
import { RpcClient } from "./rpc-client.ts";
import { RpcTimeoutError } from "./rpc-errors.ts";
import type { RpcCallOptions, RpcOptions } from "./rpc-options.ts";

let broker: Broker;
before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

/** Connected to a broker that does not answer any more, and of which nothing is heard: no heartbeat. */
async function connectAndFreeze(t: TestContext, options: RpcOptions = {}): Promise<RpcClient> {
  const rpc = await connect(`${broker.uri}?heartbeat=0&connection_timeout=500`, options);
  broker.pause();
  t.after(() => {
    broker.resume();
    rpc.destroy();
  });
  return rpc;
}

const timeoutMs = 200;
const body = Buffer.from("1");

/** What needs an answer of the broker before it is sent. */
const calls: readonly (readonly [
  what: string,
  call: (rpc: RpcClient, options: RpcCallOptions) => Promise<unknown>,
])[] = [
  ["stream()", (rpc, options) => rpc.stream("f", body, new CollectingStream(), options)],
  ["send()", (rpc, options) => rpc.sendBytes("f", body, options)],
];

describe("RpcClient, a broker that is frozen", { timeout: 60_000 }, () => {
  for (const [what, call] of calls) {
    test(`${what} ends in its own time (INV-6)`, async (t) => {
      const rpc = await connectAndFreeze(t, { profileOf: () => "durable" });
      const result = call(rpc, { timeoutMs });
      assert.equal(rpc.inFlight, 1);
      await assert.rejects(
        result,
        (error) => error instanceof RpcTimeoutError || error instanceof HostError,
      );
      assert.equal(rpc.inFlight, 0);
    });

    test(`${what} ends with the connection`, async (t) => {
      const rpc = await connectAndFreeze(t, { profileOf: () => "durable" });
      const result = call(rpc, { timeoutMs });
      rpc.destroy();
      await assert.rejects(
        result,
        (error) => error instanceof HostError && error.message.endsWith("was closed"),
      );
      assert.equal(rpc.inFlight, 0);
    });

    test(`${what} counts among the calls in flight (INV-8)`, async (t) => {
      const rpc = await connectAndFreeze(t, { profileOf: () => "durable", inFlightMax: 1 });
      const first = call(rpc, { timeoutMs });
      await assert.rejects(
        call(rpc, { timeoutMs }),
        (error) => error instanceof HostError && error.code === "TooManyRequestsException",
      );
      await assert.rejects(first);
    });

    test(`${what} ends when its caller leaves`, async (t) => {
      const rpc = await connectAndFreeze(t, { profileOf: () => "durable" });
      const leaving = new AbortController();
      const result = call(rpc, { timeoutMs, signal: leaving.signal });
      leaving.abort(new Error("left"));
      await assert.rejects(result, /left/);
      assert.equal(rpc.inFlight, 0);
    });
  }

  test("exists() ends in time (INV-6)", async (t) => {
    const rpc = await connectAndFreeze(t);
    await assert.rejects(
      rpc.exists("f"),
      (error) => error instanceof HostError && error.code === "ServiceUnavailable",
    );
  });
});

test("RpcClient.send() says of an event that was never sent that the broker was away", async (t) => {
  const rpc = new RpcClient(parseBrokerUri(`amqp://127.0.0.1:${await unusedPort()}`));
  t.after(() => rpc.destroy());
  await rpc.start("background");
  await assert.rejects(
    rpc.sendBytes("f", body, { timeoutMs: 20 }),
    (error) => error instanceof HostError && error.message.endsWith("is not connected"),
  );
});
