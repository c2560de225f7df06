import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareUtf8 } from "../compare-utf8.ts";
import { SortedKeys } from "./sorted-keys.ts";

const text = fc.string({ unit: "grapheme", maxLength: 6 });

test("compareUtf8() orders as the bytes do, beyond U+FFFF too", () => {
  assert.ok(compareUtf8("\u{10000}", "\uffff") > 0);
  assert.ok(compareUtf8("a-b", "a/b") < 0);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(Math.sign(compareUtf8(a, b)), expected);
    }),
  );
});

test("SortedKeys gives its keys in order from any place, whatever was added and taken away", () => {
  const step = fc.record({ key: text, isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), text, (steps, start) => {
      const keys = new SortedKeys();
      const model = new Set<string>();
      for (const { key, isAdded } of steps) {
        if (isAdded && !model.has(key)) {
          keys.add(key);
          model.add(key);
        } else if (!isAdded) {
          keys.delete(key);
          model.delete(key);
        }
      }
      const expected = [...model].filter((key) => compareUtf8(key, start) >= 0);
      assert.deepEqual([...keys.from(start)], expected.toSorted(compareUtf8));
    }),
  );
});

test("SortedKeys keeps its order over many chunks", () => {
  const keys = new SortedKeys();
  const numbers = Array.from({ length: 5000 }, (_, at) => `k${(at * 2741) % 5000}`);
  for (const key of numbers) keys.add(key);
  for (let at = 0; at < 5000; at += 3) keys.delete(`k${at}`);
  const left = numbers.filter((key) => Number(key.slice(1)) % 3 !== 0).toSorted();
  assert.deepEqual([...keys.from("")], left);
});
