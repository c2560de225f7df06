import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Decimal, readDecimal, readInteger } from "./decimal.ts";

for (const [text, value] of [
  ["1.5", 1.5],
  ["1.50", 1.5],
  ["15e-1", 1.5],
  ["0.000", 0],
  ["-0.1", -0.1],
  ["9007199254740991", 9_007_199_254_740_991],
  ["9007199254740993", 9_007_199_254_740_993n],
  ["0.1000000000000000055", new Decimal("0.1000000000000000055")],
  ["1e400", new Decimal("1e400")],
  ["1e-400", new Decimal("1e-400")],
] as const) {
  test(`readDecimal() of ${text}`, () => assert.deepEqual(readDecimal(text), value));
}

for (const [text, value] of [
  ["12", 12],
  ["-9223372036854775808", -9_223_372_036_854_775_808n],
  ["1e3", 1000],
  ["1.5", undefined],
  ["", undefined],
  ["x", undefined],
] as const) {
  test(`readInteger() of "${text}"`, () => assert.equal(readInteger(text), value));
}

test("readDecimal() gives back every number that was written", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(readDecimal(String(value))) + 0, value + 0);
    }),
  );
});
