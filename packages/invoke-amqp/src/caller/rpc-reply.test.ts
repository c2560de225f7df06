import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import * as fc from "fast-check";
import type { ConsumeMessage } from "amqplib";
import { functionErrorOf, readReply, type RpcReply, valueOf } from "./rpc-reply.ts";

function message(
  body: string | Buffer,
  headers: unknown = {},
  contentType?: unknown,
): ConsumeMessage {
  return {
    content: Buffer.from(body as string),
    properties: { headers, contentType },
  } as ConsumeMessage;
}

const ours = { "X-Lambda-Proto": "1" };
const error = '{"errorType":"E","errorMessage":"m"}';

describe("readReply()", () => {
  const cases: readonly (readonly [
    what: string,
    body: string,
    headers: object,
    Partial<RpcReply>,
  ])[] = [
    ["a value of ours", "1", ours, { functionError: undefined, executedVersion: "$LATEST" }],
    ["an object of ours that looks like an error", error, ours, { functionError: undefined }],
    [
      "an error of ours",
      "no JSON",
      { "x-amz-function-error": "Unhandled" },
      { functionError: "Unhandled" },
    ],
    ["a value of others", "1", {}, { functionError: undefined }],
    ["an error of others", error, {}, { functionError: "Unhandled" }],
    [
      "an error of others in broken JSON",
      '{"errorType": "E", "errorMessage": "a "b""}',
      {},
      { functionError: "Unhandled" },
    ],
    ["text with the word in it", '"errorType"', {}, { functionError: undefined }],
    [
      "an error of others that copy our request's headers",
      error,
      { "X-Amzn-Trace-Id": "Root=1" },
      { functionError: "Unhandled" },
    ],
    ["a header of the wrong type", error, { "X-Lambda-Proto": 1 }, { functionError: "Unhandled" }],
    ["a version", "1", { "X-Amz-Executed-Version": "7" }, { executedVersion: "7" }],
    [
      "a version that is a line of HTTP",
      "1",
      { "X-Amz-Executed-Version": "1\r\nX-Evil: 1" },
      { executedVersion: "$LATEST" },
    ],
    ["a log", "1", { "X-Amz-Log-Result": "bG9n" }, { logTail: Buffer.from("log") }],
  ];
  for (const [what, body, headers, expected] of cases) {
    test(`reads ${what} (§8)`, () => {
      const reply: Partial<Record<string, unknown>> = { ...readReply(message(body, headers)) };
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(reply[key], value, key);
      assert.equal((reply["payload"] as Buffer).toString(), body);
    });
  }

  const service = { ...ours, "X-Lambda-Error-Class": "service" };
  const refusals: readonly (readonly [body: string, headers: object, code: string])[] = [
    [
      '{"errorType":"TooManyRequestsException","errorMessage":"m"}',
      service,
      "TooManyRequestsException",
    ],
    [
      '{"errorType":"ResourceNotFoundException","errorMessage":"m"}',
      service,
      "ResourceNotFoundException",
    ],
    [
      '{"errorType":"ResourceNotFoundException","errorMessage":"m"}',
      {},
      "ResourceNotFoundException",
    ],
    // Of another host: worth another attempt.
    ['{"errorType":"ServiceException","errorMessage":"m"}', service, "ServiceUnavailable"],
    ['{"errorType":"Unheard","errorMessage":"m"}', service, "ServiceUnavailable"],
    ['{"errorType":"constructor","errorMessage":"m"}', service, "ServiceUnavailable"],
    ["no JSON", service, "ServiceUnavailable"],
    ["", service, "ServiceUnavailable"],
  ];
  for (const [body, headers, code] of refusals) {
    test(`throws ${code} for ${JSON.stringify(body)} with ${Object.keys(headers).length} headers (§8)`, () => {
      assert.throws(
        () => readReply(message(body, headers)),
        (thrown: unknown) => thrown instanceof HostError && thrown.code === code,
      );
    });
  }

  test("throws nothing but HostError, and leaves the bytes alone (AM-22)", () => {
    const names = [
      "X-Lambda-Proto",
      "x-lambda-error-class",
      "X-Amz-Function-Error",
      "X-Amz-Log-Result",
    ];
    const value = fc.oneof(fc.constantFrom("service", "Unhandled", "1"), fc.anything());
    const headers = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...names), value));
    const piece = fc.constantFrom(
      '{"errorType":',
      '"errorType"',
      '"E"',
      ",",
      '"errorMessage":',
      "}",
      "[",
      "null",
      "\uD800",
      '"',
    );
    const body = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join("")),
      fc.json(),
    );
    fc.assert(
      fc.property(body, headers, fc.anything(), (text, table, contentType) => {
        try {
          const reply = readReply(message(text, table, contentType));
          assert.ok(reply.payload.equals(Buffer.from(text)));
          assert.equal(typeof reply.contentType, "string");
          valueOf(reply);
          assert.equal(typeof functionErrorOf(reply).errorType, "string");
        } catch (thrown) {
          assert.ok(thrown instanceof HostError, String(thrown));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("valueOf()", () => {
  const bytes = Buffer.from("12");
  const cases: readonly (readonly [contentType: string, body: Buffer, value: unknown])[] = [
    ["application/json", bytes, 12],
    ["", bytes, 12],
    ["text/plain", bytes, 12],
    ["text/plain", Buffer.from("text"), Buffer.from("text")],
    ["application/json", Buffer.from("text"), Buffer.from("text")],
    ["application/octet-stream", bytes, bytes],
    ["Application/Octet-Stream; x=y", bytes, bytes],
    ["application/json", Buffer.alloc(0), Buffer.alloc(0)],
  ];
  for (const [contentType, payload, value] of cases) {
    test(`is ${JSON.stringify(value)} for ${JSON.stringify(payload.toString())} of type '${contentType}'`, () => {
      assert.deepEqual(valueOf({ payload, contentType } as RpcReply), value);
    });
  }
});
