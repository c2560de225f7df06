import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { type AttributePath, pathSteps } from "./attribute-path.ts";

const cases: readonly (readonly [AttributePath, readonly (string | number)[]])[] = [
  ["a", ["a"]],
  ["a.b.c", ["a", "b", "c"]],
  ["a[0]", ["a", 0]],
  ["a[0][12].b[3]", ["a", 0, 12, "b", 3]],
  ["ünïcode 💡", ["ünïcode 💡"]],
  ["#n0", ["#n0"]],
  [
    ["a.b", 0, "c[1]"],
    ["a.b", 0, "c[1]"],
  ],
];
for (const [path, steps] of cases) {
  test(`pathSteps() reads ${JSON.stringify(path)}`, () => {
    assert.deepEqual(pathSteps(path), steps);
  });
}

const refused: readonly unknown[] = [
  "",
  ".",
  "a.",
  ".a",
  "a..b",
  "[0]",
  "a[",
  "a[x]",
  "a[-1]",
  "a[0]b",
  "a]",
  [],
  [0],
  ["a", -1],
  ["a", 1.5],
  ["a", ""],
  ["a", null],
  ["x".repeat(65_536)],
  undefined,
  7,
];
for (const path of refused) {
  test(`pathSteps() refuses ${inspect(path).slice(0, 20)}`, () => {
    assert.throws(() => pathSteps(path as AttributePath), {
      name: "TypeError",
      message: /^Cannot use the attribute path /,
    });
  });
}

test("pathSteps() reads what its steps are written as", () => {
  const name = fc.string({ minLength: 1 }).filter((text) => !/[.[\]]/.test(text));
  const steps = fc.tuple(name, fc.array(fc.oneof(name, fc.nat()), { maxLength: 6 }));
  fc.assert(
    fc.property(steps, ([first, rest]) => {
      const text = rest.reduce<string>(
        (path, step) => (typeof step === "number" ? `${path}[${step}]` : `${path}.${step}`),
        first,
      );
      assert.deepEqual(pathSteps(text), [first, ...rest]);
      assert.deepEqual(pathSteps([first, ...rest]), [first, ...rest]);
    }),
  );
});
