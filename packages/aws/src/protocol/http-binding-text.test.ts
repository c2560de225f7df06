import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  listItem,
  percentEncode,
  percentEncodePath,
  splitDates,
  splitList,
} from "./http-binding-text.ts";

describe("percentEncode()", () => {
  test("leaves unreserved characters only", () => {
    const text = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
    assert.equal(
      percentEncode(text).replace(/%[0-9A-F]{2}/g, ""),
      "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~",
    );
  });

  test("is what decodeURIComponent() undoes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(decodeURIComponent(percentEncode(text)), text);
        assert.equal(decodeURIComponent(percentEncodePath(text)), text);
      }),
    );
  });
});

describe("splitList()", () => {
  test("gives the items that listItem() wrote", () => {
    // Spaces around an item and empty items have no form of their own without quotes.
    const item = fc
      .string()
      .filter((text) => text.trim() === text && text !== "" && !text.startsWith("\\"));
    fc.assert(
      fc.property(fc.array(item, { minLength: 1 }), (items) => {
        assert.deepEqual(splitList(items.map(listItem).join(", ")), items);
      }),
    );
  });

  for (const [text, items] of [
    ["", []],
    ["a", ["a"]],
    ["a,b ,  c", ["a", "b", "c"]],
    ['"a,b", c', ["a,b", "c"]],
    ['"a', ["a"]],
    ['"', [""]],
    ['"a" b, c', ["a", "c"]],
    ['a,"",b', ["a", "", "b"]],
    ['"a\\', ["a\\"]],
  ] as const) {
    test(`of ${JSON.stringify(text)}`, () => assert.deepEqual(splitList(text), items));
  }
});

test("splitDates() keeps the comma of a date", () => {
  const dates = splitDates("Mon, 16 Dec 2019 23:48:18 GMT, Sunday, 06-Nov-94 08:49:37 GMT");
  assert.deepEqual(dates, ["Mon 16 Dec 2019 23:48:18 GMT", "Sunday 06-Nov-94 08:49:37 GMT"]);
});
