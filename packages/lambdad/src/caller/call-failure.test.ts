import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CallFailure, failureOfError, failureOfResponse } from "./call-failure.ts";

describe("failureOfResponse()", () => {
  for (const [name, header, body, kind, message] of [
    [
      "the header",
      "TooManyRequestsException:http://x/",
      '{"message":"Rate Exceeded."}',
      "TooManyRequestsException",
      "Rate Exceeded.",
    ],
    ["Message", "ServiceException", '{"Type":"Service","Message":"no"}', "ServiceException", "no"],
    ["code of the body", undefined, '{"code":"A","message":"b"}', "A", "b"],
    ["__type of the body", undefined, '{"__type":"com.amazonaws#A","message":"b"}', "A", "b"],
    [
      "a body that is no JSON",
      undefined,
      "<h1>Bad Gateway</h1>\n",
      "HTTP 502",
      "<h1>Bad Gateway</h1>",
    ],
    ["an empty body", undefined, "", "HTTP 502", "the endpoint answered with status 502"],
    ["JSON that is no object", undefined, "null", "HTTP 502", "null"],
    [
      "a message that is null",
      "AccessDeniedException",
      '{"Message":null}',
      "AccessDeniedException",
      '{"Message":null}',
    ],
  ] as const) {
    test(`reads ${name}`, () => {
      const failure = failureOfResponse(502, header, body);
      assert.equal(failure.kind, kind);
      assert.equal(failure.message, message);
    });
  }

  test("says what to do", () => {
    const throttled = failureOfResponse(429, "TooManyRequestsException", "{}");
    assert.match(throttled.remedy ?? "", /--max-concurrency/);
    assert.equal(failureOfResponse(503, undefined, "").remedy, "Try again later");
    const refused = failureOfResponse(503, undefined, '{"Message":"Start with --events=memory"}');
    assert.equal(refused.remedy, undefined);
    assert.match(failureOfResponse(404, undefined, "").remedy ?? "", /--endpoint-url/);
  });
});

describe("failureOfError()", () => {
  test("keeps a failure, and the cause of an error", () => {
    const failure = new CallFailure("k", "m");
    assert.equal(failureOfError(failure), failure);
    const error = Object.assign(new Error(""), { code: "ECONNREFUSED" });
    const refused = failureOfError(error);
    assert.equal(refused.cause, error);
    assert.equal(refused.message, "connection refused");
    assert.match(refused.remedy ?? "", /Is lambdad running/);
  });

  test("never has an empty message", () => {
    assert.equal(failureOfError(Object.assign(new Error(""), { code: "EODD" })).message, "EODD");
    assert.equal(failureOfError("text").message, "text");
  });
});
