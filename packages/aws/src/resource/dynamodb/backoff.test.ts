import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "./backoff.ts";

function observed(options: { maxAttempts?: number; maxBackoff?: number; random?: number } = {}): {
  readonly backoff: Backoff;
  readonly delays: number[];
} {
  const delays: number[] = [];
  const backoff = new Backoff({
    maxBackoff: options.maxBackoff ?? 1000,
    maxAttempts: options.maxAttempts ?? 20,
    random: () => options.random ?? 1,
    wait: async (ms) => void delays.push(ms),
  });
  return { backoff, delays };
}

test("Backoff doubles its delay while nothing is processed, up to the longest", async () => {
  const { backoff, delays } = observed();
  for (let count = 0; count < 7; count++) {
    assert.equal(backoff.failed(backoff.era, 0), true);
    await backoff.pause;
  }
  assert.deepEqual(delays, [50, 100, 200, 400, 800, 1000, 1000]);
});

test("Backoff never waits less than half of its delay", async () => {
  const { backoff, delays } = observed({ random: 0 });
  backoff.failed(backoff.era, 0);
  await backoff.pause;
  backoff.failed(backoff.era, 0);
  assert.deepEqual(delays, [25, 50]);
});

test("Backoff counts requests that fail at the same time once", () => {
  const { backoff, delays } = observed();
  const { era } = backoff;
  for (let count = 0; count < 5; count++) assert.equal(backoff.failed(era, 0), true);
  assert.equal(delays.length, 1);
  assert.equal(backoff.attempts, 1);
});

test("Backoff gives up after so many answers in a row with nothing processed", async () => {
  const { backoff } = observed({ maxAttempts: 3 });
  const fail = async (processed: number): Promise<boolean> => {
    const goesOn = backoff.failed(backoff.era, processed);
    await backoff.pause;
    return goesOn;
  };
  assert.equal(await fail(0), true);
  assert.equal(await fail(0), true);
  assert.equal(await fail(0.1), true, "a little is enough to begin anew");
  assert.equal(await fail(0), true);
  assert.equal(await fail(0), true);
  assert.equal(await fail(0), false);
});

test("Backoff stays at its pace where most is processed, and starts anew after success", async () => {
  const { backoff, delays } = observed();
  for (const processed of [0, 0, 0, 0.9, 0.9, 0.4]) {
    backoff.failed(backoff.era, processed);
    await backoff.pause;
  }
  backoff.succeeded();
  backoff.failed(backoff.era, 0);
  assert.deepEqual(delays, [50, 100, 200, 400, 200, 100, 50]);
});

for (const [name, ends] of [
  ["its signal", (aborter: AbortController) => aborter.abort()],
  ["end()", (_: AbortController, backoff: Backoff) => backoff.end()],
] as const) {
  test(`Backoff waits in real time, and not for longer than until ${name}`, async () => {
    const aborter = new AbortController();
    const options = { maxBackoff: 600_000, maxAttempts: 30, signal: aborter.signal };
    const backoff = new Backoff({ ...options, random: () => 0 });
    for (let count = 0; count < 3; count++) {
      assert.equal(backoff.failed(backoff.era, 0), true);
      assert.ok(backoff.pause instanceof Promise);
      if (count === 2) ends(aborter, backoff);
      await backoff.pause;
    }
    assert.equal(typeof backoff.pause, "undefined");
    assert.equal(backoff.failed(backoff.era, 0), false, "there is no other delay");
  });
}
