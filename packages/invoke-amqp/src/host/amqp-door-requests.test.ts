import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { HostError, payloadBytes } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  DoorFixture,
  errorOf,
  failed,
  returned,
  textOfBody,
} from "../testdata/broker-fixture.ts";

const traceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/** Headers that the door reads. */
const headerNames = [
  "X-Amzn-Trace-Id",
  "X-Amz-Client-Context",
  "X-Amzn-Requestid",
  "X-Amz-Tenant-Id",
  "X-Amz-Log-Type",
  "X-Lambda-Attempt",
  "X-Lambda-Deadline-Ms",
  "X-Lambda-Proto",
];

/** A value of each type that a table can hold, but for text. */
const values: Readonly<Record<string, unknown>> = {
  int8: { "!": "int8", value: -1 },
  uint8: { "!": "uint8", value: 255 },
  int16: { "!": "int16", value: -300 },
  uint16: { "!": "uint16", value: 60_000 },
  int32: { "!": "int32", value: 7 },
  uint32: { "!": "uint32", value: 4_000_000_000 },
  int64: { "!": "int64", value: 2 ** 60 },
  float: { "!": "float", value: 1.5 },
  double: { "!": "double", value: -1e300 },
  decimal: { "!": "decimal", value: { places: 2, digits: 314 } },
  timestamp: { "!": "timestamp", value: 1_700_000_000 },
  boolean: true,
  void: null,
  array: [1, "two", [3]],
  table: { "X-Amzn-Trace-Id": traceId, deep: { deeper: {} } },
  "empty table": {},
};

describe("AmqpDoor, requests", () => {
  for (const [type, value] of Object.entries(values)) {
    test(`takes a value of type ${type} in every header that it reads`, async (t) => {
      const { queue, faults, invoker } = await DoorFixture.start(t);
      const peer = await AmqpPeer.connect(t);
      for (const name of headerNames) {
        const reply = await peer.request(queue, `"${name}"`, { headers: { [name]: value } });
        assert.equal(textOfBody(reply), `"${name}"`);
      }
      assert.deepEqual(faults, []);
      assert.equal(invoker.invocations.length, headerNames.length);
    });
  }

  test("takes text in byte arrays", async (t) => {
    const { queue, invoker } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    await peer.request(queue, "1", { headers: { "X-Amzn-Trace-Id": Buffer.from(traceId) } });
    assert.equal(invoker.invocations[0]?.traceId, traceId);
  });

  test("reads names of headers without regard to case", async (t) => {
    const { queue, invoker } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const requestId = randomUUID();
    const headers = {
      "x-amzn-TRACE-ID": traceId,
      "X-AMZ-CLIENT-CONTEXT": Buffer.from('{"custom":{}}').toString("base64"),
      "x-amzn-requestid": requestId,
      "x-amz-log-type": "Tail",
      "x-amz-tenant-id": "tenant",
    };
    await peer.request(queue, "1", { headers });
    const [invocation] = invoker.invocations;
    assert.equal(invocation?.traceId, traceId);
    assert.equal(invocation?.clientContext, '{"custom":{}}');
    assert.equal(invocation?.requestId, requestId);
    assert.equal(invocation?.logTail, true);
    assert.equal(invocation?.tenantId, "tenant");
  });

  test("makes an invocation of a request without any property but reply_to", async (t) => {
    const { queue, invoker } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    peer.publish(queue, "1", { replyTo: peer.replyTo });
    const reply = await waitFor(() => peer.replies[0]);
    assert.equal(reply?.properties.correlationId, undefined);
    const [invocation] = invoker.invocations;
    assert.match(invocation?.requestId ?? "", /^[0-9a-f-]{36}$/);
    assert.match(invocation?.traceId ?? "", /^Root=1-/);
    assert.equal(invocation?.type, "RequestResponse");
    assert.equal(invocation?.functionName, queue);
    assert.equal(invocation?.expiresAtMs, undefined);
    assert.equal(invocation?.clientContext, undefined);
  });

  const bodies: readonly (readonly [string, Buffer])[] = [
    ["no bytes", Buffer.alloc(0)],
    ["bytes that are no text", Buffer.from([0xff, 0, 0xc3, 0x28])],
    ["half a JSON text", Buffer.from('{"a":')],
    ["more than a frame", Buffer.alloc(300_000, "ab")],
  ];
  for (const [what, body] of bodies) {
    test(`hands over ${what} untouched, whatever the content type says`, async (t) => {
      const { queue, invoker } = await DoorFixture.start(t);
      const peer = await AmqpPeer.connect(t);
      for (const contentType of ["application/json", "application/octet-stream", "x", undefined]) {
        const options = contentType === undefined ? {} : { contentType };
        const reply = await peer.request(queue, body, options);
        assert.ok(reply.content.equals(body));
      }
      for (const { payload, contentType } of invoker.invocations) {
        assert.ok(Buffer.from(payloadBytes(payload)).equals(body));
        assert.equal(contentType, "application/json");
      }
    });
  }

  test("copies the correlation id unchanged, up to its limit of 255 bytes", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    for (const correlationId of ["", "é".repeat(127), 'a "quoted" id', "x".repeat(255)]) {
      const reply = await peer.request(queue, "1", { correlationId });
      assert.equal(reply.properties.correlationId, correlationId);
    }
  });
});

