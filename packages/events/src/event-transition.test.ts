import assert from "node:assert/strict";
import { test } from "node:test";

import { type EventError, type EventProgress, payloadOf, type StoredEvent } from "@lambdad/core";
import { acceptedEvent } from "@lambdad/testkit";

import { eventLimits } from "./event-limits.ts";
import { type AttemptOutcome, noProgress, refuseStart, transition } from "./event-transition.ts";

const error: EventError = { errorType: "E", payload: payloadOf("{}"), executedVersion: "$LATEST" };
const functionFault: AttemptOutcome = { kind: "function_fault", error };
const throttled: AttemptOutcome = { kind: "throttled", error };
const hostFault: AttemptOutcome = { kind: "host_fault", error };

/** A started event that was accepted at 0. */
function started(
  progress: Partial<EventProgress> = {},
  members: Partial<StoredEvent> = {},
): StoredEvent {
  return {
    ...acceptedEvent({ acceptedAtMs: 0, expiresAtMs: eventLimits.ageMsMax }),
    state: { kind: "started" },
    progress: { ...noProgress, ...progress },
    ...members,
  };
}

function at(nowMs: number, random = 0): { nowMs: number; random: () => number } {
  return { nowMs, random: () => random };
}

/** Faults before, `MaximumRetryAttempts`, what becomes of one more fault. */
const retries: [number, number, { kind: string; delayMs?: number; condition?: string }][] = [
  [0, 2, { kind: "schedule", delayMs: 60_000 }],
  [1, 2, { kind: "schedule", delayMs: 120_000 }],
  [2, 2, { kind: "fail", condition: "RetriesExhausted" }],
  [0, 1, { kind: "schedule", delayMs: 60_000 }],
  [1, 1, { kind: "fail", condition: "RetriesExhausted" }],
  [0, 0, { kind: "fail", condition: "RetriesExhausted" }],
];
for (const [functionFaults, retriesMax, expected] of retries) {
  test(`transition() fault ${functionFaults + 1} with ${retriesMax} retries: ${expected.kind} ${expected.delayMs ?? ""} (AS-2)`, () => {
    const event = started({ functionFaults, hostFaults: 4 }, { retriesMax });
    const next = transition(event, functionFault, at(1000));
    assert.equal(next.kind, expected.kind);
    assert.ok(next.kind !== "complete");
    assert.equal(next.progress.functionFaults, functionFaults + 1);
    assert.equal(next.progress.hostFaults, 0);
    assert.equal(next.progress.lastError, error);
    if (next.kind === "schedule") assert.equal(next.dueAtMs, 1000 + (expected.delayMs ?? 0));
    else assert.equal(next.condition, expected.condition);
  });
}

test("transition() drops an event whose next start would be past its age limit, without waiting (AS-2)", () => {
  const event = started({}, { expiresAtMs: 60_000 });
  assert.equal(transition(event, functionFault, at(0)).kind, "schedule");
  const next = transition(event, functionFault, at(1));
  assert.ok(next.kind === "fail");
  assert.equal(next.condition, "EventAgeExceeded");
  assert.equal(next.progress.functionFaults, 1);
});

/** Host faults in a row before, random, delay of one more. */
const backoffs: [number, number, number][] = [
  [0, 0.999, 1000],
  [1, 0, 1000],
  [1, 0.5, 1000],
  [1, 0.75, 1500],
  [3, 0.5, 4000],
  [8, 0.5, 128_000],
  [9, 0.5, 150_000],
  [9, 0.999, 299_700],
  [2000, 0.5, 150_000],
];
for (const [hostFaults, random, delayMs] of backoffs) {
  for (const outcome of [throttled, hostFault]) {
    test(`transition() ${outcome.kind} ${hostFaults + 1}, random ${random}: due in ${delayMs} ms, no attempt (AS-3)`, () => {
      const event = started({ hostFaults, functionFaults: 1 });
      const next = transition(event, outcome, at(5000, random));
      assert.ok(next.kind === "schedule");
      assert.equal(next.dueAtMs, 5000 + delayMs);
      assert.equal(next.progress.hostFaults, hostFaults + 1);
      assert.equal(next.progress.functionFaults, 1);
    });
  }
}

test("transition() retries throttles until the age limit, then fails the event (AS-3)", () => {
  const event = started({ hostFaults: 3 }, { expiresAtMs: 60_000 });
  assert.equal(transition(event, throttled, at(59_000)).kind, "schedule");
  const next = transition(event, throttled, at(59_001));
  assert.ok(next.kind === "fail");
  assert.equal(next.condition, "EventAgeExceeded");
});

test("transition() fails an event as Sandbox.Failure when the host ended with it five times (AS-6)", () => {
  let event = started();
  for (let crash = 1; crash <= 5; crash += 1) {
    const next = transition(event, { kind: "crashed" }, at(0));
    assert.ok(next.kind !== "complete");
    assert.equal(next.kind, crash < 5 ? "schedule" : "fail", `crash ${crash}`);
    assert.equal(next.progress.crashes, crash);
    assert.equal(next.progress.functionFaults, 0);
    assert.equal(next.progress.lastError?.errorType, "Sandbox.Failure");
    event = started(next.progress);
  }
});

test("transition() completes what succeeded, and gives back unchanged what was released", () => {
  const event = started({ functionFaults: 1, hostFaults: 2, crashes: 3, lastError: error });
  assert.deepEqual(transition(event, { kind: "succeeded" }, at(5)), { kind: "complete" });
  assert.deepEqual(transition(event, { kind: "released" }, at(5)), {
    kind: "schedule",
    dueAtMs: 5,
    progress: event.progress,
  });
});

test("refuseStart() lets an event start up to its age limit (AS-2)", () => {
  const event = started({}, { expiresAtMs: 60_000 });
  assert.equal(refuseStart(event, 60_000, 1), undefined);
  const refused = refuseStart(event, 60_001, 1);
  assert.ok(refused?.kind === "fail");
  assert.equal(refused.condition, "EventAgeExceeded");
});

test("refuseStart() fails every event of a function with concurrency 0, unrun", () => {
  const refused = refuseStart(started(), 0, 0);
  assert.ok(refused?.kind === "fail");
  assert.equal(refused.condition, "ZeroReservedConcurrency");
  assert.equal(refused.progress.functionFaults, 0);
});

test("refuseStart() keeps events of a function that was removed until their age limit (AS-12)", () => {
  const event = started({}, { expiresAtMs: 60_000 });
  assert.equal(refuseStart(event, 60_000, undefined)?.kind, "schedule");
  assert.equal(refuseStart(event, 60_001, undefined)?.kind, "fail");
});

test("refuseStart() fails an event that a store counted five crashes for (AS-6)", () => {
  const refused = refuseStart(started({ crashes: 5 }), 0, 1);
  assert.ok(refused?.kind === "fail");
  assert.equal(refused.progress.lastError?.errorType, "Sandbox.Failure");
});
