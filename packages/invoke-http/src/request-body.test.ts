import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadText } from "@lambdad/core";
import { RequestBody } from "./request-body.ts";

describe("RequestBody", () => {
  test("stands for {} when it is empty", () => {
    const event = new RequestBody().end();
    assert.ok(typeof event === "object");
    assert.equal(payloadText(event), "{}");
  });

  test("keeps the pieces as they came", () => {
    const body = new RequestBody();
    const pieces = [Buffer.from('{"a":'), Buffer.alloc(0), Buffer.from("1}")];
    for (const piece of pieces) body.write(piece);
    const event = body.end();
    assert.ok(typeof event === "object");
    assert.deepEqual(event, { chunks: [pieces[0], pieces[2]], byteLength: 7 });
    assert.equal(event.chunks[0], pieces[0]);
  });

  test("joins many short pieces, so that they cost little more than their bytes", () => {
    const text = JSON.stringify("x".repeat(10_000));
    const body = new RequestBody();
    for (const byte of Buffer.from(text)) body.write(Buffer.from([byte]));
    const event = body.end();
    assert.ok(typeof event === "object");
    assert.equal(payloadText(event), text);
    assert.ok(event.chunks.length < 300, `${event.chunks.length} pieces`);
  });

  test("says what is wrong, and goes on counting (HT-8)", () => {
    const body = new RequestBody();
    body.write(Buffer.from('{"a":x'));
    body.write(Buffer.from("yz"));
    assert.equal(body.byteLength, 8);
    const fault = body.end();
    assert.ok(typeof fault === "string");
    assert.match(fault, /Unexpected character \('x' \(code 120\)\)/);
  });
});
