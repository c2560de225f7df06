import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { equalValues } from "./values.ts";

test("equalValues() of JSON is equality by content", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      assert.equal(equalValues(one, structuredClone(one)), true);
      assert.equal(equalValues(one, other), JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
