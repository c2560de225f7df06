import assert from "node:assert/strict";
import { test } from "node:test";
import { quoted } from "./json-value.ts";

const cases: readonly (readonly [string, unknown, string])[] = [
  ["text", "abc", "'abc'"],
  ["a number", 12, "'12'"],
  ["an array", [1, "a"], `'[1,"a"]'`],
  ["a long text, cut", "x".repeat(100), `'${"x".repeat(64)}...'`],
  [
    "what is too deep to be written",
    JSON.parse("[".repeat(100_000) + "]".repeat(100_000)),
    "'a deeply nested value'",
  ],
];

for (const [what, value, expected] of cases) {
  test(`quoted() shows ${what}`, () => assert.equal(quoted(value), expected));
}
