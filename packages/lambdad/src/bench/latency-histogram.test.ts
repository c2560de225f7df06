import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { LatencyHistogram } from "./latency-histogram.ts";

describe("LatencyHistogram", () => {
  test("is all zero when nothing was recorded", () => {
    const histogram = new LatencyHistogram();
    const { count, minMs, maxMs, meanMs } = histogram;
    assert.deepEqual([count, minMs, maxMs, meanMs, histogram.quantileMs(0.99)], [0, 0, 0, 0, 0]);
  });

  test("is exact below 256 µs", () => {
    const histogram = new LatencyHistogram();
    for (let microseconds = 1; microseconds <= 200; microseconds += 1) {
      histogram.record(microseconds / 1000);
    }
    assert.equal(histogram.quantileMs(0.5), 0.1);
    assert.equal(histogram.quantileMs(0.99), 0.198);
    assert.equal(histogram.quantileMs(0), 0.001);
    assert.equal(histogram.quantileMs(1), 0.2);
    assert.equal(histogram.meanMs, 0.1005);
  });

  test("every quantile is at most 1/128 above the true one, and within what was recorded", () => {
    const duration = fc.integer({ min: 0, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (microseconds, share) => {
          const histogram = new LatencyHistogram();
          for (const value of microseconds) histogram.record(value / 1000);
          const sorted = microseconds.toSorted((a, b) => a - b);
          const rank = Math.max(1, Math.ceil(share * sorted.length));
          const truth = sorted[rank - 1] ?? 0;
          const found = 1000 * histogram.quantileMs(share);
          assert.ok(found >= truth - 1e-3 && found <= truth * (1 + 1 / 128) + 1e-3);
          assert.ok(found <= 1000 * histogram.maxMs + 1e-3);
          assert.ok(found >= 1000 * histogram.minMs - 1e-3);
        },
      ),
    );
  });

  test("takes what is longer than its table, and what is below zero", () => {
    const histogram = new LatencyHistogram();
    histogram.record(2 ** 50);
    histogram.record(-1);
    assert.equal(histogram.count, 2);
    assert.equal(histogram.maxMs, 2 ** 50);
    assert.equal(histogram.minMs, 0);
    assert.ok(histogram.quantileMs(1) > 2 ** 29);
  });

  for (const share of [-0.1, 1.1, Number.NaN]) {
    test(`quantileMs() refuses ${share}`, () => {
      assert.throws(() => new LatencyHistogram().quantileMs(share), RangeError);
    });
  }
});
