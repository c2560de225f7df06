import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { amqpPayload } from "./amqp-payload.ts";

describe("amqpPayload()", () => {
  for (const [bytes, body, contentType] of [
    [Buffer.from(""), "{}", "application/json"],
    [Buffer.from(' {"a": 1} '), ' {"a": 1} ', "application/json"],
    [Buffer.from('"ü"'), '"ü"', "application/json"],
    [Buffer.from("Hello World"), "Hello World", "application/octet-stream"],
    [Buffer.from("{"), "{", "application/octet-stream"],
  ] as const) {
    test(`of '${String(bytes)}' is ${contentType}`, () => {
      const made = amqpPayload(bytes);
      assert.equal(made.body.toString(), body);
      assert.equal(made.contentType, contentType);
    });
  }

  test("of bytes that are no UTF-8 is those bytes", () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    const { body, contentType } = amqpPayload(bytes);
    assert.deepEqual(body, bytes);
    assert.equal(contentType, "application/octet-stream");
  });
});
