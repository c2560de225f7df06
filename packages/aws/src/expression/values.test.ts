import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { equalValues } from "./values.ts";

test("equalValues() of dates is equality of the time", () => {
  const date = new Date(5);
  assert.equal(equalValues(date, new Date(5)), true);
  for (const other of [new Date(6), {}, 5, null]) {
    assert.equal(equalValues(date, other), false);
    assert.equal(equalValues(other, date), false);
  }
});

test("equalValues() of JSON is equality by content", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      assert.equal(equalValues(one, structuredClone(one)), true);
      assert.equal(equalValues(one, other), JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
