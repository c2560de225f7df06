import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { HostError } from "@lambdad/core";
import { type Broker, startBroker, unusedPort, waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  closeConnectionsOf,
  DoorFixture,
  returned,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import { BrokerError } from "../broker/broker-error.ts";
import { connect } from "./connect.ts";
import { type RpcClient } from "./rpc-client.ts";
import type { RpcOptions } from "./rpc-options.ts";

let broker: Broker;
before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

async function client(t: TestContext, options: RpcOptions = {}, query = ""): Promise<RpcClient> {
  const rpc = await connect(`${broker.uri}${query}`, options);
  t.after(() => rpc.destroy());
  return rpc;
}

function startDoor(t: TestContext): Promise<DoorFixture> {
  return DoorFixture.start(t, { uri: broker.uri });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof HostError && error.code === "ServiceUnavailable";
}

/** Gives the caller's connections a name of their own, so that only they can be closed. */
function named(): { readonly connectionName: string } {
  return { connectionName: uniqueName("caller") };
}

describe("connect()", () => {
  test("fails with host, port and reason when the attempts are used up (AM-1)", async () => {
    const port = await unusedPort();
    const uri = `amqp://u:secret@127.0.0.1:${port}?connection_attempts=2&retry_delay=0.05`;
    const messages: string[] = [];
    const observer = {
      fault: ({ message }: { readonly message: string }) => messages.push(message),
    };
    await assert.rejects(connect(uri, { observer }), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.equal(error.kind, "unreachable");
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*ECONNREFUSED`));
      return true;
    });
    assert.equal(messages.length, 1);
    assert.doesNotMatch(messages.join(" "), /secret/);
  });

  test("fails at once when the broker refuses, without the password (AM-21)", async () => {
    const uri = `amqp://guest:secret@127.0.0.1:${broker.port}?connection_attempts=9&retry_delay=60`;
    await assert.rejects(connect(uri), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.equal(error.kind, "refused");
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
});

describe("RpcClient, lost connections", () => {
  test("calls in flight fail at once with ServiceUnavailable (AM-3)", async (t) => {
    const fixture = await startDoor(t);
    fixture.invoker.script = () => new Promise(() => {});
    const name = named();
    const rpc = await client(t, { ...name, timeoutMs: 0 });
    const calls = Array.from({ length: 20 }, () => rpc.invoke(fixture.queue));
    const outcomes = Promise.allSettled(calls);
    await waitFor(() => fixture.invoker.invocations.length === 1);
    assert.equal(await closeConnectionsOf(broker, name.connectionName), 2);
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === "rejected" && isUnavailable(outcome.reason));
    }
    assert.equal(rpc.inFlight, 0);
  });

  test("a new reply queue is consumed and named in requests after a reconnect (AM-2, hazard)", async (t) => {
    const { queue } = await startDoor(t);
    const name = named();
    const rpc = await client(t, name);
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const listen = uniqueName("listen");
    await peer.channel.assertQueue(listen, { autoDelete: true });
    const replyQueues: string[] = [];
    await peer.channel.consume(
      listen,
      (message) => {
        const { replyTo, correlationId } = message?.properties ?? {};
        replyQueues.push(String(replyTo));
        peer.publish(String(replyTo), "1", { correlationId: String(correlationId) });
      },
      { noAck: true },
    );
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await rpc.invoke(listen), 1);
      assert.equal(await rpc.invoke(queue, 2), 2);
      assert.equal(await closeConnectionsOf(broker, name.connectionName), 2);
      await waitFor(() => rpc.state.kind !== "up");
      await waitFor(() => rpc.state.kind === "up", { timeoutMs: 20_000 });
    }
    assert.equal(await rpc.invoke(queue, 3), 3);
    assert.equal(new Set(replyQueues).size, 3);
  });

  for (const half of ["replies", "requests"]) {
    test(`losing the connection of ${half} alone heals, too`, async (t) => {
      const { queue } = await startDoor(t);
      const name = named();
      const rpc = await client(t, name);
      const waiting = rpc.invoke(queue, 1);
      await waiting;
      assert.equal(await closeConnectionsOf(broker, `${name.connectionName} ${half}`), 1);
      await waitFor(() => rpc.state.kind !== "up");
      assert.equal(await rpc.invoke(queue, 2), 2);
      assert.equal(rpc.state.kind, "up");
    });
  }

  test("a reply queue that is deleted is made anew", async (t) => {
    const { queue } = await startDoor(t);
    const rpc = await client(t, named());
    const replies = (await broker.queues()).filter(({ name }) => name.startsWith("amq.gen-"));
    for (const { name } of replies) await broker.deleteQueue(name);
    await waitFor(() => rpc.state.kind !== "up");
    assert.equal(await rpc.invoke(queue, 1), 1);
  });

  test("events that the broker has not confirmed fail with ServiceUnavailable, not as refused by a full queue", async (t) => {
    const name = named();
    const rpc = await client(t, { ...name, profileOf: () => "durable" });
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const queue = uniqueName();
    await peer.channel.assertQueue(queue, { durable: true });
    let confirmed = 0;
    const sending = new AbortController();
    const outcomes: unknown[] = [];
    const send = async (): Promise<void> => {
      while (!sending.signal.aborted) {
        // One after the other, many at once.
        await rpc.send(queue, "x".repeat(1_000)).then(
          () => (confirmed += 1),
          (error: unknown) => outcomes.push(error),
        );
      }
    };
    const senders = Promise.all(Array.from({ length: 50 }, send));
    await waitFor(() => confirmed > 200);
    for (let round = 1; round <= 3; round += 1) {
      await closeConnectionsOf(broker, name.connectionName);
      const soFar = confirmed;
      await waitFor(() => confirmed > soFar + 100, { timeoutMs: 20_000 });
    }
    sending.abort();
    await senders;
    for (const error of outcomes) {
      assert.ok(isUnavailable(error), String(error));
    }
    assert.ok(outcomes.length > 0);
    // What was confirmed is there; what was not may be.
    await waitFor(async () => ((await peer.ready(queue)) ?? 0) >= confirmed);
  });

  test("a broker that restarts while the caller is idle is there again at the next call (vector 9, §15)", async (t) => {
    const { queue, door } = await startDoor(t);
    const rpc = await client(t);
    assert.equal(await rpc.invoke(queue, 1), 1);
    await broker.stopApp();
    await waitFor(() => rpc.state.kind === "connecting");
    await broker.startApp();
    await waitFor(() => door.state.kind === "up", { timeoutMs: 30_000 });
    await waitFor(() => rpc.state.kind === "up", { timeoutMs: 30_000 });
    assert.equal(await rpc.invoke(queue, 2), 2);
  });

  test("a call waits for a broker that is away, for a while (§9, AM-2)", async (t) => {
    const { queue, door } = await startDoor(t);
    const patient = await client(t, { unavailableMs: 60_000 });
    const quick = await client(t, { unavailableMs: 50 });
    await broker.stopApp();
    await waitFor(() => patient.state.kind === "connecting" && quick.state.kind === "connecting");
    const waiting = waitFor(() => patient.exists(queue).catch(() => false), {
      timeoutMs: 60_000,
    }).then(() => patient.invoke(queue, 1));
    await assert.rejects(quick.invoke(queue, 2), isUnavailable);
    const left = new AbortController();
    const leaving = patient.invoke(queue, 3, { signal: left.signal });
    left.abort(new Error("gone"));
    await assert.rejects(leaving, /gone/);
    await broker.startApp();
    await waitFor(() => door.state.kind === "up", { timeoutMs: 30_000 });
    assert.equal(await waiting, 1);
    assert.equal(patient.inFlight, 0);
  });

  test("a blocked broker costs new calls a 503 after its limit, and nothing after the alarm (AM-6)", async (t) => {
    const { queue } = await startDoor(t);
    const rpc = await client(t, {}, "?blocked_connection_timeout=0.1");
    assert.equal(await rpc.invoke(queue, 1), 1);
    await broker.setMemoryAlarm(true);
    try {
      const first = rpc.invoke(queue, 2, { timeoutMs: 30_000 });
      await waitFor(() => rpc.state.kind === "blocked");
      await assert.rejects(rpc.invoke(queue, 3), (error) => {
        assert.ok(isUnavailable(error));
        assert.match(String(error), /takes no messages/);
        return true;
      });
      await broker.setMemoryAlarm(false);
      assert.equal(await first, 2);
    } finally {
      await broker.setMemoryAlarm(false);
    }
    await waitFor(() => rpc.state.kind === "up");
    assert.equal(await rpc.invoke(queue, 4), 4);
  });

  test("a frozen broker is noticed by its heartbeat: calls in flight fail, and later ones succeed (AM-16)", async (t) => {
    const fixture = await startDoor(t);
    fixture.invoker.script = () => new Promise(() => {});
    const rpc = await client(t, { timeoutMs: 0 }, "?heartbeat=1");
    const call = rpc.invoke(fixture.queue);
    const outcome = assert.rejects(call, isUnavailable);
    await waitFor(() => fixture.invoker.invocations.length === 1);
    broker.pause();
    try {
      await outcome;
    } finally {
      broker.resume();
    }
    fixture.invoker.script = ({ payload }) => returned(payload);
    fixture.door.kill();
    const { queue } = await startDoor(t);
    await waitFor(() => rpc.state.kind === "up", { timeoutMs: 30_000 });
    assert.equal(await rpc.invoke(queue, 1), 1);
  });
});
