import assert from "node:assert/strict";
import { test } from "node:test";

import { systemClock } from "./clock.ts";

test("systemClock.setTimer() calls back once", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    systemClock.setTimer(1, () => {
      calls += 1;
      resolve();
    });
  });
  assert.equal(calls, 1);
});

test("systemClock.setTimer() does not call back when it was cancelled, nor at once when it is too long", async () => {
  const called: string[] = [];
  const cancel = systemClock.setTimer(0, () => called.push("cancelled"));
  cancel();
  const cancelLong = systemClock.setTimer(2 ** 40, () => called.push("too long"));
  await new Promise<void>((resolve) => {
    systemClock.setTimer(20, resolve);
  });
  cancelLong();
  assert.deepEqual(called, []);
});

test("systemClock.nowMs() never goes back", () => {
  const first = systemClock.nowMs();
  assert.ok(systemClock.nowMs() >= first);
  assert.ok(systemClock.wallMs() > Date.UTC(2026, 0, 1));
});
