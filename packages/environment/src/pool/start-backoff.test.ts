import assert from "node:assert/strict";
import { test } from "node:test";
import { StartBackoff } from "./start-backoff.ts";

test("StartBackoff doubles from 0.1 s to 10 s, and forgets at a success (RT-8)", () => {
  const backoff = new StartBackoff();
  assert.equal(backoff.waitMs(0), 0);
  const waits: number[] = [];
  for (let index = 0; index < 9; index += 1) {
    backoff.failed(0);
    waits.push(backoff.waitMs(0));
  }
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  assert.equal(backoff.waitMs(9_999), 1);
  assert.equal(backoff.waitMs(10_001), 0);
  backoff.succeeded();
  assert.equal(backoff.waitMs(0), 0);
  backoff.failed(0);
  assert.equal(backoff.waitMs(0), 100);
});
