import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EventFate, eventFate, eventRetriesDefault, hostFaultFate } from "./event-policy.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";

const compat: FunctionQueue = { name: "q" };
const durable: FunctionQueue = { name: "q", profile: "durable" };
const kept: FunctionQueue = { ...durable, deadLetterQueue: "d" };
const drop: EventFate = { kind: "drop" };
const deadLetter: EventFate = { kind: "deadLetter" };

describe("eventFate()", () => {
  const cases: readonly (readonly [
    FunctionQueue,
    failed: number,
    retriesMax: number,
    EventFate,
  ])[] = [
    [compat, 1, 2, drop],
    [durable, 1, 2, { kind: "retry", delayMs: 60_000 }],
    [durable, 2, 2, { kind: "retry", delayMs: 120_000 }],
    [durable, 3, 2, drop],
    [kept, 3, 2, deadLetter],
    [kept, 1, 0, deadLetter],
    [kept, 2, 1, deadLetter],
    [{ ...kept, profile: "quorum" }, 1, 1, { kind: "retry", delayMs: 60_000 }],
    // A count that makes no sense ends it, rather than going on for ever.
    [kept, 1_000_000, 2, deadLetter],
  ];
  for (const [queue, failed, retriesMax, expected] of cases) {
    test(`is ${JSON.stringify(expected)} after ${failed} of ${retriesMax} retries for ${JSON.stringify(queue)} (AS-2)`, () => {
      const retries = { ...eventRetriesDefault, retriesMax };
      assert.deepEqual(eventFate(queue, failed, retries), expected);
    });
  }
});

describe("hostFaultFate()", () => {
  test("tries again after 1 s until the event is 6 h old (AS-2, AS-3)", () => {
    assert.deepEqual(hostFaultFate(kept, 0), { kind: "retry", delayMs: 1_000 });
    assert.deepEqual(hostFaultFate(kept, 6 * 3_600_000), { kind: "retry", delayMs: 1_000 });
    assert.deepEqual(hostFaultFate(kept, 6 * 3_600_000 + 1), deadLetter);
    assert.deepEqual(hostFaultFate(durable, 7 * 3_600_000), drop);
  });
});
