import assert from "node:assert/strict";
import { test } from "node:test";

import { startQueue } from "./queue-fixture.test.ts";

test("EventQueue starts no more events of a function than its concurrency", async (t) => {
  const concurrency: Record<string, number> = { one: 2, two: 5 };
  const running: Record<string, number> = { one: 0, two: 0 };
  const most: Record<string, number> = { one: 0, two: 0 };
  const { accept, clock, counts } = await startQueue(t, {
    settings: (name) => ({ concurrency: concurrency[name] ?? 0 }),
    answer(attempt) {
      const name = attempt.invocation.functionName;
      running[name] = (running[name] ?? 0) + 1;
      most[name] = Math.max(most[name] ?? 0, running[name]);
      clock.setTimer(100, () => {
        running[name] = (running[name] ?? 0) - 1;
        attempt.succeed();
      });
    },
  });
  for (let index = 0; index < 40; index += 1) {
    await accept({ functionName: index % 2 === 0 ? "one" : "two" });
  }
  await clock.advance(100_000);
  assert.deepEqual(most, concurrency);
  assert.equal((await counts("one"))?.succeeded, 20);
  assert.equal((await counts("two"))?.succeeded, 20);
});

test("EventQueue delays a function by less than a second, however many events of another are due (AS-9)", async (t) => {
  const { accept, clock, invoker } = await startQueue(t, {
    settings: () => ({ concurrency: 1000 }),
    startedMax: 4,
    answer: (attempt) => clock.setTimer(100, () => attempt.succeed()),
  });
  for (let index = 0; index < 5000; index += 1) await accept({ functionName: "many" });
  await clock.advance(50);
  await accept({ functionName: "few" });
  await accept({ functionName: "few" });
  await clock.advance(1000);
  const few = invoker.attempts.filter(({ invocation }) => invocation.functionName === "few");
  assert.equal(few.length, 2);
  assert.ok(few.every(({ atMs }) => atMs < 1000));
  assert.equal(invoker.runningMax, 4);
});

test("EventQueue serves functions in turn when there is not enough for all (AS-9)", async (t) => {
  const names = ["a", "b", "c"];
  const { accept, clock, invoker } = await startQueue(t, {
    settings: () => ({ concurrency: 10 }),
    startedMax: 1,
    answer: (attempt) => clock.setTimer(10, () => attempt.succeed()),
  });
  for (const functionName of names) {
    for (let index = 0; index < 20; index += 1) await accept({ functionName });
  }
  await clock.advance(295);
  const served = invoker.attempts.map(({ invocation }) => invocation.functionName);
  assert.equal(served.length, 30);
  for (const name of names) {
    const count = served.filter((other) => other === name).length;
    assert.ok(Math.abs(count - 10) <= 1, `${name}: ${count}`);
  }
});

test("EventQueue brings a concurrency that was raised into use when it is told (AS-9)", async (t) => {
  let concurrency = 1;
  const { accept, clock, invoker, queue } = await startQueue(t, {
    settings: () => ({ concurrency }),
    answer: () => {},
  });
  for (let index = 0; index < 5; index += 1) await accept();
  await clock.advance(0);
  assert.equal(invoker.running, 1);
  concurrency = 3;
  queue.refresh();
  await clock.advance(0);
  assert.equal(invoker.running, 3);
});
