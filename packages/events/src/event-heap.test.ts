import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { EventHeap, type HeapNode } from "./event-heap.ts";

const step = fc.oneof(
  fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ remove: fc.nat() }),
);

test("EventHeap gives the earliest first and the first added among equals, whatever is taken out", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new EventHeap<number>();
      let model: HeapNode<number>[] = [];
      for (const [sequence, action] of steps.entries()) {
        if ("add" in action) model.push(heap.add(action.add, sequence, sequence));
        else {
          const node = model[action.remove % Math.max(1, model.length)];
          if (node === undefined) continue;
          heap.remove(node);
          heap.remove(node);
          model = model.filter((other) => other !== node);
        }
        const first = model.toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)[0];
        assert.equal(heap.first, first);
        assert.equal(heap.size, model.length);
      }
    }),
  );
});
