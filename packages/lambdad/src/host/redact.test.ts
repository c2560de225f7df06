import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { redactText, redactValue } from "./redact.ts";

describe("redactValue() (INV-10)", () => {
  for (const name of [
    "authorization",
    "x-amz-security-token",
    "Cookie",
    "set-cookie",
    "X-Amz-Signature",
    "x-amz-credential",
    "clientSecret",
    "PASSWORD",
    "db_passwd",
    "apiKey",
    "api-key",
    "API_KEY",
    "credentials",
  ]) {
    test(`writes no value of '${name}'`, () => {
      assert.equal(redactValue(name, "hunter2"), "[redacted]");
      assert.equal(redactValue(name, 42), "[redacted]");
    });
  }

  test("leaves other values as they are", () => {
    assert.equal(redactValue("requestId", "8476a536"), "8476a536");
    assert.equal(redactValue("ms", 3000), 3000);
  });

  test("takes secrets out of other values", () => {
    assert.equal(redactValue("detail", "amqp://me:it@host/"), "amqp://[redacted]@host/");
  });
});

describe("redactText() (INV-10)", () => {
  for (const [text, expected] of [
    ["Cannot reach amqp://user:pass@host:5672/v", "Cannot reach amqp://[redacted]@host:5672/v"],
    ["amqps://user:p@ss@host", "amqps://[redacted]@host"],
    ["https://key@host/path?x=a@b", "https://[redacted]@host/path?x=a@b"],
    ["?X-Amz-Signature=abc123&x=1", "?X-Amz-Signature=[redacted]&x=1"],
    ["X-Amz-Security-Token: abc, next", "X-Amz-Security-Token: [redacted], next"],
    ["Authorization: Bearer abc.def", "Authorization: [redacted]"],
    ['{"password":"a b","x":1}', '{"password":[redacted],"x":1}'],
    ["AWS_SECRET_ACCESS_KEY=abc", "AWS_SECRET_ACCESS_KEY=[redacted]"],
    ["the token of the caller", "the token of the caller"],
    ["http://127.0.0.1:8080/a@b", "http://127.0.0.1:8080/a@b"],
    ["at file:///a/b.ts:1:2", "at file:///a/b.ts:1:2"],
    ["", ""],
  ] as const) {
    test(`makes '${expected}' of '${text}'`, () => assert.equal(redactText(text), expected));
  }
});
