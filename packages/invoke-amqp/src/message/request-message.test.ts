import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { ConsumeMessage } from "amqplib";
import { readRequest, remainingMs, type RequestFacts } from "./request-message.ts";

function message(headers: unknown, expiration?: unknown): ConsumeMessage {
  return { properties: { headers, expiration }, fields: { redelivered: false } } as ConsumeMessage;
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

describe("readRequest()", () => {
  const uuid = "0b7c2f64-4b1c-4b0b-9a53-1f6f2b1d7c55";
  const cases: readonly (readonly [headers: object, Partial<RequestFacts>])[] = [
    [{}, { traceId: undefined, clientContext: undefined, attempt: 0, logTail: false }],
    [{ "X-Amzn-Requestid": uuid.toUpperCase() }, { requestId: uuid }],
    [{ "X-Amz-Log-Type": "Tail" }, { logTail: true }],
    [{ "X-Amz-Log-Type": "None" }, { logTail: false }],
    [{ "X-Lambda-Attempt": "2" }, { attempt: 2 }],
    [{ "X-Lambda-Attempt": "1e3" }, { attempt: 0 }],
    [{ "X-Lambda-Attempt": "" }, { attempt: 0 }],
    [{ "X-Lambda-Deadline-Ms": "1700000000000" }, { deadlineMs: 1_700_000_000_000 }],
    [{ "X-Lambda-Deadline-Ms": "-1" }, { deadlineMs: undefined }],
    [{ "x-lambda-deadline-MS": Buffer.from("7") }, { deadlineMs: 7 }],
    [{ "X-Amzn-Trace-Id": "" }, { traceId: undefined }],
    [{ "X-Amzn-Trace-Id": "Root=1;\r\nInjected: 1" }, { traceId: undefined }],
  ];
  for (const [headers, expected] of cases) {
    test(`reads ${JSON.stringify(headers)}`, () => {
      const facts: Partial<Record<string, unknown>> = { ...readRequest(message(headers)) };
      for (const [key, value] of Object.entries(expected)) assert.equal(facts[key], value, key);
    });
  }

  test("makes up a request id when there is none that is a UUID", () => {
    for (const id of [undefined, 7, "", "not-a-uuid", `${uuid}0`]) {
      assert.match(readRequest(message({ "X-Amzn-Requestid": id })).requestId, /^[0-9a-f-]{36}$/);
    }
  });

  test("never throws, and gives texts and numbers only (AM-22)", () => {
    const value = fc.anything({ withDate: true, withTypedArray: true, withNullPrototype: true });
    const names = [
      "x-amzn-requestid",
      "X-AMZN-TRACE-ID",
      "x-amz-client-context",
      "x-amz-tenant-id",
      "x-amz-log-type",
      "x-lambda-attempt",
      "x-lambda-deadline-ms",
      "__proto__",
    ];
    const table = fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value));
    fc.assert(
      fc.property(table, value, (headers, expiration) => {
        const facts = readRequest(message(headers, expiration));
        assert.ok([facts.traceId, facts.clientContext, facts.tenantId].every(isTextOrAbsent));
        assert.ok(Number.isSafeInteger(facts.attempt) && facts.attempt >= 0);
        assert.equal(typeof facts.logTail, "boolean");
        assert.match(facts.requestId, /^[0-9a-f-]{36}$/);
      }),
    );
  });
});

describe("remainingMs()", () => {
  const nowMs = 1_700_000_000_000;
  const cases: readonly (readonly [string, object, number | undefined])[] = [
    ["nothing is known", {}, undefined],
    ["only the time to live is known", { expirationMs: 500 }, 500],
    ["only the deadline is known", { deadlineMs: nowMs + 500 }, 500],
    ["only the deadline is known, and over", { deadlineMs: nowMs - 1 }, -1],
    ["both are, and agree", { deadlineMs: nowMs + 400, expirationMs: 500 }, 400],
    ["the caller's clock is ahead", { deadlineMs: nowMs + 86_400_000, expirationMs: 500 }, 500],
    ["the caller's clock is behind", { deadlineMs: nowMs - 86_400_000, expirationMs: 500 }, 500],
  ];
  for (const [what, facts, expected] of cases) {
    test(`is ${expected} when ${what} (§9, HO-4)`, () => {
      const known = { deadlineMs: undefined, expirationMs: undefined, ...facts } as RequestFacts;
      assert.equal(remainingMs(known, nowMs), expected);
    });
  }
});
