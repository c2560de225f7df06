import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeExtras } from "./merge-extras.ts";

test("mergeExtras() lays objects over objects, and replaces the rest", () => {
  const model = { a: { b: 1, c: [1, 2], d: { e: 1 } }, f: "x" };
  const extras = { version: 1, merge: { a: { c: [3], d: { g: 2 }, h: null }, i: {} } };
  const merged = { a: { b: 1, c: [3], d: { e: 1, g: 2 }, h: null }, f: "x", i: {} };
  assert.deepEqual(mergeExtras(model, extras), merged);
  assert.deepEqual(model.a.d, { e: 1 });
});

test("mergeExtras() leaves a model without extras as it is", () => {
  for (const extras of [undefined, {}, { version: 1 }]) {
    assert.deepEqual(mergeExtras({ a: 1 }, extras), { a: 1 });
  }
});
