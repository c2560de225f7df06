import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { HostError, payloadText } from "@lambdad/core";
import { brokerUri, waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  atEnd,
  DoorFixture,
  failed,
  Gate,
  returned,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import { connect } from "../caller/connect.ts";
import {
  field,
  longString,
  propertyFlags,
  RawPublisher,
  table,
} from "../testdata/raw-publisher.ts";

type DurableQueue = FunctionQueue & { readonly profile: "durable" | "quorum" };

/** A durable queue, and a dead-letter queue for it; both go with the test. */
function durableQueue(
  t: TestContext,
  peer: AmqpPeer,
  options: Omit<FunctionQueue, "name"> & Pick<DurableQueue, "profile">,
): DurableQueue & { readonly deadLetterQueue: string } {
  const name = uniqueName(options.profile);
  const deadLetterQueue = `${name}.dead`;
  const delays = [100, 200, 1_000].map((ms) => `${name}.retry.${ms}`);
  atEnd(t, () => peer.remove(name, deadLetterQueue, ...delays));
  return { name, deadLetterQueue, ...options };
}

function isThrottle(error: unknown): boolean {
  return error instanceof HostError && error.code === "TooManyRequestsException";
}

describe("AmqpDoor, events", () => {
  test("one that fails on a transient queue is over, and answered to nobody (§11)", async (t) => {
    const fixture = await DoorFixture.start(t);
    fixture.invoker.script = () => failed('{"errorType":"Oddity"}', "Oddity");
    const peer = await AmqpPeer.connect(t);
    // The Python hosts would publish to this name.
    const headers = { "x-amqp-0-9-1.subject": peer.replyTo };
    peer.publish(fixture.queue, "1", { headers });
    await waitFor(() => fixture.eventsFailed.length === 1);
    assert.deepEqual(fixture.eventsFailed, [["Oddity", false]]);
    fixture.invoker.script = ({ payload }) => returned(payload);
    await peer.request(fixture.queue, "2");
    assert.equal(peer.replies.length, 1);
    assert.equal(fixture.invoker.invocations.length, 2);
  });

  for (const profile of ["durable", "quorum"] as const) {
    test(`one that fails on a ${profile} queue comes again under its id, then goes to the dead letters (AM-13, AM-14)`, async (t) => {
      const peer = await AmqpPeer.connect(t);
      const queue = durableQueue(t, peer, { profile });
      const fixture = await DoorFixture.start(t, { queue, eventRetryDelaysMs: [100, 200] });
      fixture.invoker.script = () => failed("{}", "Oddity");
      const options = { persistent: true, headers: { "X-Own": "kept", "X-Lambda-Attempt": 7 } };
      peer.publish(queue.name, '{"a":1}', { ...options, contentType: "text/plain" });
      await waitFor(() => fixture.eventsFailed.length === 1);
      assert.deepEqual(fixture.eventsFailed, [["Oddity", true]]);
      const { invocations } = fixture.invoker;
      assert.equal(invocations.length, 3);
      assert.equal(new Set(invocations.map(({ requestId }) => requestId)).size, 1);
      assert.deepEqual(
        invocations.map(({ payload }) => payloadText(payload)),
        Array(3).fill('{"a":1}'),
      );
      await waitFor(async () => (await peer.ready(queue.deadLetterQueue)) === 1);
      const dead = await peer.channel.get(queue.deadLetterQueue, { noAck: true });
      assert.ok(dead !== false);
      assert.equal(dead.content.toString(), '{"a":1}');
      assert.equal(dead.properties.contentType, "text/plain");
      assert.equal(dead.properties.deliveryMode, 2);
      const headers = { ...dead.properties.headers };
      assert.equal(headers["X-Own"], "kept");
      assert.equal(headers["X-Lambda-Attempt"], "2");
      await fixture.door.stop(1_000);
      assert.equal(await peer.ready(queue.name), 0);
      assert.equal(await peer.ready(`${queue.name}.retry.100`), 0);
      assert.equal(await peer.ready(`${queue.name}.retry.200`), 0);
      assert.deepEqual(fixture.faults, []);
    });
  }

  test("one that fails is tried no more often than it is allowed, and dropped without a dead-letter queue", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const { name } = durableQueue(t, peer, { profile: "durable" });
    const queue = { name, profile: "durable" } as const;
    const fixture = await DoorFixture.start(t, {
      queue,
      eventRetriesMax: 1,
      eventRetryDelaysMs: [100, 100],
    });
    fixture.invoker.script = () => failed("{}", "Oddity");
    peer.publish(name, "1", { persistent: true });
    await waitFor(() => fixture.eventsFailed.length === 1);
    assert.deepEqual(fixture.eventsFailed, [["Oddity", false]]);
    assert.equal(fixture.invoker.invocations.length, 2);
    await fixture.door.stop(1_000);
    assert.equal(await peer.ready(name), 0);
  });

  test("a fault of the host is no attempt (AS-3)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "durable" });
    const fixture = await DoorFixture.start(t, { queue, eventRetriesMax: 0 });
    fixture.invoker.script = () => {
      if (fixture.invoker.invocations.length > 2) return returned("1");
      return Promise.reject(new HostError("ServiceUnavailable", "away"));
    };
    peer.publish(queue.name, "1", { persistent: true });
    await waitFor(() => fixture.invoker.invocations.length === 3);
    assert.deepEqual(fixture.refused, ["ServiceUnavailable", "ServiceUnavailable"]);
    assert.deepEqual(fixture.eventsFailed, []);
    await fixture.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
    assert.equal(await peer.ready(queue.deadLetterQueue), 0);
  });

  test("one whose copy for later cannot be written goes to the dead letters (INV-2)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "durable" });
    const fixture = await DoorFixture.start(t, { queue, eventRetryDelaysMs: [100, 200] });
    fixture.invoker.script = () => failed("{}", "Oddity");
    // More than the client library writes, and the broker takes.
    const long = field("S", longString(Buffer.alloc(100_000, "x")));
    const raw = await RawPublisher.connect(t);
    await raw.publish(queue.name, propertyFlags.headers, [table(["long", long])], "1");
    await waitFor(async () => (await peer.ready(queue.deadLetterQueue)) === 1);
    assert.deepEqual(fixture.eventsFailed, [["Oddity", true]]);
    assert.deepEqual(
      fixture.faults.map(({ event }) => event),
      ["reply.dropped"],
    );
    await fixture.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
  });

  test("one that comes again is kept when the queue for it has been deleted meanwhile (AM-10, INV-2)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "durable" });
    const fixture = await DoorFixture.start(t, { queue, eventRetryDelaysMs: [100, 200] });
    fixture.invoker.script = () => failed("{}", "Oddity");
    for (const event of ["1", "2"]) {
      peer.publish(queue.name, event, { persistent: true });
      await waitFor(async () => (await peer.ready(queue.deadLetterQueue)) === Number(event));
      // The host has declared them, and believes that they are there.
      await peer.remove(`${queue.name}.retry.100`, `${queue.name}.retry.200`);
    }
    assert.equal(fixture.invoker.invocations.length, 6);
    assert.equal(fixture.eventsFailed.length, 2);
  });

  const hopeless: readonly (readonly [
    what: string,
    body: Buffer,
    headers: object,
    type: string,
  ])[] = [
    [
      "a client context that is none",
      Buffer.from("1"),
      { "X-Amz-Client-Context": "%" },
      "Runtime.LambdaContextUnmarshalError",
    ],
    ["more than 1 MiB", Buffer.alloc(1_048_577, " "), {}, "RequestTooLargeException"],
  ];
  for (const [what, body, headers, errorType] of hopeless) {
    test(`one with ${what} goes to the dead letters unrun`, async (t) => {
      const peer = await AmqpPeer.connect(t);
      const queue = durableQueue(t, peer, { profile: "durable" });
      const fixture = await DoorFixture.start(t, { queue });
      peer.publish(queue.name, body, { persistent: true, headers });
      await waitFor(async () => (await peer.ready(queue.deadLetterQueue)) === 1);
      assert.deepEqual(fixture.eventsFailed, [[errorType, true]]);
      assert.equal(fixture.invoker.invocations.length, 0);
    });
  }

  test("one that ends its host each time goes to the dead letters at the delivery limit (AM-12)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "quorum", deliveryLimit: 2 });
    let runs = 0;
    const host = async (): Promise<void> => {
      const { door, invoker } = new DoorFixture(await brokerUri(), { queue });
      atEnd(t, () => door.kill());
      invoker.script = async () => {
        // It may come before the start has ended.
        await started;
        runs += 1;
        door.kill();
        return new Promise(() => {});
      };
      const started = door.start("required");
      await started;
    };
    await host();
    peer.publish(queue.name, "poison", { persistent: true });
    for (let killed = 1; killed <= 3; killed += 1) {
      await waitFor(() => runs === killed);
      if (killed < 3) await host();
    }
    await waitFor(async () => (await peer.ready(queue.deadLetterQueue)) === 1);
    const dead = await peer.channel.get(queue.deadLetterQueue, { noAck: true });
    assert.ok(dead !== false);
    const [death] = dead.properties.headers?.["x-death"] ?? [];
    assert.equal(death?.reason, "delivery_limit");
  });

  test("one that was delivered before runs again where calls run at most once (AM-9)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "durable" });
    const first = await DoorFixture.start(t, { queue, redelivered: "refuse" });
    first.invoker.script = () => new Promise(() => {});
    peer.publish(queue.name, "1", { persistent: true });
    await waitFor(() => first.invoker.invocations.length === 1);
    first.door.kill();
    const second = await DoorFixture.start(t, { queue, redelivered: "refuse" });
    await waitFor(() => second.invoker.invocations.length === 1);
    assert.deepEqual(second.refused, []);
    await second.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
  });
});

