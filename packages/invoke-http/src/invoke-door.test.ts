import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { emptyPayload, HostError, type Invocation, payloadText } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  asyncPath,
  failed,
  invokePath,
  request,
  returned,
  startDoor,
} from "./door-fixture.test.ts";

const id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const arn = "arn:aws:lambda:us-east-1:123456789012:function:echo";

describe("InvokeDoor answers Invoke", () => {
  test("with the function's bytes and AWS's headers", async (t) => {
    const { send, invoker } = await startDoor(t);
    invoker.script = () => returned([Buffer.from('{"a"'), Buffer.from(":1}\xff", "latin1")]);
    const headers = { "x-amzn-RequestId": id, "X-Amzn-Trace-Id": trace };
    const response = await send(request(invokePath, { headers, body: "{}" }));
    assert.equal(response.status, 200);
    assert.deepEqual(response.body, Buffer.from('{"a":1}\xff', "latin1"));
    const { date, ...rest } = response.headers;
    assert.ok(date);
    assert.deepEqual(rest, {
      "content-type": "application/json",
      "content-length": "8",
      "x-amzn-requestid": id,
      "x-amzn-trace-id": trace,
      "x-amz-executed-version": "7",
    });
  });

  test("with 200 and X-Amz-Function-Error when the function failed", async (t) => {
    const { send, invoker, rejections } = await startDoor(t);
    invoker.script = () => failed('{"errorType":"E"}', "Runtime.Unknown");
    const response = await send(request(invokePath));
    assert.equal(response.status, 200);
    assert.equal(response.headers["x-amz-function-error"], "Unhandled");
    assert.equal(response.headers["x-amz-executed-version"], "7");
    assert.equal(response.body.toString(), '{"errorType":"E"}');
    assert.deepEqual(rejections, []);
  });

  test("with the log tail in base64 when it was asked for", async (t) => {
    const { send, invoker } = await startDoor(t);
    const tail = Buffer.alloc(4_096, "é");
    invoker.script = ({ logTail }) => returned("1", logTail ? tail : undefined);
    const headers = { "X-Amz-Log-Type": "Tail" };
    const response = await send(request(invokePath, { headers }));
    assert.equal(response.headers["x-amz-log-result"], tail.toString("base64"));
    const without = await send(request(invokePath));
    assert.equal(without.headers["x-amz-log-result"], undefined);
  });

  test("with an empty body when the function returned no bytes", async (t) => {
    const { send, invoker } = await startDoor(t);
    invoker.script = () => returned([]);
    const response = await send(request(invokePath));
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-length"], "0");
  });

  test("with a new id and a new trace when the caller gave none", async (t) => {
    const { send, invoker } = await startDoor(t);
    const { headers } = await send(request(invokePath));
    const [invocation] = invoker.invocations;
    assert.match(headers["x-amzn-requestid"] ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(headers["x-amzn-requestid"], invocation?.requestId);
    assert.match(headers["x-amzn-trace-id"] ?? "", /^Root=1-/);
    assert.equal(headers["x-amzn-trace-id"], invocation?.traceId);
  });

  test("with many replies on one connection, in order", async (t) => {
    const { connect } = await startDoor(t);
    const connection = await connect();
    for (let index = 0; index < 10; index++) {
      connection.send(request(invokePath, { body: String(index) }));
    }
    for (let index = 0; index < 10; index++) {
      assert.equal((await connection.readResponse())?.body.toString(), String(index));
    }
  });
});

describe("InvokeDoor hands over", () => {
  test("everything that the caller said", async (t) => {
    const { send, invoker } = await startDoor(t);
    const headers = {
      "x-amzn-RequestId": id.toUpperCase(),
      "X-Amzn-Trace-Id": trace,
      "X-Amz-Log-Type": "Tail",
      "X-Amz-Client-Context": Buffer.from('{"custom":{}}').toString("base64"),
      "X-Amz-Tenant-Id": "blue",
      "Content-Type": "application/x-www-form-urlencoded",
    };
    await send(request(`${invokePath}?Qualifier=%24LATEST`, { headers, body: '{"a":1}' }));
    const { payload, ...rest } = invoker.invocations[0] as Invocation;
    assert.equal(payloadText(payload), '{"a":1}');
    assert.deepEqual(rest, {
      requestId: id,
      functionName: "echo",
      writtenName: "echo",
      qualifier: "$LATEST",
      invokedFunctionArn: `${arn}:$LATEST`,
      type: "RequestResponse",
      contentType: "application/json",
      traceId: trace,
      clientContext: '{"custom":{}}',
      cognitoIdentity: undefined,
      tenantId: "blue",
      logTail: true,
      expiresAtMs: undefined,
      stream: undefined,
    });
  });

  test("{} when the body is empty", async (t) => {
    const { send, invoker } = await startDoor(t);
    await send(request(invokePath));
    const [invocation] = invoker.invocations;
    assert.equal(payloadText(invocation?.payload ?? emptyPayload), "{}");
    assert.equal(invocation?.qualifier, undefined);
    assert.equal(invocation?.invokedFunctionArn, arn);
  });

  test("the function's own name when the caller said 'function'", async (t) => {
    const { send, invoker } = await startDoor(t);
    await send(request("/2015-03-31/functions/function/invocations"));
    assert.equal(invoker.invocations[0]?.functionName, "echo");
    assert.equal(invoker.invocations[0]?.invokedFunctionArn, arn);
  });

  test("an event that comes in chunks, cut anywhere", async (t) => {
    const { send, invoker } = await startDoor(t);
    const event = Buffer.from('{"text":"é€😀"}');
    const chunks = Array.from(event, (byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
    const head = `POST ${invokePath} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const response = await send(
      Buffer.concat([Buffer.from(head), ...chunks, Buffer.from("0\r\n\r\n")]),
    );
    assert.deepEqual(response.body, event);
    assert.deepEqual(Buffer.concat(invoker.invocations[0]?.payload.chunks ?? []), event);
  });

  test("an invocation of its own to each retry of an SDK (HT-4)", async (t) => {
    const { send, invoker } = await startDoor(t);
    const headers = { "amz-sdk-invocation-id": id, "amz-sdk-request": "attempt=2" };
    await send(request(invokePath, { headers, body: "1" }));
    await send(request(invokePath, { headers, body: "2" }));
    const [first, second] = invoker.invocations;
    assert.notEqual(first?.requestId, second?.requestId);
    assert.notEqual(first?.requestId, id);
  });
});

describe("InvokeDoor answers without running the function", () => {
  test("a DryRun with 204", async (t) => {
    const { send, invoker } = await startDoor(t);
    const headers = { "X-Amz-Invocation-Type": "DryRun" };
    const response = await send(request(invokePath, { headers, body: "{}" }));
    assert.equal(response.status, 204);
    assert.equal(response.headers["x-amz-executed-version"], undefined);
    assert.equal(response.headers["content-length"], undefined);
    assert.equal(invoker.invocations.length, 0);
  });

  test("a DryRun with what the check of its function says", async (t) => {
    const asked: string[] = [];
    const { send, rejections } = await startDoor(t, {
      check: ({ name }, writtenName) => {
        asked.push(`${name} ${writtenName}`);
        if (asked.length === 1) return Promise.resolve();
        return Promise.reject(new HostError("ResourceNotFoundException", "No such queue"));
      },
    });
    const headers = { "X-Amz-Invocation-Type": "DryRun" };
    const path = invokePath.replace("echo", "echo:$LATEST");
    assert.equal((await send(request(path, { headers, body: "{}" }))).status, 204);
    assert.equal((await send(request(path, { headers, body: "{}" }))).status, 404);
    assert.deepEqual(asked, ["echo echo:$LATEST", "echo echo:$LATEST"]);
    assert.deepEqual(rejections, ["404 ResourceNotFoundException"]);
  });

  const events = [
    [invokePath, { "X-Amz-Invocation-Type": "Event", "X-Amz-Log-Type": "Tail" }],
    [asyncPath, {}],
    [`${asyncPath}/`, { "X-Amz-Invocation-Type": "RequestResponse" }],
  ] as const;
  for (const [path, headers] of events) {
    test(`an event at ${path} with 202, once it has been accepted (INV-1)`, async (t) => {
      const accepted: Invocation[] = [];
      const durable = Promise.withResolvers<void>();
      const acceptEvent = (invocation: Invocation): Promise<void> => {
        accepted.push(invocation);
        return durable.promise;
      };
      const { connect, invoker } = await startDoor(t, { acceptEvent });
      const connection = await connect();
      connection.send(request(path, { headers, body: '{"a":1}' }));
      await waitFor(() => accepted.length === 1);
      // The answer to another connection: an early 202 would have been sent before it.
      const other = await connect();
      other.send(request(invokePath));
      await other.readResponse();
      assert.equal(connection.pendingBytes, 0);
      durable.resolve();
      const response = await connection.readResponse();
      assert.equal(response?.status, 202);
      assert.equal(response?.body.byteLength, 0);
      assert.equal(response?.headers["x-amzn-requestid"], accepted[0]?.requestId);
      assert.equal(response?.headers["x-amz-executed-version"], undefined);
      assert.equal(accepted[0]?.type, "Event");
      assert.equal(accepted[0]?.logTail, false);
      assert.equal(payloadText(accepted[0]?.payload ?? emptyPayload), '{"a":1}');
      assert.equal(invoker.invocations.length, 1);
    });
  }
});
