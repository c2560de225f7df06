import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import {
  asyncPath,
  invokePath,
  request,
  requestHead,
  type RequestParts,
  startDoor,
  streamPath,
} from "./door-fixture.test.ts";

const event = { "X-Amz-Invocation-Type": "Event" };

interface Refusal {
  readonly what: string;
  readonly path: string;
  readonly parts?: RequestParts;
  readonly status: number;
  readonly name: string;
  readonly text: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    what: "a body that is not JSON (HT-8)",
    path: invokePath,
    parts: { body: '{"a":x}' },
    status: 400,
    name: "InvalidRequestContentException",
    text: /^Could not parse request body into json: Could not parse payload into json: Unexpected character \('x' \(code 120\)\)/,
  },
  {
    what: "a body that is not UTF-8 (HT-8)",
    path: invokePath,
    parts: { body: '"\x87"' },
    status: 400,
    name: "InvalidRequestContentException",
    text: /Invalid UTF-8 start byte 0x87/,
  },
  {
    what: "white space alone (HT-8)",
    path: invokePath,
    parts: { body: " " },
    status: 400,
    name: "InvalidRequestContentException",
    text: /Unexpected end-of-input/,
  },
  {
    what: "a client context that is no base64 (HT-9)",
    path: invokePath,
    parts: { headers: { "X-Amz-Client-Context": "{}" } },
    status: 400,
    name: "InvalidRequestContentException",
    text: /^Client context must be a valid Base64/,
  },
  {
    what: "a request id that is no UUID",
    path: invokePath,
    parts: { headers: { "x-amzn-RequestId": "1" } },
    status: 400,
    name: "InvalidRequestContentException",
    text: /must be a UUID/,
  },
  {
    what: "an unknown invocation type",
    path: invokePath,
    parts: { headers: { "X-Amz-Invocation-Type": "x" } },
    status: 400,
    name: "InvalidParameterValueException",
    text: /'invocationType'/,
  },
  {
    what: "an event that wants a stream",
    path: streamPath,
    parts: { headers: event },
    status: 400,
    name: "InvalidParameterValueException",
    text: /'invocationType'/,
  },
  {
    what: "an unknown function (HT-10)",
    path: "/2015-03-31/functions/nope/invocations",
    status: 404,
    name: "ResourceNotFoundException",
    text: /^Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope:\$LATEST$/,
  },
  {
    what: "a bad name (HT-10)",
    path: "/2015-03-31/functions/a%20b/invocations",
    status: 400,
    name: "ValidationException",
    text: /^1 validation error detected: Value 'a b' at 'functionName'/,
  },
  {
    what: "a bad qualifier (HT-10)",
    path: `${invokePath}?Qualifier=a%20b`,
    status: 400,
    name: "ValidationException",
    text: /at 'qualifier'/,
  },
  {
    what: "two qualifiers that differ (HT-10)",
    path: "/2015-03-31/functions/echo:1/invocations?Qualifier=2",
    status: 400,
    name: "InvalidParameterValueException",
    text: /^The derived qualifier from the function name/,
  },
  {
    what: "an event without a place for it (AS-11)",
    path: invokePath,
    parts: { headers: event, body: "{}" },
    status: 503,
    name: "ServiceException",
    text: /--events=memory/,
  },
  {
    what: "InvokeAsync without a place for it (AS-11)",
    path: asyncPath,
    parts: { body: "{}" },
    status: 503,
    name: "ServiceException",
    text: /--events=memory/,
  },
  {
    what: "a coded body (reliability.md 12.3)",
    path: invokePath,
    parts: { headers: { "Content-Encoding": "gzip" }, body: "x" },
    status: 415,
    name: "UnsupportedMediaTypeException",
    text: /Content-Encoding/,
  },
  {
    what: "a web page (reliability.md 12.1)",
    path: invokePath,
    parts: { headers: { Origin: "https://example.com" } },
    status: 403,
    name: "AccessDeniedException",
    text: /origin/,
  },
  {
    what: "a page without an origin (reliability.md 12.1)",
    path: invokePath,
    parts: { headers: { Origin: "null" } },
    status: 403,
    name: "AccessDeniedException",
    text: /origin/,
  },
  {
    what: "an unknown path",
    path: "/2015-03-31/functions/echo",
    status: 404,
    name: "UnknownOperationException",
    text: /no operation/,
  },
  {
    what: "GET on a route (HT-16)",
    path: invokePath,
    parts: { method: "GET" },
    status: 405,
    name: "MethodNotAllowedException",
    text: /method/,
  },
  {
    what: "PUT on a route (HT-16)",
    path: streamPath,
    parts: { method: "PUT", body: "{}" },
    status: 405,
    name: "MethodNotAllowedException",
    text: /method/,
  },
  {
    what: "OPTIONS on a route (HT-16)",
    path: asyncPath,
    parts: { method: "OPTIONS" },
    status: 405,
    name: "MethodNotAllowedException",
    text: /method/,
  },
];

/** The text of an error body, whichever member carries it. */
function textOf(body: Buffer): string {
  const members = JSON.parse(body.toString()) as { message?: string; Message?: string };
  return members.message ?? members.Message ?? "";
}

