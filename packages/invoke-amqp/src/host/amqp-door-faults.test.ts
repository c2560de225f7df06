import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { type Broker, startBroker, unusedPort, waitFor } from "@lambdad/testkit";
import type { AmqpDoorOptions } from "./amqp-door-options.ts";
import {
  AmqpPeer,
  closeConnectionsOf,
  DoorFixture,
  errorOf,
  Gate,
  returned,
  textOfBody,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import { BrokerError } from "../broker/broker-error.ts";

let broker: Broker;
before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

function startDoor(t: TestContext, options: Partial<AmqpDoorOptions> = {}): Promise<DoorFixture> {
  return DoorFixture.start(t, { uri: broker.uri, ...options });
}

describe("AmqpDoor.start()", () => {
  test("fails with host, port and reason when the attempts are used up (AM-1)", async (t) => {
    const port = await unusedPort();
    const uri = `amqp://u:secret@127.0.0.1:${port}?connection_attempts=3&retry_delay=0.05`;
    const fixture = new DoorFixture(uri);
    t.after(() => fixture.door.kill());
    await assert.rejects(fixture.door.start("required"), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.equal(error.kind, "unreachable");
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*ECONNREFUSED`));
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    assert.deepEqual(
      fixture.faults.map(({ message }) => /attempt \d of \d/.exec(message)?.[0]),
      ["attempt 1 of 3", "attempt 2 of 3"],
    );
    assert.equal(fixture.door.state.kind, "closed");
  });

  const refusals: readonly (readonly [what: string, user: string, path: string])[] = [
    ["wrong credentials", "guest:secret", "/"],
    ["a missing virtual host", "guest:guest", "/missing"],
  ];
  for (const [what, user, path] of refusals) {
    for (const mode of ["required", "background"] as const) {
      test(`fails at once for ${what}, ${mode}, without the password (AM-21)`, async (t) => {
        const attempts = "connection_attempts=100&retry_delay=60";
        const uri = `amqp://${user}@127.0.0.1:${broker.port}${path}?${attempts}`;
        const fixture = new DoorFixture(uri);
        t.after(() => fixture.door.kill());
        await assert.rejects(fixture.door.start(mode), (error) => {
          assert.ok(error instanceof BrokerError);
          assert.equal(error.kind, "refused");
          assert.ok(error.message.includes(`127.0.0.1:${broker.port}`), error.message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        });
      });
    }
  }

  test("goes on trying in the background until there is a broker (AM-1)", async (t) => {
    await broker.stopApp();
    const fixture = new DoorFixture(broker.uri);
    t.after(() => fixture.door.kill());
    try {
      await fixture.door.start("background");
      assert.equal(fixture.door.state.kind, "connecting");
    } finally {
      await broker.startApp();
    }
    await waitFor(() => fixture.door.state.kind === "up", { timeoutMs: 30_000 });
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    assert.equal(textOfBody(await peer.request(fixture.queue, "1")), "1");
  });
});

describe("AmqpDoor, lost connections", () => {
  test("what runs goes on, its reply leaves on the new connection, and nothing is acknowledged there that is not of it (AM-2, AM-4, AM-9)", async (t) => {
    const fixture = await startDoor(t);
    const { queue, invoker } = fixture;
    const gate = new Gate();
    invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    // A second consumer holds the queue, and takes nothing while ours has room.
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    await peer.channel.prefetch(1);
    const options = { arguments: { "x-priority": -10 } };
    await peer.channel.consume(queue, () => undefined, options);
    peer.publish(queue, '"held"', { replyTo: peer.replyTo, correlationId: "1" });
    await waitFor(() => invoker.invocations.length === 1);
    assert.equal(await closeConnectionsOf(broker, queue), 2);
    await waitFor(() => fixture.consuming === 2, { timeoutMs: 20_000 });
    gate.open();
    await waitFor(() => peer.replies.length >= 1, { timeoutMs: 20_000 });
    assert.equal(textOfBody(peer.replies[0]!), '"held"');
    assert.equal(fixture.door.state.kind, "up");
    assert.ok(fixture.states.includes("connecting"));
    // No channel was closed over an unknown delivery tag.
    const codes = fixture.faults
      .map(({ message }) => message)
      .filter((text) => text.includes("406"));
    assert.deepEqual(codes, []);
  });

  test("a request that was delivered before runs again (AM-9)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const fixture = await startDoor(t, { queue });
    const gate = new Gate();
    fixture.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    peer.publish(queue.name, "1", { replyTo: peer.replyTo, correlationId: "1" });
    await waitFor(() => fixture.invoker.invocations.length === 1);
    await closeConnectionsOf(broker, queue.name);
    await waitFor(() => fixture.redelivered === 1, { timeoutMs: 20_000 });
    gate.open();
    await waitFor(() => peer.replies.length === 2, { timeoutMs: 20_000 });
    await fixture.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
  });

  test("a request that was delivered before is refused unrun where the function runs at most once (AM-9, INV-3)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const fixture = await startDoor(t, { queue, redelivered: "refuse" });
    fixture.invoker.script = () => new Promise(() => {});
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const call = peer.request(queue.name, "1");
    await waitFor(() => fixture.invoker.invocations.length === 1);
    await closeConnectionsOf(broker, queue.name);
    const reply = await call;
    assert.equal(errorOf(reply).errorType, "ServiceException");
    assert.equal(reply.properties.headers?.["X-Lambda-Error-Class"], "service");
    assert.equal(fixture.invoker.invocations.length, 1);
  });

  test("a redelivered request whose caller has left is dropped unrun (AM-9)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const first = await startDoor(t, { queue });
    first.invoker.script = () => new Promise(() => {});
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const headers = { "X-Lambda-Deadline-Ms": String(Date.now() + 300) };
    peer.publish(queue.name, "1", { replyTo: peer.replyTo, correlationId: "1", headers });
    await waitFor(() => first.invoker.invocations.length === 1);
    await waitFor(() => Date.now() > Number(headers["X-Lambda-Deadline-Ms"]));
    first.door.kill();
    const second = await startDoor(t, { queue });
    await waitFor(() => second.refused.length === 1);
    assert.deepEqual(second.refused, ["expired"]);
    assert.equal(second.invoker.invocations.length, 0);
    await second.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
  });

  test("persistent requests of a durable queue survive the broker's kill (AM-5)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const fixture = await startDoor(t, { queue });
    const gate = new Gate();
    const events = new Set<string>();
    fixture.invoker.script = async ({ payload }) => {
      await gate.opened;
      events.add(Buffer.concat(payload.chunks).toString());
      return returned("1");
    };
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const confirms = await peer.connection.createConfirmChannel();
    confirms.on("error", () => undefined);
    for (let index = 0; index < 20; index += 1) {
      confirms.publish("", queue.name, Buffer.from(String(index)), { persistent: true });
    }
    await confirms.waitForConfirms();
    await broker.kill();
    await waitFor(() => fixture.door.state.kind === "connecting");
    gate.open();
    await broker.start();
    await waitFor(() => events.size === 20, { timeoutMs: 30_000 });
    await waitFor(async () => {
      const state = (await broker.queues()).find(({ name }) => name === queue.name);
      return state?.ready === 0 && state.unacknowledged === 0;
    });
  });
});

