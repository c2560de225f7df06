import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attributeValueShape } from "../../rules/attribute-value.ts";
import { snapshot } from "./snapshot.ts";

test("snapshot() is not changed by what happens to the original", () => {
  const original = { a: 1, list: [{ b: 2 }], map: new Map([["c", [3]]]), set: new Set(["d"]) };
  const { value } = snapshot(original);
  original.a = 0;
  original.list[0] = { b: 0 };
  original.map.get("c")?.push(0);
  original.set.add("e");
  assert.deepEqual(value, {
    a: 1,
    list: [{ b: 2 }],
    map: new Map([["c", [3]]]),
    set: new Set(["d"]),
  });
});

test("snapshot() leaves instances and bytes as they are", () => {
  class Point {
    x = 1;
  }
  const [bytes, point] = [Buffer.from("bytes"), new Point()];
  const { value } = snapshot({ bytes, point });
  assert.equal(value.bytes, bytes);
  assert.equal(value.point, point);
});

test("snapshot() ends for what contains itself, and sets no prototype", () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  assert.equal(typeof snapshot(loop).value, "object");
  const parsed = JSON.parse('{"__proto__": {"polluted": true}}') as object;
  const { value } = snapshot(parsed);
  assert.ok(Object.hasOwn(value, "__proto__"));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test("snapshot() counts at least what an item is on the wire, and not much more", () => {
  const shape = attributeValueShape({});
  const leaf = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary", minLength: 50, maxLength: 300 }),
    fc.oneof(fc.integer(), fc.constantFrom(1.5e125, -1.234567890123456e-100, 10n ** 37n)),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.array(fc.string(), { minLength: 1 }).map((texts) => new Set(texts)),
  );
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("node")),
      fc.dictionary(fc.string(), tie("node")),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), node), (whole) => {
      const written = Buffer.byteLength(shape.write(whole));
      const { bytes } = snapshot(whole);
      assert.ok(bytes >= written, `${bytes} for ${written}`);
      assert.ok(bytes <= written * 8 + 100, `${bytes} for ${written}`);
    }),
  );
});
