import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const cases: readonly [string[], number | undefined][] = [
  [[], undefined],
  [["x-amz-retry-after", "1500"], 1500],
  [["retry-after", "3"], 3000],
  [["retry-after", "3", "x-amz-retry-after", "1500"], 1500],
  [["retry-after", "3", "x-amz-retry-after", "soon"], 3000],
  [["retry-after", "Sat, 21 Nov 2026 12:00:04 GMT"], 4000],
  [["retry-after", "Sat, 21 Nov 2026 11:00:00 GMT"], 0],
  [["retry-after", "-1"], undefined],
  [["retry-after", "1.5"], undefined],
  [["retry-after", ""], undefined],
  [["x-amz-retry-after", "99999999999999999999"], undefined],
];

for (const [headers, expected] of cases) {
  test(`retryAfterMs() of ${JSON.stringify(headers)} is ${expected} (CL-2)`, () => {
    assert.equal(retryAfterMs(headers, now), expected);
  });
}