describe("AmqpDoor, faults of a queue or a channel", () => {
  const profiles = [
    ["compat", "warn"],
    ["durable", "error"],
  ] as const;
  for (const [profile, level] of profiles) {
    test(`a ${profile} queue that is deleted is declared and consumed again (AM-8)`, async (t) => {
      const queue = { name: uniqueName(), profile };
      const fixture = await startDoor(t, { queue });
      assert.equal(await broker.deleteQueue(queue.name), true);
      await waitFor(() => fixture.consuming === 2);
      const [fault] = fixture.faults;
      assert.equal(fault?.event, "queue.deleted");
      assert.equal(fault.level, level);
      assert.equal(fault.queue, queue.name);
      const peer = await AmqpPeer.connect(t, { uri: broker.uri });
      assert.equal(textOfBody(await peer.request(queue.name, "1")), "1");
      assert.equal(fixture.door.state.kind, "up");
    });
  }

  test("a channel that the broker closes is made anew; code and text are told, others are not affected (AM-7, AM-15)", async (t) => {
    const set = (tickMs: number, limitMs: number): Promise<unknown> =>
      broker.evaluate(
        `application:set_env(rabbit, channel_tick_interval, ${tickMs}), application:set_env(rabbit, consumer_timeout, ${limitMs})`,
      );
    await set(200, 500);
    t.after(() => set(60_000, 1_800_000));
    const fixture = await startDoor(t);
    const other = await startDoor(t);
    const gate = new Gate();
    fixture.invoker.script = async ({ payload }) => {
      if (fixture.invoker.invocations.length === 1) await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    peer.publish(fixture.queue, "1", { replyTo: peer.replyTo, correlationId: "1" });
    await waitFor(() => fixture.faults.length > 0, { timeoutMs: 20_000 });
    assert.match(fixture.faults[0]?.message ?? "", /406.*PRECONDITION_FAILED/);
    await waitFor(() => fixture.consuming === 2, { timeoutMs: 20_000 });
    assert.equal(textOfBody(await peer.request(fixture.queue, "2")), "2");
    assert.equal(textOfBody(await peer.request(other.queue, "3")), "3");
    assert.deepEqual(other.faults, []);
    gate.open();
  });

  test("a queue with other flags is consumed as it is, and that is told (§3.1)", async (t) => {
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const name = uniqueName();
    await peer.channel.assertQueue(name, { durable: true, arguments: { "x-max-length": 7 } });
    const fixture = await startDoor(t, { queue: { name } });
    assert.equal(textOfBody(await peer.request(name, "1")), "1");
    assert.deepEqual(
      fixture.faults.map(({ event, queue }) => [event, queue]),
      [["queue.mismatch", name]],
    );
  });

  test("a memory alarm holds the reply back, and nothing else (AM-6)", async (t) => {
    const fixture = await startDoor(t);
    const gate = new Gate();
    fixture.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const call = peer.request(fixture.queue, "1");
    await waitFor(() => fixture.invoker.invocations.length === 1);
    await broker.setMemoryAlarm(true);
    try {
      gate.open();
      await waitFor(() => fixture.door.state.kind === "blocked");
    } finally {
      await broker.setMemoryAlarm(false);
    }
    assert.equal(textOfBody(await call), "1");
    await waitFor(() => fixture.door.state.kind === "up");
    assert.deepEqual(fixture.faults, []);
  });

  test("a broker that is frozen is noticed by its heartbeat, and comes back (AM-16)", async (t) => {
    const fixture = await startDoor(t, {});
    const quick = await DoorFixture.start(t, { uri: `${broker.uri}?heartbeat=1` });
    broker.pause();
    try {
      await waitFor(() => quick.door.state.kind === "connecting", { timeoutMs: 20_000 });
    } finally {
      broker.resume();
    }
    await waitFor(() => quick.door.state.kind === "up", { timeoutMs: 30_000 });
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    assert.equal(textOfBody(await peer.request(quick.queue, "1")), "1");
    assert.equal(textOfBody(await peer.request(fixture.queue, "2")), "2");
  });
});
