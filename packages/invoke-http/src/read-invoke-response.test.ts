import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadOf, payloadText } from "@lambdad/core";
import {
  readCompletion,
  readErrorType,
  readExecutedVersion,
  readHostError,
  type ResponseHead,
} from "./read-invoke-response.ts";

function headOf(status: number, errorType?: string): ResponseHead {
  return { status, headers: { "x-amzn-errortype": errorType } };
}

describe("readHostError()", () => {
  const table: readonly (readonly [number, string | undefined, string, string, string])[] = [
    [
      404,
      "ResourceNotFoundException",
      '{"Type":"User","Message":"gone"}',
      "ResourceNotFoundException",
      "gone",
    ],
    [
      404,
      "ResourceNotFoundException:http://x/",
      '{"Message":"gone"}',
      "ResourceNotFoundException",
      "gone",
    ],
    [
      400,
      "com.amazonaws#InvalidRequestContentException",
      '{"message":"bad"}',
      "InvalidRequestContentException",
      "bad",
    ],
    [
      400,
      undefined,
      '{"__type":"a#ValidationException","message":"bad"}',
      "ValidationException",
      "bad",
    ],
    [
      400,
      undefined,
      '{"code":"ValidationException","message":"bad"}',
      "ValidationException",
      "bad",
    ],
    [500, "ServiceException", '{"Message":"x"}', "ServiceException", "x"],
    [503, "ServiceException", '{"Message":"x"}', "ServiceUnavailable", "x"],
    [503, undefined, "<html>", "ServiceUnavailable", ""],
    [502, "InvalidRuntimeException", "{}", "ServiceUnavailable", ""],
    [429, "ThrottlingException", "{}", "TooManyRequestsException", ""],
    [413, "RequestEntityTooLargeException", "{}", "RequestTooLargeException", ""],
    [400, "SnapStartException", '{"Message":"hook"}', "ServiceException", "hook"],
    [400, "constructor", "{}", "ServiceException", ""],
    [302, undefined, "", "ServiceException", ""],
    [403, "AccessDeniedException", '{"Message":null}', "AccessDeniedException", ""],
    [404, undefined, '["x"]', "ResourceNotFoundException", ""],
  ];
  for (const [status, name, body, code, message] of table) {
    test(`takes ${status} ${name} '${body}' for ${code}`, () => {
      const error = readHostError(headOf(status, name), body);
      assert.equal(error.code, code);
      assert.equal(error.message, message);
      assert.equal(error.reason, undefined);
    });
  }

  test("keeps the reason of a throttle, when it is one", () => {
    const head = headOf(429, "TooManyRequestsException");
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    assert.equal(readHostError(head, `{"Reason":"${reason}","message":"x"}`).reason, reason);
    assert.equal(readHostError(head, '{"Reason":"weather"}').reason, undefined);
  });
});

describe("readErrorType()", () => {
  const table: readonly (readonly [string, string])[] = [
    ['{"errorType":"Runtime.ExitError"}', "Runtime.ExitError"],
    ['{"errorType":7}', "Unhandled"],
    ["[]", "Unhandled"],
    ["\u0000", "Unhandled"],
    ["", "Unhandled"],
    [`{"errorType":"E","errorMessage":"${"x".repeat(70_000)}"}`, "Unhandled"],
  ];
  for (const [body, type] of table) {
    test(`finds ${type} in '${body.slice(0, 40)}'`, () => {
      assert.equal(readErrorType(payloadOf(body)), type);
    });
  }
});

describe("readExecutedVersion()", () => {
  for (const [value, version] of [
    ["7", "7"],
    ["$LATEST", "$LATEST"],
    ["$LATEST\r\nx: y", "$LATEST"],
    ["prod", "$LATEST"],
    [undefined, "$LATEST"],
  ] as const) {
    test(`takes '${value}' for '${version}'`, () => {
      const headers = { "x-amz-executed-version": value };
      assert.equal(readExecutedVersion({ status: 200, headers }), version);
    });
  }
});

describe("readCompletion()", () => {
  test("reads every member", () => {
    const { error, logTail } = readCompletion(
      Buffer.from('{"ErrorCode":"Unhandled","ErrorDetails":"{}","LogResult":"QQ=="}'),
    );
    assert.equal(error?.errorType, "Unhandled");
    assert.equal(payloadText(error.payload), "{}");
    assert.equal(Buffer.from(logTail ?? []).toString(), "A");
  });

  for (const text of ["{}", "", "[]", "null", '{"ErrorCode":1,"LogResult":{}}', "\u0000"]) {
    test(`takes '${text}' for success`, () => {
      assert.deepEqual(readCompletion(Buffer.from(text)), { error: undefined, logTail: undefined });
    });
  }
});
