import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoBody } from "./echo-body.ts";

for (const payloadBytes of [8, 11, 27, 28, 29, 5_000, 1_048_576]) {
  test(`EchoBody of ${payloadBytes} bytes is JSON, which stays as it is, and is like no other`, () => {
    const body = new EchoBody(payloadBytes);
    const seen = new Set<string>();
    for (const sequence of [0, 1, 12_345]) {
      body.number(sequence);
      const text = body.bytes.toString("latin1");
      assert.equal(text.length, payloadBytes);
      assert.equal(JSON.stringify(JSON.parse(text)), text);
      assert.ok(text.startsWith(body.unique(sequence)));
      seen.add(text.slice(0, body.uniqueBytes));
    }
    assert.equal(seen.size, 3);
  });
}

test("EchoBody refuses a size without room for a number", () => {
  assert.throws(() => new EchoBody(7), { name: "RangeError" });
});
