import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { HostError, type HostErrorCode, payloadBytes } from "@lambdad/core";
import { brokerUri, waitFor } from "@lambdad/testkit";
import type { ConsumeMessage, Options } from "amqplib";
import { AmqpPeer, DoorFixture, failed, returned, uniqueName } from "../testdata/broker-fixture.ts";
import { connect } from "./connect.ts";
import { type RpcClient } from "./rpc-client.ts";
import { FunctionError, RpcTimeoutError } from "./rpc-errors.ts";
import type { RpcObserver, RpcOptions } from "./rpc-options.ts";

/** A connected client; ends with the test. */
async function client(t: TestContext, options: RpcOptions = {}): Promise<RpcClient> {
  const rpc = await connect(await brokerUri(), options);
  t.after(() => rpc.close());
  return rpc;
}

function hostError(code: HostErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof HostError && error.code === code;
}

/** A host of another project: answers as the test says, and keeps what has come. */
async function foreignHost(
  t: TestContext,
  answer: (
    request: ConsumeMessage,
  ) => { body: string | Buffer; options?: Options.Publish } | undefined,
): Promise<{
  readonly name: string;
  readonly requests: ConsumeMessage[];
  readonly peer: AmqpPeer;
}> {
  const peer = await AmqpPeer.connect(t);
  const name = uniqueName("foreign");
  const requests: ConsumeMessage[] = [];
  await peer.channel.assertQueue(name, { durable: false, autoDelete: true });
  await peer.channel.consume(name, (request) => {
    if (request === null) return;
    requests.push(request);
    const reply = answer(request);
    const { replyTo, correlationId } = request.properties;
    if (reply !== undefined) {
      peer.publish(String(replyTo), reply.body, {
        correlationId: String(correlationId),
        ...reply.options,
      });
    }
    peer.channel.ack(request);
  });
  return { name, requests, peer };
}

