import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RateLimiter } from "./rate-limiter.ts";

// Times in ms, whether the answer was throttled, and botocore's rate after it.
const answers: readonly [number, boolean, number][] = [
  [1234310, false, Number.POSITIVE_INFINITY],
  [1234360, true, 0.5],
  [1234370, false, 0.5],
  [1234470, false, 0.5],
  [1234520, false, 0.5],
  [1234530, false, 0.5],
  [1235530, false, 0.640645],
  [1235540, false, 0.657213],
  [1235590, false, 0.744347],
  [1236590, false, 4.435827],
  [1236600, false, 4.49577],
  [1236610, false, 4.55625],
  [1236660, true, 2.128],
  [1236670, true, 1.4896],
  [1236680, false, 1.505849],
  [1236690, false, 1.521819],
  [1236990, false, 1.883534],
  [1237090, true, 1.318474],
  [1237390, false, 1.66133],
  [1238390, false, 1.885789],
  [1238490, false, 1.892124],
  [1238590, false, 1.90513],
  [1238640, false, 1.914885],
  [1238940, false, 2.037835],
  [1239940, false, 3.947273],
  [1240040, false, 4.326706],
  [1241040, false, 2.496901],
  [1241050, false, 2.496901],
  [1241350, true, 0.873915],
  [1241650, false, 1.123612],
];

test("RateLimiter measures, falls and recovers as botocore does", () => {
  const limiter = new RateLimiter();
  for (const [nowMs, throttled, rate] of answers) {
    limiter.record(throttled, nowMs);
    const same = limiter.rate === rate || Math.abs(limiter.rate - rate) < 1e-5;
    assert.ok(same, `at ${nowMs} the rate is ${limiter.rate}, not ${rate}`);
  }
});

test("RateLimiter lets everything through until an answer is throttled", () => {
  const limiter = new RateLimiter();
  for (let at = 0; at < 1000; at++) {
    assert.equal(limiter.take(at), 0);
    limiter.record(false, at);
  }
  assert.equal(limiter.rate, Number.POSITIVE_INFINITY);
  limiter.record(true, 1000);
  assert.ok(limiter.rate < Number.POSITIVE_INFINITY);
});

test("RateLimiter lets no more through than its rate, and the wait that it says is enough", () => {
  const event = fc.record({
    throttled: fc.boolean(),
    pauseMs: fc.integer({ min: -50, max: 3000 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const limiter = new RateLimiter();
      let now = 5_000_000;
      for (const { throttled, pauseMs } of events) {
        now += pauseMs;
        let asked = 0;
        for (let wait = limiter.take(now); wait > 0; wait = limiter.take(now)) {
          assert.ok(wait <= 2001, `waits ${wait} ms`);
          now += wait;
          // A part of a millisecond may be missing after the first wait.
          assert.ok(++asked <= 3);
        }
        limiter.record(throttled, now);
        assert.ok(limiter.rate >= 0.5);
      }
    }),
  );
});
