import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusalLimit } from "./refusal-limit.ts";

test("RefusalLimit admits ten lines of an event in a second, and counts the others", () => {
  const limit = new RefusalLimit();
  const admit = (event: string, nowMs: number): number | undefined =>
    limit.admit(event, nowMs)?.suppressed;
  for (let index = 0; index < 10; index += 1) assert.equal(admit("a", index), 0);
  for (let index = 10; index < 15; index += 1) assert.equal(admit("a", index), undefined);
  assert.equal(admit("b", 15), 0, "each event has its own");
  assert.equal(admit("a", 999), undefined);
  assert.equal(admit("a", 1_000), 6);
  assert.equal(admit("a", 1_001), 0, "they are told of once");
});
