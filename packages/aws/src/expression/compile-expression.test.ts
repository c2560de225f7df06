import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { compileExpression } from "./compile-expression.ts";

const VALUE = {
  name: "n",
  zero: 0,
  no: false,
  empty: [],
  nothing: null,
  big: 12n,
  bytes: 3,
  text: "a😀",
  inner: { name: "i", deep: { list: [{ id: 1 }, { id: 2 }] } },
  list: [{ id: 1, tags: ["a", "b"] }, { id: 2, tags: ["c"] }, { other: true }, { id: null }],
  nested: [[1, 2], [3], 4, [[5]]],
  byName: { one: { state: "ok" }, two: { state: "bad" }, three: {} },
  "quoted-name": "q",
};

// Expected values follow the specification of JMESPath, but for `length` of something absent.
const CASES: readonly (readonly [string, unknown])[] = [
  ["name", "n"],
  ['"quoted-name"', "q"],
  ["missing", undefined],
  ["nothing", undefined],
  ["nothing.name", undefined],
  ["name.length", undefined],
  ["toString", undefined],
  ["inner.constructor", undefined],
  ["list.length", undefined],
  ["inner.deep.list[0].id", 1],
  ["inner.deep.list[-1].id", 2],
  ["inner.deep.list[7].id", undefined],
  ["list[].id", [1, 2]],
  ["list[*].id", [1, 2]],
  ["list[].tags", [["a", "b"], ["c"]]],
  ["list[].tags[]", ["a", "b", "c"]],
  ["list[].tags[0]", ["a", "c"]],
  ["list[*].tags[*]", [["a", "b"], ["c"]]],
  ["inner[].id", undefined],
  ["missing[].id", undefined],
  ["empty[].id", []],
  ["nested[]", [1, 2, 3, 4, [5]]],
  ["nested[][]", [1, 2, 3, 4, 5]],
  ["byName.*.state", ["ok", "bad"]],
  ["inner.deep.*[].id", [1, 2]],
  ["list.*", undefined],
  ["list[?id == `2`].tags[]", ["c"]],
  ["list[?id]", [VALUE.list[0], VALUE.list[1]]],
  ["list[?!(id == `1`)].id", [2]],
  ["list[?id == `1` || other].id", [1]],
  ["length(list)", 4],
  ["length(text)", 2],
  ["length(inner)", 2],
  ["length(missing)", 0],
  ["length(zero)", undefined],
  ["length(missing || 'ab')", 2],
  ["length(list[?id]) == length(inner.deep.list)", true],
  ["name == 'n'", true],
  ["name != 'n'", false],
  ["missing == `null`", true],
  ["missing != 'x'", true],
  ["zero == `false`", false],
  ["big == `12`", true],
  ["big > `11`", true],
  ["name > `1`", undefined],
  ["zero < `1`", true],
  ["zero <= `0`", true],
  ["zero >= `1`", false],
  ['inner == `{"name":"i"}`', false],
  ["empty == `[]`", true],
  ['list[0].tags == `["a","b"]`', true],
  ["missing || name", "n"],
  ["empty || name", "n"],
  ["zero || name", 0],
  ["name && inner.name", "i"],
  ["no && name", false],
  ["name == 'x' || name == 'n' && zero == `0`", true],
  ["!missing", true],
  ["!zero", false],
  ["(missing || inner).name", "i"],
  ["@.name", "n"],
  ["'it\\'s'", "it's"],
  ['`"a\\`b"`', "a`b"],
  ["NextMarker || list[-2].other", true],
];

describe("compileExpression()", () => {
  for (const [text, expected] of CASES) {
    test(text, () => assert.deepEqual(compileExpression(text)(VALUE), expected));
  }

  test("[0] and [] apply to the value itself", () => {
    assert.equal(compileExpression("[0]")(["a"]), "a");
    assert.deepEqual(compileExpression("[].id")([{ id: 1 }]), [1]);
    assert.deepEqual(compileExpression("[?@ == 'a']")(["a", "b"]), ["a"]);
    assert.deepEqual(compileExpression("*.id")({ x: { id: 1 } }), [1]);
  });

  for (const text of [
    "",
    "a.",
    ".a",
    "a[",
    "a[]b",
    "a[x]",
    "a ==",
    "a b",
    "a | b",
    "sort(a)",
    "length(a",
    "(a",
    "'a",
    "`a`",
    "a[?b",
    "a[1:2]",
    "{a: b}",
    "[a, b]",
    "a && ",
    "#",
    "&a",
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => compileExpression(text), /^TypeError: Cannot compile the expression "/);
    });
  }

  test("any text compiles or is refused, and what compiles runs on any value", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      ".",
      "[",
      "]",
      "[]",
      "[?",
      "*",
      "==",
      "<",
      "&&",
      "||",
      "!",
      "(",
      ")",
      "length(",
      "0",
      "-1",
      "'x'",
      "`1`",
      "@",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.jsonValue(), (pieces, value) => {
        let compiled;
        try {
          compiled = compileExpression(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof TypeError);
          return;
        }
        compiled(value);
      }),
    );
  });
});
