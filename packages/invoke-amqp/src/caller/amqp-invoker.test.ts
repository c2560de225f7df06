import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { HostError, payloadText } from "@lambdad/core";
import { brokerUri, CollectingStream, invocationOf, waitFor } from "@lambdad/testkit";
import { AmqpInvoker } from "./amqp-invoker.ts";
import {
  AmqpPeer,
  atEnd,
  DoorFixture,
  failed,
  Gate,
  returned,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import { connect } from "./connect.ts";
import type { QueueProfile } from "../queue/function-queue.ts";

async function invoker(
  t: TestContext,
  options: { readonly timeoutMs?: number; readonly profile?: QueueProfile } = {},
): Promise<AmqpInvoker> {
  const { profile = "compat", ...rest } = options;
  const client = await connect(await brokerUri(), { profileOf: () => profile });
  t.after(() => client.close());
  return new AmqpInvoker({ client, ...rest });
}

describe("AmqpInvoker", () => {
  test("hands over what an invocation says", async (t) => {
    const host = await DoorFixture.start(t, { contentType: "as-sent" });
    host.invoker.script = () => ({ ...returned("1"), logTail: Buffer.from("log\n") });
    const sent = invocationOf(Buffer.from("bytes"), {
      functionName: host.queue,
      contentType: "text/plain; charset=utf-8",
      clientContext: '{"custom":{"k":"é"}}',
      tenantId: "tenant",
      logTail: true,
    });
    const result = await (await invoker(t)).invoke(sent, t.signal);
    assert.equal(Buffer.from(result.logTail ?? []).toString(), "log\n");
    const [seen] = host.invoker.invocations;
    for (const member of [
      "requestId",
      "traceId",
      "clientContext",
      "tenantId",
      "contentType",
    ] as const) {
      assert.equal(seen?.[member], sent[member], member);
    }
    assert.equal(seen?.logTail, true);
    assert.equal(seen.type, "RequestResponse");
  });

  test("waits no longer than the caller, and tells the host when that is (§9)", async (t) => {
    const host = await DoorFixture.start(t);
    const gate = new Gate();
    t.after(() => gate.open());
    host.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const expiresAtMs = performance.now() + 300;
    const sent = invocationOf(Buffer.from("1"), { functionName: host.queue, expiresAtMs });
    const result = await (await invoker(t)).invoke(sent, t.signal);
    assert.ok(result.kind === "failed");
    assert.equal(result.errorType, "Sandbox.Timedout");
    assert.match(
      payloadText(result.payload),
      new RegExp(`RequestId: ${sent.requestId} Error: Task timed out`),
    );
    // The clocks of caller and host are one here; the deadline is rounded to milliseconds.
    const seen = host.invoker.invocations[0]?.expiresAtMs ?? Infinity;
    assert.ok(seen <= expiresAtMs + 5, `${seen} is after ${expiresAtMs}`);
  });

  test("has a limit of its own for callers without one", async (t) => {
    const host = await DoorFixture.start(t);
    host.invoker.script = () => new Promise(() => {});
    const sent = invocationOf(Buffer.from("1"), { functionName: host.queue });
    const result = await (await invoker(t, { timeoutMs: 100 })).invoke(sent, t.signal);
    assert.ok(result.kind === "failed" && result.errorType === "Sandbox.Timedout");
  });

  test("gives an error of the function as a result, and one of the host as an error (§8)", async (t) => {
    const host = await DoorFixture.start(t);
    const calls = await invoker(t);
    const invocation = invocationOf(Buffer.from("1"), { functionName: host.queue });
    const body = '{"errorType":"Oddity","errorMessage":"m"}';
    host.invoker.script = () => failed(body, "Oddity");
    const result = await calls.invoke(invocation, t.signal);
    assert.ok(result.kind === "failed");
    assert.deepEqual([result.errorType, payloadText(result.payload)], ["Oddity", body]);
    host.invoker.script = () => Promise.reject(new HostError("TooManyRequestsException", "busy"));
    await assert.rejects(
      calls.invoke(invocation, t.signal),
      (error) =>
        error instanceof HostError &&
        error.code === "TooManyRequestsException" &&
        error.reason !== undefined,
    );
  });

  test("accepts the time-out of a Go host as an error of the function (§8)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const name = uniqueName("go");
    const body =
      '{"errorType": "TimeoutError", "errorMessage": "2025-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"}';
    await peer.channel.assertQueue(name, { autoDelete: true });
    await peer.channel.consume(
      name,
      (message) => {
        const { replyTo, correlationId } = message?.properties ?? {};
        peer.publish(String(replyTo), body, {
          correlationId: String(correlationId),
          contentType: "application/json",
        });
      },
      { noAck: true },
    );
    const invocation = invocationOf(Buffer.from("1"), { functionName: name });
    const result = await (await invoker(t)).invoke(invocation, t.signal);
    assert.ok(result.kind === "failed");
    assert.deepEqual([result.errorType, payloadText(result.payload)], ["TimeoutError", body]);
  });

  test("resolves an event when the durable queue has it, under the invocation's id (INV-1)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const name = uniqueName("durable");
    await peer.channel.assertQueue(name, { durable: true });
    atEnd(t, () => peer.remove(name));
    const calls = await invoker(t, { profile: "durable" });
    const event = invocationOf(Buffer.from("1"), { functionName: name, type: "Event" });
    assert.equal((await calls.invoke(event, t.signal)).kind, "returned");
    const message = await peer.channel.get(name, { noAck: true });
    assert.ok(message !== false);
    assert.equal(message.properties.headers?.["X-Amzn-Requestid"], event.requestId);
    assert.equal(message.properties.deliveryMode, 2);
    assert.equal(message.properties.replyTo, undefined);
  });

  test("refuses an event for which there is no queue (AM-10)", async (t) => {
    const calls = await invoker(t, { profile: "durable" });
    const event = invocationOf(Buffer.from("1"), { functionName: uniqueName(), type: "Event" });
    await assert.rejects(
      calls.invoke(event, t.signal),
      (error) => error instanceof HostError && error.code === "ResourceNotFoundException",
    );
  });

  test("gives a whole reply to a caller that wants a stream", async (t) => {
    const host = await DoorFixture.start(t);
    const stream = new CollectingStream();
    const sent = invocationOf(Buffer.from('"whole"'), { functionName: host.queue, stream });
    const result = await (await invoker(t)).invoke(sent, t.signal);
    assert.equal(result.kind, "streamed");
    await waitFor(() => stream.bytes.toString() === '"whole"');
    assert.deepEqual(stream.breaches, []);
  });
});