describe("RpcClient.invoke()", () => {
  const values: readonly unknown[] = [
    null,
    0,
    -1.5,
    true,
    false,
    "",
    "text é\u2028",
    [],
    { a: [1] },
  ];
  for (const value of values) {
    test(`gives back ${JSON.stringify(value)}`, async (t) => {
      const { queue } = await DoorFixture.start(t);
      assert.deepEqual(await (await client(t)).invoke(queue, value), value);
    });
  }

  test("sends {} when there is no payload, and refuses what has no JSON form", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const rpc = await client(t);
    assert.deepEqual(await rpc.invoke(queue), {});
    await assert.rejects(
      rpc.invoke(queue, () => 1),
      TypeError,
    );
    await assert.rejects(rpc.invoke(queue, 1n), TypeError);
  });

  test("sends bytes as they are, and gives back bytes for octet-stream", async (t) => {
    const fixture = await DoorFixture.start(t, { contentType: "as-sent" });
    fixture.invoker.script = ({ payload }) => returned(payload, "application/octet-stream");
    const bytes = Buffer.from([0, 0xff, 0x7b]);
    const reply = await (await client(t)).invoke(fixture.queue, new Uint8Array(bytes));
    assert.ok(Buffer.isBuffer(reply) && reply.equals(bytes));
    const [invocation] = fixture.invoker.invocations;
    assert.equal(invocation?.contentType, "application/octet-stream");
    assert.deepEqual(Buffer.from(payloadBytes(invocation.payload)), bytes);
  });

  test("throws a FunctionError with type, message, trace and bytes", async (t) => {
    const fixture = await DoorFixture.start(t);
    const body = '{"errorType":"Oddity","errorMessage":"m \\"q\\"","trace":["a","b"]}';
    fixture.invoker.script = () => failed(body);
    await assert.rejects((await client(t)).invoke(fixture.queue), (error) => {
      assert.ok(error instanceof FunctionError);
      assert.equal(error.errorType, "Oddity");
      assert.equal(error.message, 'm "q"');
      assert.deepEqual(error.trace, ["a", "b"]);
      assert.equal(error.payload.toString(), body);
      return true;
    });
  });

  for (const code of ["TooManyRequestsException", "ServiceUnavailable"] as const) {
    test(`throws the host's ${code}`, async (t) => {
      const fixture = await DoorFixture.start(t);
      fixture.invoker.script = () => Promise.reject(new HostError(code, "text"));
      await assert.rejects((await client(t)).invoke(fixture.queue), hostError(code));
    });
  }

  test("an error that the function returned on purpose is no error, behind a host of ours (§8)", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const value = { errorType: "Error", errorMessage: "returned" };
    assert.deepEqual(await (await client(t)).invoke(queue, value), value);
  });

  test("passes context, trace id and headers on", async (t) => {
    const { queue, invoker } = await DoorFixture.start(t);
    const traceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const rpc = await client(t);
    await rpc.invoke(queue, 1, { clientContext: { custom: { é: 1 } }, traceId });
    const [invocation] = invoker.invocations;
    assert.equal(invocation?.clientContext, '{"custom":{"é":1}}');
    assert.equal(invocation.traceId, traceId);
  });

  const missing = [
    ["that nobody serves", uniqueName()],
    ["of 300 characters", "x".repeat(300)],
    ["without a character", ""],
    // Behind these names wait other callers.
    ["of a reply queue", "amq.gen-Xa2AaB1kL9wZ1PvQ0d0S5A"],
    ["of direct reply-to", "amq.rabbitmq.reply-to.g1h2"],
  ] as const;
  for (const [what, name] of missing) {
    test(`throws ResourceNotFoundException at once for a name ${what} (vector 3, AM-10)`, async (t) => {
      const rpc = await client(t, { timeoutMs: 0, unavailableMs: 3_600_000 });
      await assert.rejects(rpc.invoke(name), hostError("ResourceNotFoundException"));
      await assert.rejects(rpc.send(name), hostError("ResourceNotFoundException"));
      assert.equal(rpc.inFlight, 0);
    });
  }

  test("does not send a request to another caller's reply queue", async (t) => {
    const rpc = await client(t);
    const victim = await AmqpPeer.connect(t);
    await assert.rejects(rpc.invoke(victim.replyTo), hostError("ResourceNotFoundException"));
    // Whatever had been sent before it has arrived.
    victim.publish(victim.replyTo, "last", { correlationId: "last" });
    await waitFor(() => victim.replies.length > 0);
    assert.deepEqual(
      victim.replies.map(({ properties }) => String(properties.correlationId)),
      ["last"],
    );
  });

  test("refuses a payload over the limit, and one header that is too long", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const rpc = await client(t);
    const large = rpc.invoke(queue, Buffer.alloc(6_291_557));
    await assert.rejects(large, hostError("RequestTooLargeException"));
    await assert.rejects(rpc.invoke(queue, 1, { headers: { ["x".repeat(300)]: "1" } }));
    assert.equal(await rpc.invoke(queue, 1), 1);
    assert.equal(rpc.inFlight, 0);
  });

  test("loses none of many calls to a host that answers at once (hazard)", async (t) => {
    const { queue } = await DoorFixture.start(t, { prefetch: 100 });
    const rpc = await client(t, { timeoutMs: 20_000 });
    for (let round = 0; round < 5; round += 1) {
      const numbers = Array.from({ length: 1_000 }, (_, index) => 1_000 * round + index);
      // One round after the other.
      const replies = await Promise.all(numbers.map((number) => rpc.invoke(queue, number)));
      assert.deepEqual(replies, numbers);
    }
    assert.equal(rpc.inFlight, 0);
  });

  test("gives up at its time limit, and drops the late reply (§9)", async (t) => {
    let late = 0;
    const fixture = await DoorFixture.start(t);
    const free = Promise.withResolvers<void>();
    fixture.invoker.script = async ({ payload }) => {
      await free.promise;
      return returned(payload);
    };
    const rpc = await client(t, { observer: { lateReply: () => (late += 1) } });
    await assert.rejects(rpc.invoke(fixture.queue, 1, { timeoutMs: 200 }), (error) => {
      assert.ok(error instanceof RpcTimeoutError);
      assert.equal(error.name, "TimeoutError");
      return true;
    });
    assert.equal(rpc.inFlight, 0);
    assert.ok((fixture.invoker.invocations[0]?.expiresAtMs ?? Infinity) < performance.now() + 200);
    free.resolve();
    fixture.invoker.script = ({ payload }) => returned(payload);
    assert.equal(await rpc.invoke(fixture.queue, 2), 2);
    await waitFor(() => late === 1);
  });

  test("a request that nobody has taken in time is never run (§16.4)", async (t) => {
    const fixture = await DoorFixture.start(t);
    const free = Promise.withResolvers<void>();
    fixture.invoker.script = async ({ payload }) => {
      await free.promise;
      return returned(payload);
    };
    const rpc = await client(t);
    const held = rpc.invoke(fixture.queue, "held");
    await waitFor(() => fixture.invoker.invocations.length === 1);
    await assert.rejects(rpc.invoke(fixture.queue, "late", { timeoutMs: 50 }), RpcTimeoutError);
    const peer = await AmqpPeer.connect(t);
    await waitFor(async () => (await peer.ready(fixture.queue)) === 0);
    free.resolve();
    assert.equal(await held, "held");
    assert.equal(await rpc.invoke(fixture.queue, "next"), "next");
    assert.equal(fixture.invoker.invocations.length, 2);
  });

  test("ends with its signal's reason", async (t) => {
    const fixture = await DoorFixture.start(t);
    fixture.invoker.script = () => new Promise(() => {});
    const rpc = await client(t);
    const reason = new Error("gone");
    const before = rpc.invoke(fixture.queue, 1, { signal: AbortSignal.abort(reason) });
    await assert.rejects(before, reason);
    const caller = new AbortController();
    const waiting = rpc.invoke(fixture.queue, 1, { signal: caller.signal });
    await waitFor(() => fixture.invoker.invocations.length === 1);
    caller.abort(reason);
    await assert.rejects(waiting, reason);
    assert.equal(rpc.inFlight, 0);
  });

  for (const options of [{ inFlightMax: 2 }, { bytesInFlightMax: 2 }]) {
    test(`refuses calls over ${JSON.stringify(options)}, and takes them again (INV-8)`, async (t) => {
      const fixture = await DoorFixture.start(t, { prefetch: 3 });
      const free = Promise.withResolvers<void>();
      fixture.invoker.script = async ({ payload }) => {
        await free.promise;
        return returned(payload);
      };
      const rpc = await client(t, options);
      const two = [rpc.invoke(fixture.queue, 1), rpc.invoke(fixture.queue, 2)];
      await assert.rejects(rpc.invoke(fixture.queue, 3), hostError("TooManyRequestsException"));
      free.resolve();
      assert.deepEqual(await Promise.all(two), [1, 2]);
      assert.equal(await rpc.invoke(fixture.queue, 4), 4);
    });
  }

  test("fails what is in flight when the client is closed", async (t) => {
    const fixture = await DoorFixture.start(t);
    fixture.invoker.script = () => new Promise(() => {});
    const rpc = await client(t);
    const waiting = rpc.invoke(fixture.queue);
    const outcome = assert.rejects(waiting, hostError("ServiceUnavailable"));
    await rpc.close();
    await outcome;
    await assert.rejects(rpc.invoke(fixture.queue), hostError("ServiceUnavailable"));
    assert.equal(rpc.state.kind, "closed");
  });
});

