import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { backoffMs } from "./backoff.ts";

describe("backoffMs()", () => {
  test("doubles from 0.2 s to 10 s (AM-2)", () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 1_000_000].map((failures) => backoffMs(failures, 1));
    assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  });

  test("is spread over the whole time (AM-2)", () => {
    assert.equal(backoffMs(3, 0), 0);
    assert.equal(backoffMs(3, 0.5), 800);
    const waits = new Set(Array.from({ length: 20 }, () => backoffMs(9)));
    assert.ok(waits.size > 1);
    assert.ok([...waits].every((ms) => ms >= 0 && ms <= 10_000));
  });
});
