import assert from "node:assert/strict";
import { test } from "node:test";
import { createRetryStrategy, type RetryOptions } from "./retry-strategy.ts";
import { StandardRetryStrategy } from "./standard-retry-strategy.ts";

/** A small generator of random numbers, so that a run can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Outcome {
  succeeded: number;
  failed: number;
  retries: number;
  tokensMin: number;
  /** Milliseconds until the last call ended. */
  tookMs: number;
}

/**
 * Concurrent calls to a service that lets one request per second through, and a few at first; time
 * is simulated.
 */
function simulate(
  calls: number,
  category: "throttling" | "transient",
  options: Partial<RetryOptions> & { seed: number; burst?: number },
): Outcome {
  const random = mulberry32(options.seed);
  const given = { service: "organizations", maxAttempts: 100, random, ...options };
  const strategy = createRetryStrategy(given);
  const outcome = { succeeded: 0, failed: 0, retries: 0, tokensMin: 500, tookMs: 0 };
  const queue: { at: number; attempt: number; cost: number }[] = [];
  for (let call = 0; call < calls; call++) queue.push({ at: call, attempt: 1, cost: 0 });
  const burst = options.burst ?? 2;
  let admissible = burst;
  let seenAt = 0;
  for (let steps = 0; queue.length > 0; steps++) {
    assert.ok(steps < 100_000, "the simulation ends");
    queue.sort((left, right) => left.at - right.at);
    const next = queue.shift();
    assert.ok(next !== undefined);
    const { at, attempt } = next;
    const wait = strategy.sendDelayMs(at);
    if (wait > 0) {
      queue.push({ ...next, at: at + wait });
      continue;
    }
    outcome.tookMs = at;
    admissible = Math.min(burst, admissible + (at - seenAt) / 1000);
    seenAt = at;
    if (admissible >= 1) {
      admissible -= 1;
      outcome.succeeded += 1;
      strategy.succeeded(next.cost, at);
      continue;
    }
    const decision = strategy.failed({ category, attempt }, at);
    if (strategy instanceof StandardRetryStrategy) {
      outcome.tokensMin = Math.min(outcome.tokensMin, strategy.tokens);
    }
    if (decision.kind === "stop") {
      outcome.failed += 1;
    } else {
      outcome.retries += 1;
      queue.push({ at: at + decision.delayMs, attempt: attempt + 1, cost: decision.cost });
    }
  }
  return outcome;
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

for (const burst of [2, 4, 10]) {
  test(`StandardRetryStrategy: 20 throttled ListRoots at 1/s after ${burst} all succeed (CL-2)`, () => {
    for (const seed of seeds) {
      const outcome = simulate(20, "throttling", { seed, burst });
      assert.equal(outcome.succeeded, 20);
      assert.ok(outcome.retries <= 90, `${outcome.retries} retries`);
      assert.ok(outcome.tokensMin >= 120, `${outcome.tokensMin} tokens`);
    }
  });

  test(`StandardRetryStrategy: 10 to 18 of them fail at 1/s after ${burst} when counted as transient (CL-4)`, () => {
    for (const seed of seeds) {
      const { failed, tookMs } = simulate(20, "transient", { seed, burst });
      assert.ok(failed >= 10 && failed <= 18, `${failed} of 20 failed`);
      assert.ok(tookMs < 1000);
    }
  });
}

test("StandardRetryStrategy: of 100 most fail, unless the quota is off (CL-4)", () => {
  for (const seed of seeds.slice(0, 5)) {
    assert.ok(simulate(100, "throttling", { seed }).failed >= 85);
    assert.equal(simulate(100, "throttling", { seed, quota: false }).failed, 0);
  }
});

test("AdaptiveRetryStrategy: all of 100 succeed, with far fewer retries than without its limit", () => {
  for (const seed of seeds.slice(0, 5)) {
    const adaptive = simulate(100, "throttling", { seed, mode: "adaptive" });
    assert.equal(adaptive.succeeded, 100);
    const unlimited = simulate(100, "throttling", { seed, quota: false });
    assert.ok(adaptive.retries < unlimited.retries, `${adaptive.retries} < ${unlimited.retries}`);
  }
});
