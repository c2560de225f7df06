import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import { AmqpProxy, type AmqpProxyOptions } from "./amqp-proxy.test.ts";
import { DoorFixture } from "../testdata/broker-fixture.ts";
import { connect } from "../caller/connect.ts";

const brokers: readonly (readonly [what: string, AmqpProxyOptions, refusals: number])[] = [
  ["that calls itself 4.3", { version: ["3.10.8", "4.3.10"] }, 0],
  ["that refuses transient queues", { refusesTransient: true }, 1],
  [
    "of 4.3 that refuses transient queues",
    { version: ["3.10.8", "4.3.10"], refusesTransient: true },
    0,
  ],
];

describe("a broker of 4.3 or later (vector 10, AM-18)", () => {
  for (const [what, options, refusals] of brokers) {
    test(`one ${what} has a durable function queue and an exclusive reply queue`, async (t) => {
      const proxy = await AmqpProxy.start(t, await brokerUri(), options);
      const { queue, faults } = await DoorFixture.start(t, { uri: proxy.uri });
      const rpc = await connect(proxy.uri);
      assert.equal(await rpc.invoke(queue, 1), 1);
      await rpc.close();
      assert.equal(proxy.refusals, refusals);
      const last = proxy.declared.findLast((each) => each.queue === queue);
      const flags = { passive: false, durable: true, exclusive: false, autoDelete: true };
      assert.deepEqual(last, { queue, ...flags });
      assert.ok(
        proxy.declared.every((each) => each.durable || each.exclusive || each.queue === queue),
      );
      assert.deepEqual(faults, []);
    });
  }

  test("one of 3.10 has what the existing projects declare (§3)", async (t) => {
    const proxy = await AmqpProxy.start(t, await brokerUri());
    const { queue } = await DoorFixture.start(t, { uri: proxy.uri });
    const flags = { passive: false, durable: false, exclusive: false, autoDelete: true };
    assert.deepEqual(proxy.declared, [{ queue, ...flags }]);
  });
});
