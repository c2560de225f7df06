import assert from "node:assert/strict";
import { test } from "node:test";

import { HostError, limits, payloadOf } from "@lambdad/core";
import { invocationOf, settled } from "@lambdad/testkit";

import { eventLimits } from "./event-limits.ts";
import { MemoryEventStore } from "./memory-event-store.ts";
import { startQueue, throttle } from "./queue-fixture.test.ts";

const minute = 60_000;
const hour = 60 * minute;

function hasCode(code: string) {
  return (error: unknown): boolean => error instanceof HostError && error.code === code;
}

test("EventQueue.accept() resolves when the store has the event, not before (INV-1)", async (t) => {
  const store = new MemoryEventStore();
  const commit = Promise.withResolvers<undefined>();
  const append = store.append.bind(store);
  t.mock.method(store, "append", async (events: Parameters<typeof append>[0]) => {
    await commit.promise;
    await append(events);
  });
  const { accept, invoker } = await startQueue(t, { store });
  let accepted = false;
  const done = accept().then(() => (accepted = true));
  await settled();
  assert.equal(accepted, false);
  assert.equal(invoker.attempts.length, 0);
  commit.resolve(undefined);
  await done;
  await settled();
  assert.equal(invoker.attempts.length, 1);
});

test("EventQueue.accept() is never throttled by execution (AS-1)", async (t) => {
  const { accept, invoker, clock, counts } = await startQueue(t, {
    settings: () => ({ concurrency: 1 }),
    answer: (attempt) => attempt.refuse(throttle()),
  });
  await Promise.all(Array.from({ length: 200 }, () => accept()));
  await clock.advance(0);
  assert.equal(invoker.runningMax, 1);
  assert.equal((await counts())?.pending, 200);
});

test("EventQueue.accept() refuses an event over 1 MiB and an unknown function (AS-1)", async (t) => {
  const { queue, accept, observations } = await startQueue(t);
  const largest = payloadOf(new Uint8Array(limits.asyncPayloadBytesMax));
  await accept({ payload: largest });
  const larger = payloadOf(new Uint8Array(limits.asyncPayloadBytesMax + 1));
  await assert.rejects(accept({ payload: larger }), hasCode("RequestTooLargeException"));
  const stranger = invocationOf({ do: "context" }, { functionName: "stranger" });
  await assert.rejects(queue.accept(stranger), hasCode("ResourceNotFoundException"));
  const refused = observations.filter(({ kind }) => kind === "refused");
  assert.equal(refused.length, 2);
});

test("EventQueue.accept() throttles when the backlog is full, and evicts nothing (AS-10)", async (t) => {
  const store = new MemoryEventStore({ pendingEventsMax: 2 });
  const { accept, counts, invoker } = await startQueue(t, { store, answer: () => {} });
  await accept();
  await accept();
  await assert.rejects(accept(), hasCode("TooManyRequestsException"));
  await settled();
  assert.equal((await counts())?.accepted, 2);
  invoker.attempts[0]?.succeed();
  await settled();
  await accept();
});

test("EventQueue.accept() answers 503 when the store fails, and when the queue does not run (AS-11)", async (t) => {
  const store = new MemoryEventStore();
  const cause = new Error("disk gone");
  t.mock.method(store, "append", () => Promise.reject(cause));
  const { accept, queue } = await startQueue(t, { store });
  await assert.rejects(accept(), (error: unknown) => {
    assert.ok(error instanceof HostError);
    assert.equal(error.code, "ServiceUnavailable");
    assert.equal(error.cause, cause);
    return true;
  });
  await queue.stop(AbortSignal.abort());
  await assert.rejects(accept(), hasCode("ServiceUnavailable"));
});

test("EventQueue runs an event that succeeds once, and forgets it", async (t) => {
  const { accept, clock, times, counts, kinds } = await startQueue(t);
  await accept();
  await clock.advance(7 * hour);
  assert.deepEqual(times(), [0]);
  assert.deepEqual(kinds(), ["accepted", "started", "succeeded"]);
  const { accepted, succeeded } = (await counts()) ?? {};
  assert.deepEqual({ accepted, succeeded }, { accepted: 1, succeeded: 1 });
});

test("EventQueue gives every attempt the same request id, and no client context (AS-4)", async (t) => {
  const { accept, clock, invoker, observations } = await startQueue(t, {
    answer: (attempt) => attempt.fail(),
  });
  const id = await accept({ clientContext: '{"custom":{}}', logTail: true });
  await clock.advance(hour);
  assert.equal(invoker.attempts.length, 3);
  for (const { invocation } of invoker.attempts) {
    assert.equal(invocation.requestId, id);
    assert.equal(invocation.type, "Event");
    assert.equal(invocation.clientContext, undefined);
    assert.equal(invocation.logTail, false);
    assert.equal(invocation.stream, undefined);
  }
  const attempts = observations.map((o) => (o.kind === "started" ? o.attempt : 0));
  assert.deepEqual(
    attempts.filter((attempt) => attempt > 0),
    [1, 2, 3],
  );
});

