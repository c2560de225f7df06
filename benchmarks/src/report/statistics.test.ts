import assert from "node:assert/strict";
import { test } from "node:test";
import { median, spread } from "./statistics.ts";

const cases: readonly (readonly [number[], number | undefined])[] = [
  [[], undefined],
  [[4], 4],
  [[10, 9], 9.5],
  [[10, 9, 100], 10],
];
for (const [values, expected] of cases) {
  test(`median() of ${JSON.stringify(values)}`, () => assert.equal(median(values), expected));
}

test("spread() is the range relative to the median", () => {
  assert.equal(spread([90, 100, 120]), 0.3);
  assert.equal(spread([]), undefined);
});
