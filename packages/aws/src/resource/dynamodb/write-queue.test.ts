import assert from "node:assert/strict";
import { test } from "node:test";
import { type Write, WriteQueue, type WriteRequest } from "./write-queue.ts";

const put = (id: number, version = 0): WriteRequest => ({ PutRequest: { Item: { id, version } } });
const items = (writes: readonly Write[] | undefined): unknown =>
  writes?.map(({ request }) => request.PutRequest?.Item);

function filled(count: number, { keyed = true, bytes = 1 } = {}): WriteQueue {
  const queue = new WriteQueue({ writes: 3, bytes: 100 });
  for (let id = 0; id < count; id++) queue.add(put(id), bytes, keyed ? String(id) : undefined);
  return queue;
}

test("WriteQueue gives full requests, and the rest when it is drained", () => {
  const queue = filled(5);
  assert.equal(queue.take(false)?.length, 3);
  assert.equal(queue.take(false), undefined);
  assert.equal(queue.take(true)?.length, 2);
  assert.equal(queue.take(true), undefined);
  assert.equal(queue.size, 5);
});

test("WriteQueue ends a request before it has too many bytes; a larger write goes alone", () => {
  const queue = filled(3, { bytes: 60 });
  assert.equal(queue.take(false)?.length, 1);
  assert.equal(queue.take(false)?.length, 1);
  assert.equal(queue.take(false), undefined);
  queue.add(put(9), 500, "9");
  assert.equal(queue.take(false)?.length, 1);
  assert.deepEqual(items(queue.take(false)), [{ id: 9, version: 0 }]);
  assert.equal(queue.waitingBytes, 0);
});

test("WriteQueue replaces a write of the same key that waits, in its place", () => {
  const queue = filled(2);
  queue.add(put(0, 1), 5, "0");
  assert.equal(queue.size, 2);
  assert.equal(queue.waitingBytes, 6);
  assert.equal(queue.lastSequence, 3);
  assert.deepEqual(items(queue.take(true)), [
    { id: 0, version: 1 },
    { id: 1, version: 0 },
  ]);
});

test("WriteQueue holds a write back while one of its key is under way", () => {
  const queue = filled(3);
  const first = queue.take(false) ?? [];
  queue.add(put(1, 1), 1, "1");
  queue.add(put(7), 1, "7");
  assert.deepEqual(items(queue.take(true)), [{ id: 7, version: 0 }]);
  assert.equal(queue.take(true), undefined);
  queue.end(first, []);
  assert.deepEqual(items(queue.take(true)), [{ id: 1, version: 1 }]);
});

test("WriteQueue sends what comes back first and at once, unless a later write has replaced it", () => {
  const queue = filled(3);
  const first = queue.take(false) ?? [];
  queue.add(put(1, 1), 1, "1");
  queue.end(first, first.slice(1));
  assert.deepEqual(items(queue.take(false)), [
    { id: 2, version: 0 },
    { id: 1, version: 1 },
  ]);
});

test("WriteQueue sends what comes back by itself when keys are not known", () => {
  const queue = filled(6, { keyed: false });
  const first = queue.take(false) ?? [];
  queue.end(first, first.slice(2));
  assert.deepEqual(items(queue.take(true)), [{ id: 2, version: 0 }]);
  assert.equal(queue.take(true)?.length, 3);
});

for (const keyed of [true, false]) {
  test(`WriteQueue sends a refused request in halves, in order, with ${keyed ? "" : "un"}known keys`, () => {
    const queue = filled(3, { keyed });
    queue.split(queue.take(false) ?? []);
    const half = queue.take(false) ?? [];
    assert.equal(half.length, 2);
    queue.end(half, half.slice(1));
    assert.deepEqual(items(queue.take(false)), [{ id: 1, version: 0 }]);
    assert.deepEqual(items(queue.take(false)), [{ id: 2, version: 0 }]);
    assert.equal(queue.take(true), undefined);
  });
}

test("WriteQueue says which write is the oldest, and gives all up that wait", () => {
  const queue = filled(4);
  const first = queue.take(false) ?? [];
  assert.equal(queue.oldestSequence, 1);
  assert.equal(queue.clear().length, 1);
  assert.equal(queue.oldestSequence, 1);
  queue.end(first, []);
  assert.equal(queue.oldestSequence, Number.POSITIVE_INFINITY);
  assert.equal(queue.size, 0);
});

for (const [what, giveBack] of [
  ["comes back", (queue: WriteQueue, taken: readonly Write[]) => queue.end(taken, taken)],
  ["was refused", (queue: WriteQueue, taken: readonly Write[]) => queue.split(taken)],
] as const) {
  test(`WriteQueue is as old as a write that ${what}, when a later one of its key has replaced it`, () => {
    const queue = filled(1);
    const first = queue.take(true) ?? [];
    queue.add(put(0, 1), 1, "0");
    giveBack(queue, first);
    assert.equal(queue.size, 1);
    assert.equal(queue.oldestSequence, 1);
    const second = queue.take(true) ?? [];
    assert.deepEqual(items(second), [{ id: 0, version: 1 }]);
    queue.end(second, []);
    assert.equal(queue.oldestSequence, Number.POSITIVE_INFINITY);
  });
}
