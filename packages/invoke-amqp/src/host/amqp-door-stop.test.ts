import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError, payloadText } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  DoorFixture,
  errorOf,
  Gate,
  returned,
  textOfBody,
} from "../testdata/broker-fixture.ts";

describe("AmqpDoor.stop() (HO-8)", () => {
  test("lets what runs end, gives the rest back to another host, and ends the connections", async (t) => {
    const leaving = await DoorFixture.start(t, { prefetch: 10 });
    const { queue } = leaving;
    const gate = new Gate();
    // One worker: the others wait, and leave when the host does.
    leaving.invoker.script = async ({ payload }, signal) => {
      if (payloadText(payload) !== "0") {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        });
      }
      await gate.opened;
      return returned('"by the first"');
    };
    const peer = await AmqpPeer.connect(t);
    const calls = Array.from({ length: 5 }, (_, index) => peer.request(queue, String(index)));
    await waitFor(() => leaving.invoker.invocations.length === 5);
    const other = await DoorFixture.start(t, { queue: { name: queue } });
    const stopped = leaving.door.stop(10_000);
    const replies = await Promise.all(calls.slice(1));
    assert.deepEqual(replies.map(textOfBody), ["1", "2", "3", "4"]);
    const late = peer.request(queue, "late");
    assert.equal(textOfBody(await late), "late");
    gate.open();
    assert.equal(textOfBody(await calls[0]!), '"by the first"');
    await stopped;
    assert.equal(leaving.door.state.kind, "closed");
    assert.equal(other.invoker.invocations.length, 5);
    assert.equal(leaving.invoker.invocations.length, 5);
    assert.deepEqual(leaving.faults, []);
  });

  test("gives back what has not ended within the limit", async (t) => {
    const leaving = await DoorFixture.start(t);
    leaving.invoker.script = () => new Promise(() => {});
    const peer = await AmqpPeer.connect(t);
    const call = peer.request(leaving.queue, "1");
    await waitFor(() => leaving.invoker.invocations.length === 1);
    const other = await DoorFixture.start(t, { queue: { name: leaving.queue } });
    await leaving.door.stop(50);
    assert.equal(textOfBody(await call), "1");
    assert.equal(other.redelivered, 1);
  });

  test("gives back what the pool broke off, instead of answering it", async (t) => {
    const leaving = await DoorFixture.start(t);
    const gate = new Gate();
    leaving.invoker.script = async () => {
      await gate.opened;
      throw new HostError("ServiceUnavailable", "The host is shutting down");
    };
    const peer = await AmqpPeer.connect(t);
    const call = peer.request(leaving.queue, "1");
    await waitFor(() => leaving.invoker.invocations.length === 1);
    await DoorFixture.start(t, { queue: { name: leaving.queue } });
    const stopped = leaving.door.stop(10_000);
    gate.open();
    assert.equal(textOfBody(await call), "1");
    await stopped;
  });

  test("is safe to call before a start, twice, and after a kill", async (t) => {
    const { door } = await DoorFixture.start(t);
    await Promise.all([door.stop(100), door.stop(100)]);
    await door.stop(100);
    const killed = await DoorFixture.start(t);
    killed.door.kill();
    await killed.door.stop(100);
    const fresh = new DoorFixture("amqp://127.0.0.1:1");
    await fresh.door.stop(100);
    assert.equal(fresh.door.state.kind, "closed");
  });
});

describe("AmqpDoor, prefetch", () => {
  test("bounds what a host holds, so that a busy one leaves the rest to others (hazard)", async (t) => {
    const slow = await DoorFixture.start(t, { prefetch: 2 });
    const gate = new Gate();
    slow.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t);
    const calls = Array.from({ length: 12 }, (_, index) => peer.request(slow.queue, String(index)));
    await waitFor(() => slow.invoker.invocations.length === 2);
    assert.equal(await peer.ready(slow.queue), 10);
    const fast = await DoorFixture.start(t, { queue: { name: slow.queue } });
    const others = await Promise.all(calls.slice(2));
    assert.deepEqual(
      others.map(textOfBody),
      Array.from({ length: 10 }, (_, index) => String(index + 2)),
    );
    assert.equal(slow.invoker.invocations.length, 2);
    assert.equal(fast.invoker.invocations.length, 10);
    gate.open();
    await Promise.all(calls);
  });

  test("bytes beyond the bound are refused with 429", async (t) => {
    const fixture = await DoorFixture.start(t, { prefetch: 3, bytesInFlightMax: 10 });
    const gate = new Gate();
    fixture.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t);
    const held = peer.request(fixture.queue, '"12345678"');
    await waitFor(() => fixture.invoker.invocations.length === 1);
    const reply = await peer.request(fixture.queue, "1");
    assert.equal(errorOf(reply).errorType, "TooManyRequestsException");
    gate.open();
    assert.equal(textOfBody(await held), '"12345678"');
    assert.equal(textOfBody(await peer.request(fixture.queue, "2")), "2");
  });

  test("replies that are confirmed come, and requests are acknowledged after them", async (t) => {
    const fixture = await DoorFixture.start(t, { confirmReplies: true });
    const peer = await AmqpPeer.connect(t);
    for (const body of ["1", "2", "3"]) {
      assert.equal(textOfBody(await peer.request(fixture.queue, body)), body);
    }
    peer.publish(fixture.queue, "4", { replyTo: "test.nobody", correlationId: "4" });
    assert.equal(textOfBody(await peer.request(fixture.queue, "5")), "5");
    assert.equal(fixture.repliesReturned, 1);
    assert.deepEqual(fixture.faults, []);
  });
});
