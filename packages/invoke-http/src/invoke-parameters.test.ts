import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import type { RequestHeaders } from "@lambdad/http1";
import { readInvokeParameters, readRequestId } from "./invoke-parameters.ts";

function headersOf(fields: Readonly<Record<string, string>>): RequestHeaders {
  const map = new Map(Object.entries(fields));
  return { get: (name) => map.get(name), entries: () => map };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const enumRule = "failed to satisfy constraint: Member must satisfy enum value set:";
const contextMessage = "Client context must be a valid Base64-encoded JSON object.";

describe("readRequestId()", () => {
  test("takes a UUID over, in lower case", () => {
    const headers = headersOf({ "x-amzn-requestid": "8476A536-e9f4-11e8-9739-2dfe598c3fcd" });
    assert.equal(readRequestId(headers), "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    assert.equal(readRequestId(headersOf({})), undefined);
  });

  for (const id of [
    "",
    "x",
    "8476a536e9f411e897392dfe598c3fcd",
    "8476a536-e9f4-11e8-9739-2dfe598c3fcd ",
  ]) {
    test(`refuses '${id}'`, () => {
      assert.throws(
        () => readRequestId(headersOf({ "x-amzn-requestid": id })),
        (error) => error instanceof HostError && error.code === "InvalidRequestContentException",
      );
    });
  }
});

describe("readInvokeParameters()", () => {
  test("has AWS's defaults", () => {
    const { traceId, ...rest } = readInvokeParameters(headersOf({}), "invoke");
    assert.match(traceId, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    assert.deepEqual(rest, {
      type: "RequestResponse",
      logTail: false,
      clientContext: undefined,
      tenantId: undefined,
      traceIdDropped: false,
    });
  });

  test("reads every header", () => {
    const headers = headersOf({
      "x-amz-invocation-type": "RequestResponse",
      "x-amz-log-type": "Tail",
      "x-amz-client-context": base64('{"custom":{"a":"é"}}'),
      "x-amz-tenant-id": "tenant 1.a_b:c/d=e+f-g@h",
      "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a:2",
    });
    assert.deepEqual(readInvokeParameters(headers, "stream"), {
      type: "RequestResponse",
      logTail: true,
      clientContext: '{"custom":{"a":"é"}}',
      tenantId: "tenant 1.a_b:c/d=e+f-g@h",
      traceId: "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a:2",
      traceIdDropped: false,
    });
  });

  test("gives an event neither log tail nor client context", () => {
    const headers = headersOf({
      "x-amz-invocation-type": "Event",
      "x-amz-log-type": "Tail",
      "x-amz-client-context": base64("{}"),
    });
    const parameters = readInvokeParameters(headers, "invoke");
    assert.equal(parameters.type, "Event");
    assert.equal(parameters.logTail, false);
    assert.equal(parameters.clientContext, undefined);
  });

  test("reads no headers of InvokeAsync", () => {
    const trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
    const headers = headersOf({ "x-amz-invocation-type": "DryRun", "x-amzn-trace-id": trace });
    const parameters = readInvokeParameters(headers, "async");
    assert.equal(parameters.type, "Event");
    assert.notEqual(parameters.traceId, trace);
  });

  for (const trace of ["Root=1\u0001", "Root=é", "Self=1", "", `Root=${"1".repeat(1_024)}`]) {
    test(`makes a new trace instead of '${trace.slice(0, 12)}' (HT-9)`, () => {
      const parameters = readInvokeParameters(headersOf({ "x-amzn-trace-id": trace }), "invoke");
      assert.equal(parameters.traceIdDropped, true);
      assert.match(parameters.traceId, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/);
    });
  }

  test("makes one line of a client context of several (HT-9)", () => {
    const headers = headersOf({ "x-amz-client-context": base64('\r\n{\n\t"a": 1\r\n}') });
    assert.equal(readInvokeParameters(headers, "invoke").clientContext, '  {  "a": 1  }');
  });

  const bad: readonly (readonly [string, string, "invoke" | "stream", string, string])[] = [
    [
      "x-amz-invocation-type",
      "event",
      "invoke",
      "InvalidParameterValueException",
      `1 validation error detected: Value 'event' at 'invocationType' ${enumRule} [Event, RequestResponse, DryRun]`,
    ],
    [
      "x-amz-invocation-type",
      "Event",
      "stream",
      "InvalidParameterValueException",
      `1 validation error detected: Value 'Event' at 'invocationType' ${enumRule} [RequestResponse, DryRun]`,
    ],
    [
      "x-amz-log-type",
      "tail",
      "invoke",
      "InvalidParameterValueException",
      `1 validation error detected: Value 'tail' at 'logType' ${enumRule} [Tail, None]`,
    ],
    [
      "x-amz-tenant-id",
      "a,b",
      "invoke",
      "InvalidParameterValueException",
      String.raw`1 validation error detected: Value 'a,b' at 'tenantId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9\._:\/=+\-@ ]+`,
    ],
    [
      "x-amz-tenant-id",
      "t".repeat(257),
      "invoke",
      "InvalidParameterValueException",
      `1 validation error detected: Value '${"t".repeat(257)}' at 'tenantId' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ],
    ["x-amz-client-context", "", "invoke", "InvalidRequestContentException", contextMessage],
    ["x-amz-client-context", "{}", "invoke", "InvalidRequestContentException", contextMessage],
    [
      "x-amz-client-context",
      base64("[]"),
      "invoke",
      "InvalidRequestContentException",
      contextMessage,
    ],
    [
      "x-amz-client-context",
      base64("{"),
      "invoke",
      "InvalidRequestContentException",
      contextMessage,
    ],
    [
      "x-amz-client-context",
      "eyJhIjoi/yJ9",
      "invoke",
      "InvalidRequestContentException",
      contextMessage,
    ],
    [
      "x-amz-client-context",
      "e30=".repeat(1_000),
      "invoke",
      "InvalidRequestContentException",
      "Client context must be no more than 3583 bytes.",
    ],
  ];
  for (const [name, value, action, code, message] of bad) {
    test(`refuses ${name} '${value.slice(0, 12)}' of ${action} (HT-9)`, () => {
      assert.throws(
        () => readInvokeParameters(headersOf({ [name]: value }), action),
        (error) => error instanceof HostError && error.code === code && error.message === message,
      );
    });
  }
});
