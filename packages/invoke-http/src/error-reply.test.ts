import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError, type HostErrorCode } from "@lambdad/core";
import { renderHostError, renderMethodNotAllowed, renderUnknownOperation } from "./error-reply.ts";

const id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/** As AWS sends them. */
const table: readonly (readonly [HostErrorCode, number, string, string])[] = [
  [
    "InvalidParameterValueException",
    400,
    "InvalidParameterValueException",
    '{"Type":"User","message":"x"}',
  ],
  [
    "InvalidRequestContentException",
    400,
    "InvalidRequestContentException",
    '{"Type":"User","message":"x"}',
  ],
  ["ValidationException", 400, "ValidationException", '{"message":"x"}'],
  ["AccessDeniedException", 403, "AccessDeniedException", '{"Message":"x"}'],
  ["ResourceNotFoundException", 404, "ResourceNotFoundException", '{"Type":"User","Message":"x"}'],
  ["ResourceConflictException", 409, "ResourceConflictException", '{"Type":"User","message":"x"}'],
  ["RequestTooLargeException", 413, "RequestTooLargeException", '{"Type":"User","message":"x"}'],
  [
    "UnsupportedMediaTypeException",
    415,
    "UnsupportedMediaTypeException",
    '{"Type":"User","message":"x"}',
  ],
  ["TooManyRequestsException", 429, "TooManyRequestsException", '{"Type":"User","message":"x"}'],
  ["ServiceException", 500, "ServiceException", '{"Type":"Service","Message":"x"}'],
  ["ServiceUnavailable", 503, "ServiceException", '{"Type":"Service","Message":"x"}'],
];

describe("renderHostError()", () => {
  for (const [code, status, name, body] of table) {
    test(`renders ${code} as AWS does`, () => {
      const retry = status === 429 || status === 503 ? "Retry-After: 1\r\n" : "";
      assert.deepEqual(renderHostError(new HostError(code, "x"), id), {
        status,
        headers: `Content-Type: application/json\r\nx-amzn-RequestId: ${id}\r\nx-amzn-ErrorType: ${name}\r\n${retry}`,
        body,
      });
    });
  }

  test("puts the reason of a throttle first (HT-11)", () => {
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    const error = new HostError("TooManyRequestsException", "Rate Exceeded.", { reason });
    assert.equal(
      renderHostError(error, id).body,
      `{"Reason":"${reason}","Type":"User","message":"Rate Exceeded."}`,
    );
  });

  test("says null where there is no text", () => {
    assert.equal(
      renderHostError(new HostError("AccessDeniedException", ""), id).body,
      '{"Message":null}',
    );
  });

  test("keeps what was thrown out of the answer (HT-13)", () => {
    const { status, headers, body } = renderHostError(HostError.from(new Error("/etc/secret")), id);
    assert.equal(status, 500);
    assert.doesNotMatch(headers + body, /secret/);
  });

  test("escapes text that callers have a say in", () => {
    const { body } = renderHostError(new HostError("ValidationException", 'a"\r\n\u0000'), id);
    assert.deepEqual(JSON.parse(body), { message: 'a"\r\n\u0000' });
    assert.doesNotMatch(body, /[\r\n\0]/);
  });
});

describe("renderUnknownOperation()", () => {
  test("answers 404 with a name", () => {
    const { status, headers } = renderUnknownOperation(id);
    assert.equal(status, 404);
    assert.match(headers, /x-amzn-ErrorType: UnknownOperationException\r\n/);
  });
});

describe("renderMethodNotAllowed()", () => {
  test("answers 405 with the methods that there are (HT-16)", () => {
    const { status, headers } = renderMethodNotAllowed("GET, HEAD", id);
    assert.equal(status, 405);
    assert.match(headers, /\r\nAllow: GET, HEAD\r\n/);
  });
});
