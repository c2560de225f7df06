import assert from "node:assert/strict";
import { test } from "node:test";

import { payloadOf } from "@lambdad/core";
import { acceptedEvent, testEventStore } from "@lambdad/testkit";

import { MemoryEventStore } from "./memory-event-store.ts";

testEventStore("MemoryEventStore", async (bounds) => ({
  store: new MemoryEventStore(bounds),
  stop: async () => {},
}));

test("MemoryEventStore does not keep the buffer that a small event came in (INV-8)", async () => {
  const store = new MemoryEventStore();
  const buffer = new Uint8Array(1024 * 1024);
  await store.append([acceptedEvent({ payload: payloadOf(buffer.subarray(7, 9)) })]);
  const { events } = await store.list({ state: "pending", count: 1 });
  assert.equal(events[0]?.payload.chunks[0]?.buffer.byteLength, 2);
});

test("MemoryEventStore purges failures when their bytes are too many (INV-8)", async () => {
  const store = new MemoryEventStore({ shelfBytesMax: 10_000 });
  const payload = payloadOf(new Uint8Array(6000));
  const progress = { functionFaults: 1, hostFaults: 0, crashes: 0, lastError: undefined };
  await store.append([acceptedEvent({ payload }), acceptedEvent({ payload })]);
  const wants = [{ functionName: "one", count: 2, expiredOnly: false }];
  const { events } = await store.claim({ nowMs: 1000, wants });
  const failings = events.map(
    ({ id }) => ({ id, condition: "RetriesExhausted", failedAtMs: 1, progress }) as const,
  );
  assert.equal(await store.fail(failings), 1);
  const kept = await store.list({ state: "failed", count: 2 });
  assert.deepEqual(
    kept.events.map(({ id }) => id),
    [events[1]?.id],
  );
});
