import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "@lambdad/testkit";
import { Latch } from "./latch.ts";

/** What a promise has come to, as far as can be seen. */
function watch(promise: Promise<boolean>): { value: boolean | "pending" } {
  const watched: { value: boolean | "pending" } = { value: "pending" };
  void promise.then((value) => {
    watched.value = value;
  });
  return watched;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

describe("Latch", () => {
  test("open() resumes all who wait, with true", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const latch = new Latch();
    assert.equal(latch.isOpen, false);
    const waits = [watch(latch.within(10)), watch(latch.within(1_000))];
    t.mock.timers.tick(9);
    await settled();
    assert.deepEqual(waits, [{ value: "pending" }, { value: "pending" }]);
    latch.open();
    assert.equal(latch.isOpen, true);
    await settled();
    assert.deepEqual(waits, [{ value: true }, { value: true }]);
  });

  test("within() gives up after its limit, and others go on", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const latch = new Latch();
    const [short, long] = [watch(latch.within(10)), watch(latch.within(20))];
    t.mock.timers.tick(10);
    await settled();
    assert.deepEqual([short.value, long.value], [false, "pending"]);
    latch.open();
    await settled();
    assert.deepEqual([short.value, long.value], [false, true]);
  });

  test("within() of an open latch is true at once, also when open() came twice", async () => {
    const latch = new Latch();
    latch.open();
    latch.open();
    assert.equal(await latch.within(1_000_000), true);
    assert.equal(await latch.within(0), true);
    assert.equal(await latch.within(-1), true);
  });

  test("open() leaves no timer behind", () => {
    const latch = new Latch();
    const before = timers();
    void latch.within(60_000);
    assert.equal(timers(), before + 1);
    latch.open();
    assert.equal(timers(), before);
  });

  for (const limitMs of [0, -1]) {
    test(`within(${limitMs}) does not wait at all`, async () => {
      assert.equal(await new Latch().within(limitMs), false);
    });
  }
});