describe("AmqpDoor, queues", () => {
  const declared = [
    [{ profile: "durable" }, { "x-queue-type": "classic" }],
    [{ profile: "quorum" }, { "x-queue-type": "quorum", "x-delivery-limit": 5 }],
    [
      { profile: "durable", messageTtlMs: 60_000, lengthMax: 3 },
      {
        "x-queue-type": "classic",
        "x-message-ttl": 60_000,
        "x-max-length": 3,
        "x-overflow": "reject-publish",
      },
    ],
  ] as const;
  for (const [options, expected] of declared) {
    test(`of ${JSON.stringify(options)} are declared with their arguments (§16, AM-12)`, async (t) => {
      const peer = await AmqpPeer.connect(t);
      const { name } = durableQueue(t, peer, options);
      await DoorFixture.start(t, { queue: { name, ...options } });
      // The broker refuses a declaration that differs.
      await peer.channel.assertQueue(name, {
        durable: true,
        autoDelete: false,
        arguments: expected,
      });
    });
  }

  test("with dead letters hand them over at least once, from quorum to quorum (AM-13)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const queue = durableQueue(t, peer, { profile: "quorum" });
    await DoorFixture.start(t, { queue });
    await peer.channel.assertQueue(queue.name, {
      durable: true,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 5,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue.deadLetterQueue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
      },
    });
    const flags = { durable: true, arguments: { "x-queue-type": "quorum" } };
    await peer.channel.assertQueue(queue.deadLetterQueue, flags);
  });

  test("that are full refuse calls and events with 429 (AM-11)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const { name } = durableQueue(t, peer, { profile: "durable" });
    const queue = { name, profile: "durable", lengthMax: 2 } as const;
    const { door } = await DoorFixture.start(t, { queue });
    await door.stop(0);
    const rpc = await connect(await brokerUri(), { profileOf: () => "durable" });
    t.after(() => rpc.close());
    await rpc.send(name, 1);
    await rpc.send(name, 2);
    await assert.rejects(rpc.send(name, 3), isThrottle);
    await assert.rejects(rpc.invoke(name, 4), isThrottle);
    assert.equal(await peer.ready(name), 2);
  });

  test("are consumed with a priority: the lower gets what the higher has no room for (§16.7)", async (t) => {
    const preferred = await DoorFixture.start(t, {
      queue: { name: uniqueName(), consumerPriority: 5 },
    });
    const spare = await DoorFixture.start(t, { queue: { name: preferred.queue } });
    const gate = new Gate();
    const peer = await AmqpPeer.connect(t);
    for (let index = 0; index < 10; index += 1) {
      // One after the other: each finds room.
      assert.equal((await peer.request(preferred.queue, "1")).content.toString(), "1");
    }
    assert.equal(spare.invoker.invocations.length, 0);
    preferred.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const held = peer.request(preferred.queue, "held");
    await waitFor(() => preferred.invoker.invocations.length === 11);
    await peer.request(preferred.queue, "2");
    assert.equal(spare.invoker.invocations.length, 1);
    gate.open();
    await held;
  });
});

