import assert from "node:assert/strict";
import { test } from "node:test";

import { payloadText } from "@lambdad/core";

import type { BeginEventStore } from "./event-store-contract.ts";
import { acceptedEvent, claimIds, countsOf, failAll, want } from "./event-store-steps.ts";

/** The failed shelf. */
export function testEventStoreShelf(begin: BeginEventStore): void {
  test("fail() keeps an event with its condition and its last error (AS-7)", async (t) => {
    const store = await begin(t);
    const event = acceptedEvent();
    await store.append([event]);
    await failAll(store, await claimIds(store, 1000));
    const { events } = await store.list({ state: "failed", count: 10 });
    const [failed] = events;
    assert.equal(failed?.id, event.id);
    assert.equal(payloadText(failed.payload), '{"n":1}');
    assert.deepEqual(failed.state, {
      kind: "failed",
      condition: "RetriesExhausted",
      failedAtMs: 5000,
    });
    assert.equal(failed.progress.functionFaults, 3);
    assert.equal(failed.progress.lastError?.errorType, "Function.Odd");
    assert.equal((await countsOf(store)).failed, 1);
    assert.deepEqual(await claimIds(store, 99_999), []);
  });

  test("fail() purges the oldest failures when the shelf is full, and counts them", async (t) => {
    const store = await begin(t, { shelfEventsMax: 2 });
    const events = Array.from({ length: 5 }, () => acceptedEvent());
    await store.append(events);
    const ids = await claimIds(store, 1000);
    assert.equal(await failAll(store, ids), 3);
    const { failed, purged } = await countsOf(store);
    assert.deepEqual({ failed, purged }, { failed: 2, purged: 3 });
    const kept = await store.list({ state: "failed", count: 10 });
    assert.deepEqual(
      kept.events.map(({ id }) => id),
      ids.slice(3),
    );
  });

  test("purge() takes failed events off by id, and nothing else", async (t) => {
    const store = await begin(t);
    const [failed, pending] = [acceptedEvent(), acceptedEvent({ acceptedAtMs: 2000 })];
    await store.append([failed, pending]);
    await failAll(store, await claimIds(store, 1000));
    assert.equal(await store.purge({ ids: [failed.id, pending.id, "unknown"] }), 1);
    assert.equal(await store.purge({ ids: [failed.id] }), 0);
    const counts = await countsOf(store);
    assert.deepEqual([counts.failed, counts.purged, counts.pending], [0, 1, 1]);
  });

  test("purge() takes failed events off by age, of one function or of all", async (t) => {
    const store = await begin(t);
    await store.append([acceptedEvent(), acceptedEvent(), acceptedEvent({ functionName: "two" })]);
    await failAll(store, await claimIds(store, 1000, want("one"), want("two")));
    assert.equal(await store.purge({ failedBeforeMs: 5000 }), 0);
    assert.equal(await store.purge({ failedBeforeMs: 5001 }), 1);
    assert.equal(await store.purge({ failedBeforeMs: 9999, functionName: "two" }), 1);
    assert.equal(await store.purge({ failedBeforeMs: 9999 }), 1);
    assert.equal((await countsOf(store)).purged, 2);
  });
}

/** What operators and metrics see. */
export function testEventStoreLists(begin: BeginEventStore): void {
  test("list() gives events of one state in order of acceptance, page by page", async (t) => {
    const store = await begin(t);
    const events = Array.from({ length: 7 }, () => acceptedEvent());
    await store.append(events);
    const [first] = await claimIds(store, 1000, want("one", 1));
    const ids: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await store.list({
        state: "pending",
        count: 4,
        ...(cursor !== undefined && { cursor }),
      });
      ids.push(...page.events.map(({ id }) => id));
      cursor = page.cursor;
      pages += 1;
    } while (cursor !== undefined);
    assert.equal(pages, 2);
    assert.deepEqual(
      [first, ...ids],
      events.map(({ id }) => id),
    );
  });

  test("list() can be narrowed to a function and to ids", async (t) => {
    const store = await begin(t);
    const [one, two] = [acceptedEvent(), acceptedEvent({ functionName: "two" })];
    await store.append([one, two]);
    const ofTwo = await store.list({ state: "pending", functionName: "two", count: 10 });
    assert.deepEqual(
      ofTwo.events.map(({ id }) => id),
      [two.id],
    );
    const byId = await store.list({ state: "pending", ids: [one.id, "unknown"], count: 10 });
    assert.deepEqual(
      byId.events.map(({ id }) => id),
      [one.id],
    );
  });

  test("counts() tells the age of the oldest event that waits or runs", async (t) => {
    const store = await begin(t);
    const [old, young] = [acceptedEvent(), acceptedEvent({ acceptedAtMs: 1200 })];
    await store.append([old, young]);
    assert.equal((await countsOf(store)).oldestAcceptedAtMs, 1000);
    await store.complete(await claimIds(store, 1000));
    assert.equal((await countsOf(store)).oldestAcceptedAtMs, 1200);
    await failAll(store, await claimIds(store, 2000));
    assert.equal((await countsOf(store)).oldestAcceptedAtMs, undefined);
  });
}
