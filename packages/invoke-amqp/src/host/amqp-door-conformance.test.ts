import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { payloadText } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  DoorFixture,
  errorOf,
  failed,
  returned,
  textOfBody,
  uniqueName,
} from "../testdata/broker-fixture.ts";

// The vectors of the contract of AMQP-RPC, §17; 3 and 9 are the caller's.
describe("AmqpDoor, conformance vectors", () => {
  test("1: answers a request with nothing but reply_to and correlation_id", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(queue, '"x"', { correlationId: "the same id" });
    assert.equal(textOfBody(reply), '"x"');
    assert.equal(reply.properties.correlationId, "the same id");
  });

  test("2: answers the request of a Python echo client", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(queue, "Hello World", {
      deliveryMode: 2,
      headers: {},
      contentType: "application/octet-stream",
    });
    assert.equal(textOfBody(reply), "Hello World");
  });

  const replyQueues = [
    ["exclusive", { exclusive: true, autoDelete: true, durable: false }],
    ["not exclusive, auto-delete", { exclusive: false, autoDelete: true, durable: false }],
  ] as const;
  for (const [kind, replyQueue] of replyQueues) {
    test(`4: answers to a reply queue that is ${kind}`, async (t) => {
      const { queue } = await DoorFixture.start(t);
      const peer = await AmqpPeer.connect(t, { replyQueue });
      assert.equal(textOfBody(await peer.request(queue, "1")), "1");
    });
  }

  test("4: answers to direct reply-to", async (t) => {
    const fixture = await DoorFixture.start(t);
    const { channel } = await AmqpPeer.connect(t);
    const { promise, resolve } = Promise.withResolvers<string>();
    await channel.consume(
      "amq.rabbitmq.reply-to",
      (message) => message !== null && resolve(textOfBody(message)),
      { noAck: true },
    );
    const request = { replyTo: "amq.rabbitmq.reply-to", correlationId: "1" };
    channel.publish("", fixture.queue, Buffer.from("1"), request);
    assert.equal(await promise, "1");
    assert.equal(fixture.repliesReturned, 0);
  });

  test("5: a host with the flags of the Go daemon joins our queue", async (t) => {
    const { queue, faults } = await DoorFixture.start(t);
    const { channel } = await AmqpPeer.connect(t);
    const flags = { durable: false, exclusive: false, autoDelete: true, arguments: {} };
    assert.equal((await channel.assertQueue(queue, flags)).consumerCount, 1);
    assert.deepEqual(faults, []);
  });

  test("5: we join the queue of a Python host", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const name = uniqueName();
    await peer.channel.assertQueue(name, { durable: false, autoDelete: true });
    const { queue, faults } = await DoorFixture.start(t, { queue: { name } });
    assert.equal(textOfBody(await peer.request(queue, "1")), "1");
    assert.deepEqual(faults, []);
  });

  test("6: runs a request without reply_to, publishes nothing and acknowledges it", async (t) => {
    const fixture = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    peer.publish(fixture.queue, "1", { correlationId: "1" });
    // With a prefetch of one the second comes only when the first is acknowledged.
    assert.equal(textOfBody(await peer.request(fixture.queue, "2")), "2");
    const events = fixture.invoker.invocations.map(({ payload }) => payloadText(payload));
    assert.deepEqual(events, ["1", "2"]);
    assert.equal(peer.replies.length, 1);
    assert.equal(fixture.repliesReturned, 0);
  });

  test("7: survives a number in X-Amzn-Trace-Id", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const headers = { "X-Amzn-Trace-Id": { "!": "int32", value: 7 } };
    assert.equal(textOfBody(await peer.request(queue, "1", { headers })), "1");
  });

  test("8: two overlapping requests with one correlation id get each its own result", async (t) => {
    const fixture = await DoorFixture.start(t, { prefetch: 2 });
    const both = Promise.withResolvers<void>();
    fixture.invoker.script = async ({ payload }) => {
      if (fixture.invoker.invocations.length === 2) both.resolve();
      await both.promise;
      return returned(payload);
    };
    const [one, other] = [await AmqpPeer.connect(t), await AmqpPeer.connect(t)];
    const correlationId = randomUUID();
    const replies = await Promise.all([
      one.request(fixture.queue, '"one"', { correlationId }),
      other.request(fixture.queue, '"other"', { correlationId }),
    ]);
    assert.deepEqual(replies.map(textOfBody), ['"one"', '"other"']);
    const ids = new Set(fixture.invoker.invocations.map(({ requestId }) => requestId));
    assert.equal(ids.size, 2);
  });

  test("11: of two hosts with one worker each, the free one takes what comes", async (t) => {
    const slow = await DoorFixture.start(t);
    const { queue } = slow;
    const free = Promise.withResolvers<void>();
    slow.invoker.script = async ({ payload }) => {
      await free.promise;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t);
    const held = peer.request(queue, '"held"');
    await waitFor(() => slow.invoker.invocations.length === 1);
    const fast = await DoorFixture.start(t, { queue: { name: queue } });
    const bodies = Array.from({ length: 50 }, (_, index) => String(index));
    const replies = await Promise.all(bodies.map((body) => peer.request(queue, body)));
    assert.deepEqual(replies.map(textOfBody), bodies);
    assert.equal(fast.invoker.invocations.length, 50);
    assert.equal(slow.invoker.invocations.length, 1);
    free.resolve();
    assert.equal(textOfBody(await held), '"held"');
  });

  test("12: an error with quotes and line breaks is valid JSON", async (t) => {
    const fixture = await DoorFixture.start(t);
    const errorMessage = 'a "quote", a \\ and\nmore \u2028';
    fixture.invoker.script = () => failed(JSON.stringify({ errorType: "Error", errorMessage }));
    const peer = await AmqpPeer.connect(t);
    assert.equal(errorOf(await peer.request(fixture.queue, "1")).errorMessage, errorMessage);
    fixture.invoker.script = () => Promise.reject(new Error(errorMessage));
    const { errorType } = errorOf(await peer.request(fixture.queue, "1"));
    assert.equal(errorType, "ServiceException");
  });
});