describe("RpcClient, requests", () => {
  test("have the properties of the contract (§5)", async (t) => {
    const host = await foreignHost(t, () => ({ body: "1" }));
    const rpc = await client(t);
    const headers = { "X-Own": "text" };
    await rpc.invoke(host.name, { a: 1 }, { timeoutMs: 60_000, headers, traceId: "Root=1" });
    const [{ properties, content, fields } = assert.fail()] = host.requests;
    assert.equal(content.toString(), '{"a":1}');
    assert.equal(fields.exchange, "");
    assert.equal(properties.contentType, "application/json");
    assert.equal(properties.deliveryMode, 1);
    assert.match(String(properties.replyTo), /^amq\.gen-/);
    const restMs = Number(properties.expiration);
    assert.ok(restMs > 50_000 && restMs <= 60_000, properties.expiration as string);
    assert.equal(properties.userId, undefined);
    assert.equal(properties.priority, undefined);
    const { "X-Lambda-Deadline-Ms": deadline, ...others } = { ...properties.headers };
    assert.ok(Math.abs(Number(deadline) - Date.now() - restMs) < 10_000);
    assert.deepEqual(others, { "X-Own": "text", "X-Amzn-Trace-Id": "Root=1" });
    const types = new Set(Object.values({ ...properties.headers }).map((value) => typeof value));
    assert.deepEqual(types, new Set(["string"]));
  });

  test("have a correlation id of their own, also with the same request id (hazard)", async (t) => {
    const host = await foreignHost(t, () => ({ body: "1" }));
    const [one, other] = [await client(t), await client(t)];
    const requestId = randomUUID();
    const calls = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? one : other).call(host.name, Buffer.from("1"), { requestId }),
    );
    await Promise.all(calls);
    const ids = host.requests.map(({ properties }) => String(properties.correlationId));
    assert.equal(new Set(ids).size, 50);
    assert.ok(!ids.some((id) => id.includes(requestId)));
    for (const { properties } of host.requests) {
      assert.equal({ ...properties.headers }["X-Amzn-Requestid"], requestId);
    }
  });
});

