import assert from "node:assert/strict";
import { test } from "node:test";

import { ManualClock } from "./manual-clock.ts";

test("ManualClock.tick() fires timers in order of their time, also those set on the way", () => {
  const clock = new ManualClock();
  const fired: [string, number][] = [];
  clock.setTimer(30, () => fired.push(["c", clock.nowMs()]));
  clock.setTimer(10, () => {
    fired.push(["a", clock.nowMs()]);
    clock.setTimer(10, () => fired.push(["b", clock.nowMs()]));
  });
  const cancel = clock.setTimer(15, () => fired.push(["cancelled", clock.nowMs()]));
  cancel();
  clock.tick(29);
  assert.deepEqual(fired, [
    ["a", 10],
    ["b", 20],
  ]);
  assert.equal(clock.nextTimerMs, 1);
  clock.tick(1);
  assert.deepEqual(fired.at(-1), ["c", 30]);
  assert.equal(clock.timers, 0);
});

test("ManualClock.advance() lets promises settle between two timers", async () => {
  const clock = new ManualClock();
  const order: string[] = [];
  clock.setTimer(1, () => {
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => order.push("promise of the first"));
  });
  clock.setTimer(2, () => order.push("second"));
  await clock.advance(5);
  assert.deepEqual(order, ["promise of the first", "second"]);
  assert.equal(clock.nowMs(), 5);
});

test("ManualClock.jumpWall() moves the wall clock and nothing else", () => {
  const clock = new ManualClock({ nowMs: 7, wallMs: 1000 });
  clock.jumpWall(-400);
  clock.tick(1);
  assert.equal(clock.nowMs(), 8);
  assert.equal(clock.wallMs(), 601);
});