describe("RpcClient.send()", () => {
  test("resolves when a durable queue has the event, persistent and under an id (INV-1, AM-5)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const { name } = durableQueue(t, peer, { profile: "durable" });
    const { door } = await DoorFixture.start(t, { queue: { name, profile: "durable" } });
    await door.stop(0);
    const rpc = await connect(await brokerUri(), { profileOf: () => "durable" });
    t.after(() => rpc.close());
    await Promise.all(Array.from({ length: 100 }, (_, index) => rpc.send(name, index)));
    assert.equal(await peer.ready(name), 100);
    const message = await peer.channel.get(name, { noAck: true });
    assert.ok(message !== false);
    assert.equal(message.properties.deliveryMode, 2);
    assert.equal(message.properties.replyTo, undefined);
    assert.equal(message.properties.expiration, undefined);
    // The same at each delivery (AM-9).
    assert.match(String(message.properties.headers?.["X-Amzn-Requestid"]), /^[0-9a-f-]{36}$/);
    assert.equal(rpc.inFlight, 0);
  });

  test("refuses an event for a queue that is not what its profile says (INV-1)", async (t) => {
    const { door, queue } = await DoorFixture.start(t);
    const rpc = await connect(await brokerUri(), { profileOf: () => "durable" });
    t.after(() => rpc.close());
    await assert.rejects(
      rpc.send(queue, 1),
      (error) =>
        error instanceof HostError &&
        error.code === "ServiceUnavailable" &&
        error.message.includes("was not declared with the profile 'durable'"),
    );
    assert.equal(await rpc.invoke(queue, 2), 2);
    assert.equal(door.state.kind, "up");
  });

  test("takes a quorum queue with arguments of its own for what it is", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const { name } = durableQueue(t, peer, { profile: "quorum" });
    const queue = { name, profile: "quorum", messageTtlMs: 60_000, deliveryLimit: 3 } as const;
    const { invoker } = await DoorFixture.start(t, { queue });
    const rpc = await connect(await brokerUri(), { profileOf: () => "quorum" });
    t.after(() => rpc.close());
    await rpc.send(name, 1);
    await waitFor(() => invoker.invocations.length === 1);
  });
});
