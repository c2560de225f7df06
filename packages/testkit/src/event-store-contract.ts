import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";

import {
  type EventStore,
  HostError,
  payloadBytes,
  payloadFromChunks,
  payloadOf,
} from "@lambdad/core";

import { testEventStoreLists, testEventStoreShelf } from "./event-store-contract-shelf.ts";
import {
  acceptedEvent,
  claimIds,
  countsOf,
  failAll,
  fresh,
  someError,
  want,
} from "./event-store-steps.ts";

export interface EventStoreFixture {
  readonly store: EventStore;
  /** Closes the store and opens it again, as a restart does. Only of durable stores. */
  reopen?(): Promise<EventStore>;
  stop(): Promise<void>;
}

/** Bounds that the suite gives a store, to reach them. */
export interface EventStoreBounds {
  readonly pendingEventsMax?: number;
  readonly pendingBytesMax?: number;
  readonly shelfEventsMax?: number;
}

export interface TestEventStoreOptions {
  /** The store keeps its events over a restart; its fixture can `reopen`. Default false. */
  readonly durable?: boolean;
}

/** What a store needs from the suite: a function that starts one with these bounds. */
export type StartEventStore = (bounds: EventStoreBounds) => Promise<EventStoreFixture>;

/** Starts a store that stops with the test. */
export type BeginEventStore = (t: TestContext, bounds?: EventStoreBounds) => Promise<EventStore>;

/** What every event store must do (spec reliability, ST-13). Each implementation runs it. */
export function testEventStore(
  name: string,
  start: StartEventStore,
  options: TestEventStoreOptions = {},
): void {
  const begin = async (t: TestContext, bounds: EventStoreBounds = {}): Promise<EventStore> => {
    const fixture = await start(bounds);
    t.after(() => fixture.stop());
    return fixture.store;
  };
  describe(`${name} as an EventStore (ST-13)`, () => {
    testClaims(begin);
    testEnds(begin);
    testEventStoreShelf(begin);
    testEventStoreLists(begin);
    testBounds(begin);
    if (options.durable === true) testRestart(start);
  });
}

function testClaims(begin: BeginEventStore): void {
  test("claim() gives an appended event with all its members and bytes", async (t) => {
    const store = await begin(t);
    const event = acceptedEvent({
      qualifier: "live",
      tenantId: "tenant",
      replayOf: "an older one",
      payload: payloadFromChunks([Uint8Array.of(0, 1), Uint8Array.of(255)]),
    });
    await store.append([event]);
    const { events } = await store.claim({ nowMs: 1000, wants: [want()] });
    assert.equal(events.length, 1);
    const [claimed] = events;
    assert.ok(claimed !== undefined);
    const { payload, state, progress, ...members } = claimed;
    const { payload: sent, ...wanted } = event;
    assert.deepEqual(members, wanted);
    assert.deepEqual([...payloadBytes(payload)], [...payloadBytes(sent)]);
    assert.deepEqual(state, { kind: "started" });
    assert.deepEqual(progress, fresh);
  });

  test("claim() gives an event once", async (t) => {
    const store = await begin(t);
    await store.append([acceptedEvent()]);
    assert.equal((await claimIds(store, 1000)).length, 1);
    assert.deepEqual(await claimIds(store, 9999), []);
    assert.equal((await countsOf(store)).started, 1);
  });

  test("claim() gives those due longest, in order, and no more than are wanted (AS-14)", async (t) => {
    const store = await begin(t);
    const late = acceptedEvent({ acceptedAtMs: 1003 });
    const first = acceptedEvent({ acceptedAtMs: 1001 });
    const second = acceptedEvent({ acceptedAtMs: 1001 });
    const future = acceptedEvent({ acceptedAtMs: 2000 });
    await store.append([late, first, second, future]);
    assert.deepEqual(await claimIds(store, 1500, want("one", 2)), [first.id, second.id]);
    assert.deepEqual(await claimIds(store, 1500), [late.id]);
    assert.deepEqual(await claimIds(store, 1999), []);
    assert.deepEqual(await claimIds(store, 2000), [future.id]);
  });

  test("claim() serves each want from its own function, and tells when there is more", async (t) => {
    const store = await begin(t);
    await store.append([
      acceptedEvent(),
      acceptedEvent({ acceptedAtMs: 1700 }),
      acceptedEvent({ functionName: "two" }),
      acceptedEvent({ functionName: "two" }),
    ]);
    const wants = [want("one"), want("two", 1), want("three")];
    const { events, nextDue } = await store.claim({ nowMs: 1000, wants });
    assert.deepEqual(
      events.map(({ functionName }) => functionName),
      ["one", "two"],
    );
    assert.deepEqual(nextDue, [
      { functionName: "one", dueAtMs: 1700 },
      { functionName: "two", dueAtMs: 1000 },
      { functionName: "three", dueAtMs: undefined },
    ]);
  });

  test("claim() gives only events past their age limit where these are wanted (AS-12)", async (t) => {
    const store = await begin(t);
    const early = acceptedEvent({ expiresAtMs: 3000 });
    const late = acceptedEvent({ expiresAtMs: 4000 });
    await store.append([late, early]);
    const expired = want("one", 10, true);
    const { events, nextDue } = await store.claim({ nowMs: 3000, wants: [expired] });
    assert.deepEqual(events, []);
    const dueAtMs = nextDue[0]?.dueAtMs;
    assert.ok(dueAtMs !== undefined && dueAtMs > 3000 && dueAtMs <= 3001);
    assert.deepEqual(await claimIds(store, dueAtMs, expired), [early.id]);
    assert.deepEqual(await claimIds(store, 4001, expired), [late.id]);
  });

  test("append() passes over an event that it has, so that it may be repeated", async (t) => {
    const store = await begin(t);
    const event = acceptedEvent();
    await store.append([event]);
    await store.append([event, acceptedEvent()]);
    assert.equal((await countsOf(store)).accepted, 2);
    assert.equal((await claimIds(store, 1000)).length, 2);
  });
}

