import assert from "node:assert/strict";
import { test } from "node:test";

import { HostError } from "@lambdad/core";
import { acceptedEvent, settled } from "@lambdad/testkit";

import { eventLimits } from "./event-limits.ts";
import type { EventSettings } from "./event-lanes.ts";
import { MemoryEventStore } from "./memory-event-store.ts";
import { startQueue } from "./queue-fixture.test.ts";

const hour = 3_600_000;

test("EventQueue.start() runs again what was started when the host ended, with the same id (AS-5)", async (t) => {
  const crashed = await startQueue(t, { answer: () => {} });
  const id = await crashed.accept();
  await settled();
  assert.equal(crashed.invoker.attempts.length, 1);
  // The host ends here: nothing of the first queue goes on but its store.
  const { clock, store } = crashed;
  const next = await startQueue(t, { clock, store });
  await clock.advance(999);
  assert.deepEqual(next.times(), []);
  await clock.advance(1);
  assert.deepEqual(
    next.invoker.attempts.map(({ invocation, atMs }) => [invocation.requestId, atMs]),
    [[id, 1000]],
  );
  assert.equal((await next.counts())?.succeeded, 1);
});

test("EventQueue fails an event that ends its host five times (AS-6)", async (t) => {
  const first = await startQueue(t, { answer: () => {} });
  const { clock, store } = first;
  await first.accept();
  await settled();
  let attempts = 1;
  for (let crash = 1; crash <= 5; crash += 1) {
    const { invoker, observations } = await startQueue(t, { clock, store, answer: () => {} });
    await clock.advance(hour / 4);
    attempts += invoker.attempts.length;
    if (crash < 5) continue;
    const last = observations.at(-1);
    assert.ok(last?.kind === "failed");
    assert.equal(last.errorType, "Sandbox.Failure");
  }
  assert.equal(attempts, 5);
  assert.equal((await first.counts())?.failed, 1);
});

test("EventQueue claims a backlog at its concurrency after a restart, oldest due first (AS-14)", async (t) => {
  const before = await startQueue(t, { settings: () => ({ concurrency: 1 }), answer: () => {} });
  const { clock, store } = before;
  const ids: string[] = [];
  for (let index = 0; index < 50; index += 1) {
    ids.push(await before.accept());
    await clock.advance(1);
  }
  await before.queue.stop(AbortSignal.abort());
  const after = await startQueue(t, {
    clock,
    store,
    settings: () => ({ concurrency: 3 }),
    answer: (attempt) => clock.setTimer(10, () => attempt.succeed()),
  });
  await clock.advance(hour);
  assert.equal(after.invoker.runningMax, 3);
  const order = after.invoker.attempts.map(({ invocation }) => invocation.requestId);
  // The first one was started, and given back when the queue stopped: it is due last.
  assert.deepEqual(order, [...ids.slice(1), ...ids.slice(0, 1)]);
});

test("EventQueue.stop() claims no more and waits for what is started", async (t) => {
  const { queue, accept, invoker, clock, counts } = await startQueue(t, {
    settings: () => ({ concurrency: 1 }),
    answer: () => {},
  });
  await accept();
  await accept();
  await settled();
  let stopped: { pending: number } | undefined;
  const stopping = queue.stop(new AbortController().signal);
  void stopping.then((result) => (stopped = result));
  assert.equal(queue.stop(AbortSignal.abort()), stopping);
  await clock.advance(hour);
  assert.equal(stopped, undefined);
  assert.equal(invoker.attempts[0]?.signal.aborted, false);
  invoker.attempts[0]?.succeed();
  assert.deepEqual(await stopping, { pending: 1 });
  await clock.advance(hour);
  assert.equal(invoker.attempts.length, 1);
  assert.equal((await counts())?.succeeded, 1);
  assert.equal(clock.timers, 0);
});

