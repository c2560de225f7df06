import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isoTime } from "./iso-time.ts";

describe("isoTime()", () => {
  test("writes what Date writes, for every time of four-digit years", () => {
    const time = fc.oneof(
      fc.integer({ min: 0, max: 253_402_300_799_999 }),
      fc.integer({ min: 1_771_413_568_990, max: 1_771_413_569_010 }),
    );
    fc.assert(
      fc.property(time, (timeMs) => {
        assert.equal(isoTime(timeMs), new Date(timeMs).toISOString());
        assert.equal(isoTime(timeMs + 0.9), new Date(timeMs).toISOString());
      }),
    );
  });

  const odd: readonly (readonly [number, string])[] = [
    [Number.NaN, "1970-01-01T00:00:00.000Z"],
    [-1, "1970-01-01T00:00:00.000Z"],
    [1e300, "9999-12-31T23:59:59.999Z"],
    [Number.POSITIVE_INFINITY, "9999-12-31T23:59:59.999Z"],
    [Number.NEGATIVE_INFINITY, "1970-01-01T00:00:00.000Z"],
  ];
  for (const [timeMs, text] of odd) {
    test(`writes ${text} for ${timeMs}`, () => assert.equal(isoTime(timeMs), text));
  }
});