function testEnds(begin: BeginEventStore): void {
  test("complete() forgets started events and counts them, once", async (t) => {
    const store = await begin(t);
    const event = acceptedEvent();
    await store.append([event, acceptedEvent()]);
    await claimIds(store, 1000, want("one", 1));
    await store.complete([event.id, "unknown"]);
    await store.complete([event.id]);
    const { succeeded, pending, started } = await countsOf(store);
    assert.deepEqual({ succeeded, pending, started }, { succeeded: 1, pending: 1, started: 0 });
  });

  test("complete(), schedule() and fail() leave alone what is not started", async (t) => {
    const store = await begin(t);
    const { id } = acceptedEvent();
    await store.append([acceptedEvent({ id })]);
    await store.complete([id]);
    await store.schedule([{ id, dueAtMs: 9000, progress: { ...fresh, crashes: 1 } }]);
    assert.equal(await failAll(store, [id]), 0);
    assert.equal((await countsOf(store)).pending, 1);
    const { events } = await store.claim({ nowMs: 1000, wants: [want()] });
    assert.deepEqual(events[0]?.progress, fresh);
  });

  test("schedule() keeps the progress, and gives the event again when it is due", async (t) => {
    const store = await begin(t);
    const event = acceptedEvent();
    await store.append([event]);
    await claimIds(store, 1000);
    const progress = { functionFaults: 1, hostFaults: 2, crashes: 3, lastError: someError };
    await store.schedule([{ id: event.id, dueAtMs: 2500, progress }]);
    const { nextDue } = await store.claim({ nowMs: 2499, wants: [want()] });
    assert.deepEqual(nextDue, [{ functionName: "one", dueAtMs: 2500 }]);
    const { events } = await store.claim({ nowMs: 2500, wants: [want()] });
    const { lastError, ...numbers } = events[0]?.progress ?? fresh;
    assert.deepEqual(numbers, { functionFaults: 1, hostFaults: 2, crashes: 3 });
    assert.equal(lastError?.errorType, "Function.Odd");
    assert.equal(lastError.executedVersion, "7");
    assert.ok(lastError.payload !== undefined);
    assert.deepEqual([...payloadBytes(lastError.payload)], [0, 255, 254]);
  });
}

function throttled(error: unknown): boolean {
  return error instanceof HostError && error.code === "TooManyRequestsException";
}

function testBounds(begin: BeginEventStore): void {
  test("append() refuses what does not fit, as a whole, and takes it when there is room (AS-10)", async (t) => {
    const store = await begin(t, { pendingEventsMax: 3 });
    await store.append([acceptedEvent(), acceptedEvent()]);
    await assert.rejects(store.append([acceptedEvent(), acceptedEvent()]), throttled);
    assert.equal((await countsOf(store)).accepted, 2);
    await store.append([acceptedEvent()]);
    await assert.rejects(store.append([acceptedEvent()]), throttled);
    // What runs still counts: it may come back.
    const ids = await claimIds(store, 1000);
    await assert.rejects(store.append([acceptedEvent()]), throttled);
    await store.complete(ids.slice(0, 1));
    await failAll(store, ids.slice(1, 2));
    await store.append([acceptedEvent(), acceptedEvent()]);
    assert.equal((await countsOf(store)).accepted, 5);
  });

  test("append() refuses more bytes than the backlog may have (AS-10)", async (t) => {
    const store = await begin(t, { pendingBytesMax: 100_000 });
    const payload = payloadOf(new Uint8Array(60_000));
    const event = acceptedEvent({ payload });
    await store.append([event]);
    await assert.rejects(store.append([acceptedEvent({ payload })]), throttled);
    await claimIds(store, 1000);
    await store.complete([event.id]);
    await store.append([acceptedEvent({ payload })]);
  });
}

function testRestart(start: StartEventStore): void {
  test("a restart keeps every event in its state (INV-11)", async (t) => {
    const fixture = await start({});
    t.after(() => fixture.stop());
    assert.ok(fixture.reopen !== undefined, "a durable store can be reopened");
    await fixture.store.append([acceptedEvent(), acceptedEvent(), acceptedEvent()]);
    const ids = await claimIds(fixture.store, 1000, want("one", 2));
    await failAll(fixture.store, ids.slice(0, 1));
    const before = await countsOf(fixture.store);
    const store = await fixture.reopen();
    assert.deepEqual(await countsOf(store), before);
    const started = await store.list({ state: "started", count: 10 });
    assert.deepEqual(
      started.events.map(({ id }) => id),
      ids.slice(1),
    );
  });
}