test("EventQueue keeps one alarm for all that is due later, and none after stop()", async (t) => {
  const { queue, accept, clock } = await startQueue(t, { answer: (attempt) => attempt.fail() });
  for (let index = 0; index < 20; index += 1) {
    await accept();
    await clock.advance(10);
  }
  // And one for the sweep of the failed shelf.
  assert.equal(clock.timers, 2);
  assert.deepEqual(await queue.stop(new AbortController().signal), { pending: 20 });
  assert.equal(clock.timers, 0);
});

test("EventQueue.stop() gives back what still runs at its deadline, as no attempt (HO-8)", async (t) => {
  const { queue, accept, invoker, counts, store, observations } = await startQueue(t, {
    answer: () => {},
  });
  await accept();
  await settled();
  const deadline = new AbortController();
  const stopping = queue.stop(deadline.signal);
  await settled();
  deadline.abort();
  assert.deepEqual(await stopping, { pending: 1 });
  const [attempt] = invoker.attempts;
  assert.ok(attempt?.signal.reason instanceof HostError);
  // Its answer comes too late to count.
  attempt.succeed();
  await settled();
  assert.equal((await counts())?.pending, 1);
  const { events } = await store.list({ state: "pending", count: 1 });
  assert.equal(events[0]?.progress.functionFaults, 0);
  assert.equal(events[0].progress.hostFaults, 0);
  const last = observations.at(-1);
  assert.ok(last?.kind === "scheduled");
  assert.equal(last.reason, "released");
});

test("EventQueue.stop() gives back what a claim brings meanwhile, unrun", async (t) => {
  const store = new MemoryEventStore();
  const claim = store.claim.bind(store);
  const reply = Promise.withResolvers<undefined>();
  t.mock.method(store, "claim", async (request: Parameters<typeof claim>[0]) => {
    await reply.promise;
    return claim(request);
  });
  const { queue, accept, invoker } = await startQueue(t, { store });
  await accept();
  const stopping = queue.stop(new AbortController().signal);
  reply.resolve(undefined);
  assert.deepEqual(await stopping, { pending: 1 });
  assert.equal(invoker.attempts.length, 0);
});

test("EventQueue writes an outcome down until the store takes it, and does not run the event again", async (t) => {
  const store = new MemoryEventStore();
  const complete = store.complete.bind(store);
  let faults = 3;
  t.mock.method(store, "complete", (ids: readonly string[]) => {
    faults -= 1;
    return faults >= 0 ? Promise.reject(new Error("disk full")) : complete(ids);
  });
  const { accept, clock, times, counts, kinds } = await startQueue(t, { store });
  await accept();
  await clock.advance(6999);
  assert.equal((await counts())?.started, 1);
  await clock.advance(1);
  assert.equal((await counts())?.succeeded, 1);
  assert.deepEqual(times(), [0]);
  assert.equal(kinds().filter((kind) => kind === "store_fault").length, 3);
});

test("EventQueue.stop() leaves an event started that the store does not take", async (t) => {
  const store = new MemoryEventStore();
  t.mock.method(store, "complete", () => Promise.reject(new Error("disk full")));
  const { accept, queue, counts } = await startQueue(t, { store });
  await accept();
  await settled();
  assert.deepEqual(await queue.stop(AbortSignal.abort()), { pending: 0 });
  assert.equal((await counts())?.started, 1);
});

test("EventQueue claims again after a claim that failed", async (t) => {
  const store = new MemoryEventStore();
  const failing = t.mock.method(store, "claim", () => Promise.reject(new Error("locked")));
  const { accept, clock, times } = await startQueue(t, { store });
  await accept();
  await settled();
  failing.mock.restore();
  await clock.advance(1000);
  assert.deepEqual(times(), [1000]);
});

