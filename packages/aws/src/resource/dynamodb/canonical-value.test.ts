import assert from "node:assert/strict";
import { test } from "node:test";
import { DynamoNumber } from "../../rules/dynamo-number.ts";
import { canonicalText, keyText, looseText } from "./canonical-value.ts";

const equal: readonly (readonly [unknown, unknown])[] = [
  [5, 5n],
  [5, new DynamoNumber("5.0")],
  [1e21, 1_000_000_000_000_000_000_000n],
  [-0, 0],
  [-7n, new DynamoNumber("-70e-1")],
  [1.5, new DynamoNumber("1.50")],
  [Buffer.from("a"), new Uint8Array([97])],
  [Buffer.from("a"), new Uint8Array([97]).buffer],
  [new Set([1, 2]), new Set([2n, 1])],
  [
    { a: 1, b: undefined, c: [undefined, 2] },
    { c: [2], a: 1 },
  ],
  [new Map([["a", 1]]), { a: 1 }],
];
for (const [one, other] of equal) {
  test(`canonicalText() is the same for ${String(one)} and ${String(other)}`, () => {
    assert.equal(canonicalText(one), canonicalText(other));
  });
}

test("canonicalText() tells values and kinds apart", () => {
  const values: unknown[] = [1, "1", true, "true", null, "null", Buffer.from("1"), [1], { a: 1 }];
  values.push([[1]], { a: "1" }, new Set([1]), new Set(["1"]), [1, 2], ["1,2"], "", [], {}, "N1");
  values.push(9_007_199_254_740_992n, 9_007_199_254_740_993n, 0.1, -1, 1e-7);
  assert.equal(new Set(values.map(canonicalText)).size, values.length);
});

test("keyText() names the attribute that an item lacks", () => {
  assert.throws(() => keyText({ pk: "a" }, ["pk", "sk"]), {
    name: "TypeError",
    message: /it has no "sk"/,
  });
});

test("keyText() tells keys apart whose attributes together read the same", () => {
  const texts = [
    { a: "x", b: "y" },
    { a: "x,y", b: "" },
    { a: "y", b: "x" },
    { a: "", b: "x,y" },
  ].map((key) => keyText(key, ["a", "b"]));
  assert.equal(new Set(texts).size, texts.length);
});

test("looseText() knows a key again whose numbers were read as something else", () => {
  const sent = looseText({ pk: "a", sk: 12_345_678_901_234_567_890n });
  assert.equal(looseText({ sk: "12345678901234567890", pk: "a" }), sent);
  assert.equal(looseText({ sk: new DynamoNumber("12345678901234567890"), pk: "a" }), sent);
  assert.notEqual(looseText({ sk: Number("12345678901234567000"), pk: "a" }), sent);
});