describe("AmqpDoor, replies", () => {
  test("have none of the request's properties but the correlation id (§7)", async (t) => {
    const { queue } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(queue, "1", {
      correlationId: "id",
      contentType: "text/plain",
      contentEncoding: "gzip",
      deliveryMode: 2,
      priority: 7,
      expiration: 60_000,
      messageId: "m",
      timestamp: 1_700_000_000,
      type: "t",
      userId: "guest",
      appId: "a",
      headers: { "X-Amzn-Trace-Id": traceId, "x-amqp-0-9-1.subject": "elsewhere", other: 1 },
    });
    const { headers, ...properties } = reply.properties;
    const set = Object.entries(properties).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(set), {
      contentType: "application/json",
      deliveryMode: 1,
      correlationId: "id",
    });
    assert.deepEqual({ ...headers }, { "X-Lambda-Proto": "1" });
  });

  test("do not echo user_id: the broker would close the channel (hazard)", async (t) => {
    const { queue, faults } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    for (const body of ["1", "2"]) {
      const reply = await peer.request(queue, body, { userId: "guest" });
      assert.equal(reply.properties.userId, undefined);
      assert.equal(textOfBody(reply), body);
    }
    assert.deepEqual(faults, []);
  });

  test("carry the content type that the function gave", async (t) => {
    const fixture = await DoorFixture.start(t);
    fixture.invoker.script = ({ payload }) => returned(payload, "application/octet-stream");
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(fixture.queue, "\0", { contentType: "application/json" });
    assert.equal(reply.properties.contentType, "application/octet-stream");
  });

  for (const body of ["null", "0", "1.5", "true", "false", '""', "", "undefined"]) {
    test(`are sent for a result of ${JSON.stringify(body)} (hazard)`, async (t) => {
      const fixture = await DoorFixture.start(t);
      fixture.invoker.script = () => returned(body);
      const peer = await AmqpPeer.connect(t);
      assert.equal(textOfBody(await peer.request(fixture.queue, "1")), body);
      // Acknowledged too: with a prefetch of one the next comes only then.
      assert.equal(textOfBody(await peer.request(fixture.queue, "1")), body);
    });
  }

  test("mark an error of the function, and leave its bytes alone (§8)", async (t) => {
    const fixture = await DoorFixture.start(t);
    const body = '{"errorType":"Oddity","errorMessage":"m","trace":["a"]}';
    fixture.invoker.script = () => failed(body, "Oddity");
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(fixture.queue, "1");
    assert.equal(textOfBody(reply), body);
    assert.deepEqual(
      { ...reply.properties.headers },
      { "X-Lambda-Proto": "1", "X-Amz-Function-Error": "Unhandled" },
    );
  });

  test("give the log tail and the version", async (t) => {
    const fixture = await DoorFixture.start(t);
    const logTail = Buffer.from("a line\n");
    fixture.invoker.script = () => ({ ...returned("1"), executedVersion: "7", logTail });
    const peer = await AmqpPeer.connect(t);
    const { headers } = (await peer.request(fixture.queue, "1")).properties;
    assert.equal(headers?.["X-Amz-Executed-Version"], "7");
    assert.equal(headers?.["X-Amz-Log-Result"], logTail.toString("base64"));
  });

  const refusals = [
    ["TooManyRequestsException", "TooManyRequestsException"],
    ["ServiceUnavailable", "ServiceException"],
    ["ServiceException", "ServiceException"],
  ] as const;
  for (const [code, errorType] of refusals) {
    test(`tell of the host's ${code} with the class 'service' (§8)`, async (t) => {
      const fixture = await DoorFixture.start(t);
      fixture.invoker.script = () => Promise.reject(new HostError(code, 'A "reason"'));
      const peer = await AmqpPeer.connect(t);
      const reply = await peer.request(fixture.queue, "1");
      assert.deepEqual(errorOf(reply), { errorType, errorMessage: 'A "reason"' });
      assert.deepEqual(
        { ...reply.properties.headers },
        { "X-Lambda-Proto": "1", "X-Lambda-Error-Class": "service" },
      );
      assert.deepEqual(fixture.refused, [code]);
    });
  }

  for (const context of ["%%%", 'a"b', Buffer.from("no JSON").toString("base64")]) {
    test(`refuse the client context ${context} in valid JSON (§8)`, async (t) => {
      const { queue, invoker } = await DoorFixture.start(t);
      const peer = await AmqpPeer.connect(t);
      const headers = { "X-Amz-Client-Context": context };
      const reply = await peer.request(queue, "1", { headers });
      assert.equal(errorOf(reply).errorType, "Runtime.LambdaContextUnmarshalError");
      assert.equal(reply.properties.headers?.["X-Amz-Function-Error"], "Unhandled");
      assert.equal(invoker.invocations.length, 0);
      assert.equal(textOfBody(await peer.request(queue, "1")), "1");
    });
  }

  test("refuse an event over the limit of a synchronous invocation", async (t) => {
    const { queue, invoker } = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    const reply = await peer.request(queue, Buffer.alloc(6_291_557, " "));
    assert.equal(errorOf(reply).errorType, "RequestTooLargeException");
    assert.equal(invoker.invocations.length, 0);
    assert.equal(textOfBody(await peer.request(queue, "1")), "1");
  });

  test("that nobody can take are counted, and the host goes on", async (t) => {
    const fixture = await DoorFixture.start(t);
    const peer = await AmqpPeer.connect(t);
    peer.publish(fixture.queue, "1", { replyTo: "test.no-such-queue", correlationId: "1" });
    await waitFor(() => fixture.repliesReturned === 1);
    assert.equal(textOfBody(await peer.request(fixture.queue, "2")), "2");
    assert.deepEqual(fixture.faults, []);
  });
});
