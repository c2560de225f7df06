import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRange, resolveRange } from "./byte-range.ts";

const cases: readonly (readonly [text: string, size: number, expected: string])[] = [
  ["bytes=0-0", 10, "0-1"],
  ["bytes=2-4", 10, "2-5"],
  ["bytes=2-", 10, "2-10"],
  ["bytes=2-99", 10, "2-10"],
  ["bytes=-3", 10, "7-10"],
  ["bytes=-99", 10, "0-10"],
  ["Bytes = 1 - 2", 10, "1-3"],
  ["bytes=10-", 10, "none"],
  ["bytes=-0", 10, "none"],
  ["bytes=0-", 0, "none"],
  ["bytes=-1", 0, "none"],
  ["bytes=4-2", 10, "whole"],
  ["bytes=0-1,3-4", 10, "whole"],
  ["bytes=-", 10, "whole"],
  ["lines=0-1", 10, "whole"],
];

for (const [text, size, expected] of cases) {
  test(`"${text}" of ${size} bytes is ${expected}`, () => {
    const range = parseRange(text);
    const bytes = range && resolveRange(range, size);
    const seen = range === undefined ? "whole" : bytes ? `${bytes.start}-${bytes.end}` : "none";
    assert.equal(seen, expected);
  });
}