test("EventQueue keeps events of a function that was removed, and a new one of that name gets them (AS-12)", async (t) => {
  const functions = new Map<string, EventSettings>([["one", { concurrency: 1 }]]);
  const { accept, queue, clock, invoker, counts } = await startQueue(t, {
    settings: (name) => functions.get(name),
    answer: (attempt) => attempt.fail(),
  });
  await accept();
  await clock.advance(1);
  functions.delete("one");
  await clock.advance(hour);
  assert.equal(invoker.attempts.length, 1);
  assert.equal((await counts())?.pending, 1);
  functions.set("one", { concurrency: 1 });
  queue.refresh();
  await clock.advance(0);
  assert.equal(invoker.attempts.length, 2);
});

test("EventQueue fails events of a function that was removed at their age limit (AS-12)", async (t) => {
  const functions = new Map<string, EventSettings>([["one", { concurrency: 1 }]]);
  const { accept, clock, invoker, observations } = await startQueue(t, {
    settings: (name) => functions.get(name),
    answer: (attempt) => attempt.fail(),
  });
  await accept();
  await clock.advance(1);
  functions.delete("one");
  await clock.advance(eventLimits.ageMsMax - 1);
  assert.notEqual(observations.at(-1)?.kind, "failed");
  await clock.advance(1);
  const last = observations.at(-1);
  assert.ok(last?.kind === "failed");
  assert.equal(last.condition, "EventAgeExceeded");
  assert.equal(invoker.attempts.length, 1);
});

test("EventQueue keeps a failed event on the shelf until it is replayed with a new id (AS-7)", async (t) => {
  let good = false;
  const { accept, queue, clock, invoker, counts, store } = await startQueue(t, {
    settings: () => ({ concurrency: 1, retriesMax: 0 }),
    answer: (attempt) => (good ? attempt.succeed() : attempt.fail("Function.Odd")),
  });
  const id = await accept();
  await clock.advance(hour);
  const failed = await queue.shelf.find(id);
  assert.equal(failed?.progress.lastError?.errorType, "Function.Odd");
  good = true;
  const accepted: (string | undefined)[] = [];
  t.mock.method(store, "append", async (events: readonly { replayOf?: string }[]) => {
    accepted.push(...events.map(({ replayOf }) => replayOf));
    await MemoryEventStore.prototype.append.call(store, events as never);
  });
  const newId = await queue.shelf.replay(id);
  assert.ok(newId !== undefined && newId !== id);
  assert.deepEqual(accepted, [id]);
  await settled();
  assert.equal(invoker.attempts.at(-1)?.invocation.requestId, newId);
  assert.equal(await queue.shelf.find(id), undefined);
  assert.equal(await queue.shelf.replay(id), undefined);
  const { accepted: all, succeeded, purged, failed: left } = (await counts()) ?? {};
  assert.deepEqual([all, succeeded, purged, left], [2, 1, 1, 0]);
});

test("EventQueue purges failed events after seven days, and says so (AS-7)", async (t) => {
  const { accept, clock, counts, observations } = await startQueue(t, {
    settings: () => ({ concurrency: 1, retriesMax: 0 }),
    answer: (attempt) => attempt.fail(),
  });
  await accept();
  await clock.advance(eventLimits.shelfAgeMsMax);
  assert.equal((await counts())?.failed, 1);
  await clock.advance(hour);
  assert.equal((await counts())?.purged, 1);
  assert.deepEqual(observations.at(-1), { kind: "purged", count: 1, by: "retention" });
});

test("EventQueue claims what a store that others fill tells of", async (t) => {
  const store = new MemoryEventStore();
  const listeners: ((functionName: string) => void)[] = [];
  Object.assign(store, { watch: (listener: (name: string) => void) => listeners.push(listener) });
  const { invoker, clock } = await startQueue(t, { store });
  const acceptedAtMs = clock.wallMs();
  await store.append([acceptedEvent({ acceptedAtMs, expiresAtMs: acceptedAtMs + hour })]);
  await clock.advance(1);
  assert.equal(invoker.attempts.length, 0);
  listeners[0]?.("one");
  await settled();
  assert.equal(invoker.attempts.length, 1);
});