async function refuseEvent(): Promise<void> {
  throw new HostError("ServiceUnavailable", "The disk is full");
}

describe("InvokeDoor refuses", () => {
  for (const { what, path, parts, status, name, text } of refusals) {
    test(`${what} with ${status}, and goes on`, async (t) => {
      const { connect, invoker, rejections } = await startDoor(t);
      const connection = await connect();
      connection.send(request(path, parts));
      const response = await connection.readResponse();
      assert.equal(response?.status, status);
      assert.equal(response.headers["x-amzn-errortype"], name);
      assert.equal(response.headers["content-type"], "application/json");
      assert.match(response.headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/);
      assert.equal(response.headers["allow"], status === 405 ? "POST" : undefined);
      assert.equal(response.headers["retry-after"], status === 503 ? "1" : undefined);
      assert.match(textOf(response.body), text);
      assert.equal(invoker.invocations.length, 0);
      assert.equal(rejections.length, 1);
      assert.ok(rejections[0]?.startsWith(`${status} `), rejections[0]);
      if (response.headers["connection"] === "close") return;
      connection.send(request(invokePath, { body: "1" }));
      assert.equal((await connection.readResponse())?.status, 200);
    });
  }

  test("HEAD on a route with 405 and no body (HT-16)", async (t) => {
    const { connect } = await startDoor(t);
    const connection = await connect();
    connection.send(request(invokePath, { method: "HEAD" }));
    assert.equal((await connection.readResponse({ head: true }))?.status, 405);
    connection.send(request(invokePath, { body: "1" }));
    assert.equal((await connection.readResponse())?.status, 200);
  });

  test("nobody whose origin is allowed", async (t) => {
    const allowedOrigins = new Set(["https://example.com"]);
    const { send } = await startDoor(t, { allowedOrigins });
    const headers = { Origin: "https://example.com", "Content-Encoding": "identity" };
    assert.equal((await send(request(invokePath, { headers }))).status, 200);
  });

  test("what its host does not admit, before the body is read (HT-11, HT-15)", async (t) => {
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    const admit = (): HostError =>
      new HostError("TooManyRequestsException", "Rate Exceeded.", { reason });
    const { send, rejections } = await startDoor(t, { admit });
    const headers = { "Content-Length": "1000000", Expect: "100-continue" };
    const response = await send(requestHead(invokePath, { headers }));
    assert.equal(response.status, 429);
    assert.equal(response.headers["retry-after"], "1");
    assert.equal(
      response.body.toString(),
      `{"Reason":"${reason}","Type":"User","message":"Rate Exceeded."}`,
    );
    assert.deepEqual(rejections, [`429 ${reason}`]);
  });

  test("what the invoker refuses, in its words (HT-11, HT-12)", async (t) => {
    const { send, invoker, failures } = await startDoor(t);
    invoker.script = () => {
      throw new HostError("ServiceUnavailable", "The broker is away");
    };
    const response = await send(request(invokePath));
    assert.equal(response.status, 503);
    assert.equal(response.headers["x-amzn-errortype"], "ServiceException");
    assert.equal(response.headers["retry-after"], "1");
    assert.equal(response.body.toString(), '{"Type":"Service","Message":"The broker is away"}');
    assert.deepEqual(failures, []);
  });

  for (const path of [invokePath, streamPath]) {
    test(`a bug of ours with 500 at ${path}, without a word of it (HT-13)`, async (t) => {
      const { connect, invoker, failures } = await startDoor(t);
      const bug = new Error("Cannot read /etc/secret");
      invoker.script = () => {
        throw bug;
      };
      const connection = await connect();
      connection.send(request(path));
      const response = await connection.readResponse();
      assert.equal(response?.status, 500);
      assert.equal(
        response.body.toString(),
        '{"Type":"Service","Message":"An internal error occurred."}',
      );
      assert.equal(failures[0]?.cause, bug);
      invoker.script = () => Promise.reject(new HostError("ResourceConflictException", "busy"));
      connection.send(request(path));
      assert.equal((await connection.readResponse())?.status, 409);
    });
  }

  test("an event that could not be stored with what stands in the way (AS-11)", async (t) => {
    const { send } = await startDoor(t, { acceptEvent: refuseEvent });
    const response = await send(request(invokePath, { headers: event }));
    assert.equal(response.status, 503);
    assert.match(response.body.toString(), /The disk is full/);
  });

  test("an event that is not JSON, before it is stored (AS-1)", async (t) => {
    const { send } = await startDoor(t, { acceptEvent: refuseEvent });
    const response = await send(request(invokePath, { headers: event, body: "x" }));
    assert.equal(response.status, 400);
    assert.match(response.body.toString(), /Could not parse request body into json/);
  });

  test("no trace header that it may not pass on, but counts it (HT-9)", async (t) => {
    const { send, droppedTraceIds, invoker } = await startDoor(t);
    const headers = { "X-Amzn-Trace-Id": "Root=\xff" };
    const response = await send(request(invokePath, { headers }));
    assert.equal(response.status, 200);
    assert.equal(droppedTraceIds(), 1);
    assert.doesNotMatch(invoker.invocations[0]?.traceId ?? "", /\xff/);
  });
});
