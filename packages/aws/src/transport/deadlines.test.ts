import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addTimed, deadlinesRun, removeTimed, within, type Timed } from "./deadlines.ts";

// The sweep itself keeps no process alive, as these tests need it.
let held: NodeJS.Timeout;
before(() => {
  held = setInterval(() => {}, 1000);
});
after(() => clearInterval(held));

class Item implements Timed {
  remainingMs = 0;
  timedPrevious: Timed | undefined = undefined;
  timedNext: Timed | undefined = undefined;
  readonly passed = Promise.withResolvers<number>();
  readonly #started = performance.now();
  onPassed: (() => void) | undefined;

  onDeadline(): void {
    removeTimed(this);
    this.passed.resolve(performance.now() - this.#started);
    this.onPassed?.();
  }
}

function listed(ms: number): Item {
  const item = new Item();
  addTimed(item);
  item.remainingMs = within(ms);
  return item;
}

test("a deadline does not come early, whenever it is set", async () => {
  const waits: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    const ms = 1 + i * 13;
    const item = listed(ms);
    waits.push(
      item.passed.promise.then((took) => {
        assert.ok(took >= ms, `${took} < ${ms}`);
      }),
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 7);
    });
  }
  await Promise.all(waits);
  assert.equal(deadlinesRun(), false);
});

test("0 is no deadline", () => {
  assert.equal(within(0), 0);
});

test("a process that stood still does not expire what it did not look at", async () => {
  const item = listed(1000);
  let isPassed = false;
  item.onPassed = () => {
    isPassed = true;
  };
  await new Promise((resolve) => {
    setTimeout(resolve, 150);
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  // The sweep that was due has run when two timers of its length have.
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  assert.equal(isPassed, false);
  removeTimed(item);
});

test("a deadline may take any other item out of the list", async () => {
  const items = Array.from({ length: 5 }, () => listed(20));
  let passed = 0;
  for (const item of items) {
    item.onPassed = () => {
      passed++;
      for (const other of items) {
        if (other === item || other.remainingMs === 0) continue;
        other.remainingMs = 0;
        removeTimed(other);
      }
    };
  }
  await Promise.race(items.map((item) => item.passed.promise));
  assert.equal(passed, 1);
  assert.equal(deadlinesRun(), false);
});
