import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ManualClock } from "@lambdad/testkit";
import { type RunningCall, RunningCalls } from "./running-calls.ts";

class TestCall implements RunningCall {
  readonly deadlineMs: number;
  previous: RunningCall | undefined;
  next: RunningCall | undefined;
  expiredAtMs: number | undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock, deadlineMs: number) {
    this.#clock = clock;
    this.deadlineMs = deadlineMs;
  }

  expire(): void {
    this.expiredAtMs = this.#clock.nowMs();
  }
}

function start(): { clock: ManualClock; calls: RunningCalls; add: (ms: number) => TestCall } {
  const clock = new ManualClock();
  const calls = new RunningCalls(clock);
  const add = (deadlineMs: number): TestCall => {
    const call = new TestCall(clock, deadlineMs);
    calls.add(call);
    return call;
  };
  return { clock, calls, add };
}

describe("RunningCalls", () => {
  test("expires each call at its deadline, whatever the order in which they came", () => {
    const { clock, calls, add } = start();
    const all = [500, 100, 900, 100, 300].map(add);
    clock.tick(1000);
    assert.deepEqual(
      all.map(({ expiredAtMs }) => expiredAtMs),
      [500, 100, 900, 100, 300],
    );
    assert.equal(calls.count, 0);
  });

  test("has one timer for all calls, and sets it once for calls with the same limit", () => {
    const { clock, calls, add } = start();
    let timers = 0;
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, callback) => {
      timers += 1;
      return setTimer(ms, callback);
    };
    for (let index = 0; index < 1000; index += 1) {
      calls.remove(add(clock.nowMs() + 60_000));
      clock.tick(1);
    }
    assert.equal(timers, 1);
    assert.equal(clock.timers, 1);
  });

  test("sets no timer for calls that have no deadline", () => {
    const { clock, add } = start();
    add(Number.POSITIVE_INFINITY);
    assert.equal(clock.timers, 0);
  });

  test("forgets a call that is removed, first, last or between others", () => {
    for (const removed of [0, 1, 2]) {
      const { clock, calls, add } = start();
      const all = [10, 20, 30].map(add);
      const [one] = all.splice(removed, 1);
      assert.ok(one !== undefined);
      calls.remove(one);
      assert.equal(calls.count, 2);
      clock.tick(100);
      assert.equal(one.expiredAtMs, undefined);
      assert.deepEqual(
        all.map(({ deadlineMs }) => deadlineMs),
        all.map((call) => call.expiredAtMs),
      );
    }
  });

  test("only is the call that runs alone", () => {
    const { calls, add } = start();
    assert.equal(calls.only, undefined);
    const first = add(10);
    assert.equal(calls.only, first);
    const second = add(10);
    assert.equal(calls.only, undefined);
    calls.remove(first);
    assert.equal(calls.only, second);
  });
});