/** Retries, when the attempts start if each fails after 10 s. */
const schedules: [number, number[]][] = [
  [2, [0, 70_000, 200_000]],
  [1, [0, 70_000]],
  [0, [0]],
];
for (const [retriesMax, expected] of schedules) {
  test(`EventQueue with ${retriesMax} retries tries at ${expected.join(", ")} ms (AS-2)`, async (t) => {
    const { accept, clock, times, store, kinds } = await startQueue(t, {
      settings: () => ({ concurrency: 1, retriesMax }),
      answer: (attempt) => clock.setTimer(10_000, () => attempt.fail("Function.Odd")),
    });
    await accept();
    await clock.advance(hour);
    assert.deepEqual(times(), expected);
    assert.equal(kinds().at(-1), "failed");
    const { events } = await store.list({ state: "failed", count: 9 });
    assert.equal(events[0]?.progress.functionFaults, expected.length);
    assert.equal(events[0].progress.lastError?.errorType, "Function.Odd");
  });
}

test("EventQueue fails an event at once when its retry would be past its age limit (AS-2)", async (t) => {
  const { accept, clock, times, observations } = await startQueue(t, {
    settings: () => ({ concurrency: 1, ageMsMax: minute }),
    answer: (attempt) => clock.setTimer(1, () => attempt.fail()),
  });
  await accept();
  await clock.advance(2);
  assert.deepEqual(times(), [0]);
  const last = observations.at(-1);
  assert.ok(last?.kind === "failed");
  assert.equal(last.condition, "EventAgeExceeded");
  assert.equal(last.attempts, 1);
});

test("EventQueue fails an event whose turn comes past its age limit, unrun", async (t) => {
  const { accept, clock, invoker, observations } = await startQueue(t, {
    settings: () => ({ concurrency: 1, ageMsMax: minute }),
    answer: () => {},
  });
  const first = await accept();
  await accept();
  await clock.advance(2 * minute);
  invoker.attempts[0]?.succeed();
  await settled();
  assert.deepEqual(
    invoker.attempts.map(({ invocation }) => invocation.requestId),
    [first],
  );
  const last = observations.at(-1);
  assert.ok(last?.kind === "failed");
  assert.equal(last.condition, "EventAgeExceeded");
});

test("EventQueue backs off from 1 s doubling to 300 s when throttled, until the age limit (AS-3)", async (t) => {
  const { accept, clock, times, observations } = await startQueue(t, {
    answer: (attempt) => attempt.refuse(throttle()),
    // The longest jitter there is, short of its bound.
    random: () => 1 - 2 ** -40,
  });
  await accept();
  await clock.advance(7 * hour);
  const gaps = times().map((time, index, all) => time - (all[index - 1] ?? 0));
  assert.deepEqual(
    gaps.slice(0, 12).map((ms) => ms / 1000),
    [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
  );
  assert.ok((times().at(-1) ?? 0) <= eventLimits.ageMsMax);
  assert.ok((times().at(-1) ?? 0) > eventLimits.ageMsMax - 300_000);
  const last = observations.at(-1);
  assert.ok(last?.kind === "failed");
  assert.equal(last.condition, "EventAgeExceeded");
  assert.equal(last.attempts, 0);
});

test("EventQueue does not count host faults as attempts (AS-3)", async (t) => {
  let call = 0;
  const { accept, clock, times, observations } = await startQueue(t, {
    answer(attempt) {
      call += 1;
      if (call === 1) attempt.refuse(new Error("bug"));
      else if (call === 3) attempt.refuse(new HostError("ServiceUnavailable", "draining"));
      else attempt.fail();
    },
  });
  await accept();
  await clock.advance(hour);
  assert.deepEqual(times(), [0, 1000, 61_000, 62_000, 182_000]);
  const reasons = observations.flatMap((o) => (o.kind === "scheduled" ? [o.reason] : []));
  assert.deepEqual(reasons, ["host_fault", "function_fault", "host_fault", "function_fault"]);
  assert.equal(observations.at(-1)?.kind, "failed");
});

test("EventQueue waits by the monotonic clock when the wall clock jumps (HO-4)", async (t) => {
  const { accept, clock, times } = await startQueue(t, { answer: (attempt) => attempt.fail() });
  await accept();
  await clock.advance(1000);
  clock.jumpWall(-24 * hour);
  await clock.advance(minute);
  clock.jumpWall(48 * hour);
  await clock.advance(hour);
  assert.deepEqual(times(), [0, 60_000, 180_000]);
});

test("EventQueue fails events of a function with concurrency 0 at once, unrun", async (t) => {
  const { accept, clock, invoker, observations, counts } = await startQueue(t, {
    settings: () => ({ concurrency: 0 }),
  });
  await Promise.all(Array.from({ length: 250 }, () => accept()));
  await clock.advance(0);
  assert.equal(invoker.attempts.length, 0);
  assert.equal((await counts())?.failed, 250);
  const last = observations.at(-1);
  assert.ok(last?.kind === "failed");
  assert.equal(last.condition, "ZeroReservedConcurrency");
});
