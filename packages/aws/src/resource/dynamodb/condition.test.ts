import assert from "node:assert/strict";
import { test } from "node:test";
import { Attr, type Condition, Key } from "./condition.ts";

test("conditions are frozen in what they mean: combining makes others", () => {
  const first = Attr("a").eq(1);
  const before = JSON.stringify(first.term);
  const both = first.and(Attr("b").eq(2));
  assert.equal(JSON.stringify(first.term), before);
  const three = both.and(Attr("c").eq(3));
  assert.equal(both.term.kind === "and" && both.term.terms.length, 2);
  assert.equal(three.term.kind === "and" && three.term.terms.length, 3);
});

test("and() of keys is a key condition; everything else is not", () => {
  const key = Key("a").eq(1);
  assert.equal(key.and(Key("b").gt(2)).on, "key");
  assert.equal(key.and(Attr("b").eq(2)).on, "attribute");
  assert.equal(Attr("b").eq(2).and(key).on, "attribute");
  assert.equal(key.or(Key("b").eq(2)).on, "attribute");
  assert.equal(key.not().on, "attribute");
});

test("Key() takes its name as it is", () => {
  assert.deepEqual(Key("a.b[0]").steps, ["a.b[0]"]);
  assert.throws(() => Key(""), TypeError);
});

const undefinedValues: readonly (readonly [string, () => unknown])[] = [
  ["eq", () => Attr("a").eq(undefined)],
  ["Key eq", () => Key("a").eq(undefined)],
  ["between", () => Attr("a").between(1, undefined)],
  ["in", () => Attr("a").in([1, undefined])],
  ["contains", () => Attr("a").contains(undefined)],
  [
    "size",
    () =>
      Attr("a")
        .size()
        .gt(undefined as never),
  ],
];
for (const [name, make] of undefinedValues) {
  test(`${name} refuses a value that is undefined`, () => {
    assert.throws(make, { name: "TypeError", message: /"a": the value is undefined/ });
  });
}

for (const values of ["text", null, 5]) {
  test(`in() refuses ${JSON.stringify(values)}: it is no list`, () => {
    assert.throws(() => Attr("a").in(values as never), {
      name: "TypeError",
      message: /in\(\) takes a list of values/,
    });
  });
}

for (const count of [0, 101]) {
  test(`in() refuses ${count} values`, () => {
    const values = Array.from({ length: count }, (_, index) => index);
    const expected = { name: "RangeError", message: new RegExp(`1 to 100 values, not ${count}`) };
    assert.throws(() => Attr("a.b").in(values), expected);
    assert.throws(() => Attr("a.b").size().in(values), expected);
  });
}

test("in() refuses text, whose characters are hardly meant", () => {
  assert.throws(() => Attr("a").in("abc" as Iterable<unknown>), TypeError);
});

test("in() takes any iterable, once", () => {
  const { term } = Attr("a").in(new Set([1, 2]));
  assert.deepEqual(term.kind === "in" && term.values, [1, 2]);
});

test("and() and or() refuse what is no condition", () => {
  const none = "b = 1" as unknown as Condition;
  const expected = { name: "TypeError", message: /"b = 1" is none/ };
  assert.throws(() => Attr("a").eq(1).and(none), expected);
  assert.throws(() => Attr("a").eq(1).or(none), expected);
});