describe("RpcClient, replies of other projects", () => {
  const errors: readonly (readonly [body: string, errorType: string, message: string])[] = [
    ['{"errorType":"KeyError","errorMessage":"m"}', "KeyError", "m"],
    [
      '{"errorType": "ValueError", "errorMessage": "a "quote" and\na line"}',
      "ValueError",
      'a "quote" and\na line',
    ],
    [
      '{"errorMessage":"2025 id Task timed out after 1.00 seconds","errorType":"TimeoutError"}',
      "TimeoutError",
      "2025 id Task timed out after 1.00 seconds",
    ],
  ];
  for (const [body, errorType, message] of errors) {
    test(`are an error when they look like one: ${body} (§8, §17)`, async (t) => {
      const host = await foreignHost(t, () => ({ body }));
      await assert.rejects((await client(t)).invoke(host.name), (error) => {
        assert.ok(error instanceof FunctionError, String(error));
        assert.deepEqual([error.errorType, error.message], [errorType, message]);
        return true;
      });
    });
  }

  for (const body of ['[{"errorType":"E"}]', '{"errorType":7}', '{"a":{"errorType":"E"}}']) {
    test(`are none otherwise: ${body}`, async (t) => {
      const host = await foreignHost(t, () => ({ body }));
      assert.deepEqual(await (await client(t)).invoke(host.name), JSON.parse(body));
    });
  }

  test("are told apart from what a host could not do", async (t) => {
    const body = '{"errorType":"ResourceNotFoundException","errorMessage":"echo is Unreachable"}';
    const host = await foreignHost(t, () => ({ body }));
    const call = (await client(t)).invoke(host.name);
    await assert.rejects(call, hostError("ResourceNotFoundException"));
  });

  const headers = { "X-Amz-Function-Error": 1, "X-Lambda-Proto": null, other: [{ a: true }] };
  const options: readonly Options.Publish[] = [
    { headers },
    { contentType: "", deliveryMode: 2, expiration: 60_000, priority: 1, type: "t", appId: "a" },
  ];
  for (const [index, each] of options.entries()) {
    test(`may have any properties (${index + 1})`, async (t) => {
      const host = await foreignHost(t, () => ({ body: '"ok"', options: each }));
      assert.equal(await (await client(t)).invoke(host.name), "ok");
    });
  }

  test("that come twice, or to nobody, are counted and change nothing (INV-5)", async (t) => {
    let late = 0;
    const observer: RpcObserver = { lateReply: () => (late += 1) };
    const host = await foreignHost(t, ({ properties, content }) => {
      const to = String(properties.replyTo);
      const correlationId = String(properties.correlationId);
      for (const id of [correlationId, undefined, "", "0", `${correlationId}0`, randomUUID()]) {
        host.peer.publish(to, content, id === undefined ? {} : { correlationId: id });
      }
      return undefined;
    });
    const rpc = await client(t, { observer });
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const replies = await Promise.all(numbers.map((number) => rpc.invoke(host.name, number)));
    assert.deepEqual(replies, numbers);
    await waitFor(() => late === 500);
  });
});

describe("RpcClient.exists()", () => {
  test("tells whether there is a queue, and harms nothing", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const rpc = await client(t);
    assert.equal(await rpc.exists(queue), true);
    assert.equal(await rpc.exists(uniqueName()), false);
    assert.equal(await rpc.exists("x".repeat(300)), false);
    assert.equal(await rpc.invoke(queue, 1), 1);
  });
});
