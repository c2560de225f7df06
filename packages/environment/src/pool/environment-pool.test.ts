import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import { failed, startRogue, temporaryFolder, textOf } from "../testdata/pool-fixture.ts";

describe("EnvironmentPool scaling", () => {
  test("starts nothing before the first invocation, and one for it", async (t) => {
    const { invoke, pool } = await startRogue(t, ["echo"], { environmentsMax: 4 });
    assert.deepEqual(pool.counts, { starting: 0, idle: 0, busy: 0, waiting: 0 });
    await invoke({});
    await waitFor(() => pool.counts.idle === 1);
  });

  test("starts one for each of a burst of cold calls, not one after another", async (t) => {
    const { invoke, pool } = await startRogue(t, ["late", "300"], { environmentsMax: 4 });
    const calls = Array.from({ length: 4 }, (_, index) => invoke({ index }));
    await waitFor(() => pool.counts.busy === 4);
    await Promise.all(calls);
  });

  test("does not start another for a caller that calls one after another", async (t) => {
    const { invoke, events } = await startRogue(t, ["echo"], { environmentsMax: 50 });
    for (let index = 0; index < 200; index += 1) await invoke({ index });
    // A runtime that is late to come back, on a busy machine, may be given a second one.
    const starts = events.filter(({ type }) => type === "platform.initStart").length;
    assert.ok(starts <= 5, `${starts} environments for one caller`);
  });

  test("never runs more than its limit, and serves all that wait (INV-4)", async (t) => {
    const { invoke, pool } = await startRogue(t, ["late", "5"], { environmentsMax: 2 });
    let most = 0;
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const result = await invoke({ index });
      most = Math.max(most, pool.counts.busy + pool.counts.idle + pool.counts.starting);
      assert.deepEqual(JSON.parse(textOf(result)), { index });
    });
    await Promise.all(calls);
    assert.equal(most, 2);
  });

  test("reuses the newest first", async (t) => {
    const { invoke, report, pool } = await startRogue(t, ["late", "50"], { environmentsMax: 3 });
    await Promise.all([invoke(1), invoke(2), invoke(3)]);
    await waitFor(() => pool.counts.idle === 3);
    const first = await report();
    await waitFor(() => pool.counts.idle === 3);
    const second = await report();
    assert.equal(first.pid, second.pid);
  });

  test("serves several invocations in one runtime when the function asks for it", async (t) => {
    const { invoke, pool, events } = await startRogue(t, ["workers", "5", "100"], {
      concurrency: 5,
    });
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => invoke({ index })));
    assert.deepEqual(
      results.map((result) => JSON.parse(textOf(result)).event.index),
      Array.from({ length: 20 }, (_, index) => index),
    );
    assert.equal(events.filter(({ type }) => type === "platform.initStart").length, 1);
    await waitFor(() => events.filter(({ type }) => type === "platform.report").length === 20);
    assert.equal(pool.counts.idle, 1);
  });
});

test("an environment that was started inside an invocation serves the next ones too", async (t) => {
  const { invoke, report, events, pool } = await startRogue(t, ["hang-on-demand"], {
    timeoutMs: 1_000,
  });
  await invoke({ warm: true });
  assert.equal(failed(await invoke({ hang: true })).errorType, "Sandbox.Timedout");
  const pids = [(await report()).pid, (await report()).pid, (await report()).pid];
  assert.equal(new Set(pids).size, 1);
  await waitFor(() => pool.counts.idle === 1);
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  assert.equal(count("platform.report"), count("platform.start"));
});

describe("EnvironmentPool overload", () => {
  test("refuses at once what is over the bound of the queue (HT-11)", async (t) => {
    const { invoke } = await startRogue(t, ["late", "200"], { waitingMax: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => invoke({ i })));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    // One starts its environment, two wait for it.
    assert.equal(refused.length, 3);
    for (const { reason } of refused) {
      assert.ok(reason instanceof HostError);
      assert.equal(reason.code, "TooManyRequestsException");
      assert.equal(reason.reason, "ConcurrentInvocationLimitExceeded");
    }
  });

  test("refuses what has waited too long, unstarted (INV-6)", async (t) => {
    const { invoke, report } = await startRogue(t, ["hang-on-demand"], {
      timeoutMs: 1_500,
      waitMsMax: 200,
    });
    await invoke({ warm: true });
    const hanging = invoke({ hang: true });
    await assert.rejects(invoke({ waits: true }), { code: "TooManyRequestsException" });
    assert.equal(failed(await hanging).errorType, "Sandbox.Timedout");
    assert.equal((await report()).invocations, 1);
  });

  test("forgets what its caller has left before it started (HT-1)", async (t) => {
    const { invoke, report, pool } = await startRogue(t, ["late", "200"]);
    const first = invoke({ first: true });
    await waitFor(() => pool.counts.busy === 1);
    const controller = new AbortController();
    const second = invoke({ second: true }, { signal: controller.signal });
    controller.abort(new Error("the caller has left"));
    await assert.rejects(second, { message: "the caller has left" });
    assert.equal(pool.counts.waiting, 0);
    await first;
    assert.equal((await report()).invocations, 2);
  });

  test("finishes what its caller has left after it started (HT-2)", async (t) => {
    const { invoke, report, pool } = await startRogue(t, ["late", "100"]);
    const controller = new AbortController();
    const left = invoke({}, { signal: controller.signal });
    await waitFor(() => pool.counts.busy === 1);
    controller.abort();
    assert.equal((await left).kind, "returned");
    assert.equal((await report()).invocations, 2);
  });
});

describe("EnvironmentPool ends", () => {
  test("idle environments, and starts a new one when it is needed", async (t) => {
    const { invoke, pool, ends } = await startRogue(t, ["echo"], { idleTimeoutMs: 100 });
    await invoke({});
    await waitFor(() => ends.length === 1);
    assert.deepEqual(ends, ["idle"]);
    assert.deepEqual(pool.counts, { starting: 0, idle: 0, busy: 0, waiting: 0 });
    assert.equal((await invoke({})).kind, "returned");
  });

  test("loses no invocation that arrives as an environment ends its idle time", async (t) => {
    const { invoke } = await startRogue(t, ["echo"], { idleTimeoutMs: 5, environmentsMax: 2 });
    for (let index = 0; index < 40; index += 1) {
      const result = await invoke({ index });
      assert.deepEqual(JSON.parse(textOf(result)), { index });
      await new Promise((resolve) => setTimeout(resolve, index % 10));
    }
  });

  test("running ones after their invocation when it is renewed", async (t) => {
    const { invoke, pool, report } = await startRogue(t, ["late", "200"]);
    const before = await report();
    const running = invoke({ old: true });
    await waitFor(() => pool.counts.busy === 1);
    pool.renew();
    const after = await report();
    assert.notEqual(after.pid, before.pid);
    assert.deepEqual(JSON.parse(textOf(await running)), { old: true });
  });

  test("lets what runs finish, ends then, and refuses the rest when it stops (HO-8)", async (t) => {
    const { invoke, pool } = await startRogue(t, ["late", "200"]);
    const running = invoke({ a: 1 });
    await waitFor(() => pool.counts.busy === 1);
    const waiting = invoke({ b: 2 });
    // Longer than a test may take: it must not wait for the limit.
    const stopped = pool.stop(600_000);
    await assert.rejects(waiting, { code: "ServiceUnavailable" });
    await assert.rejects(invoke({ c: 3 }), { code: "ServiceUnavailable" });
    assert.deepEqual(JSON.parse(textOf(await running)), { a: 1 });
    await stopped;
  });

  test("gives up what runs longer than the drain limit with 503 (HO-8)", async (t) => {
    const { invoke, pool } = await startRogue(t, ["hang-hard"], { timeoutMs: 60_000 });
    const running = invoke({ a: 1 });
    await waitFor(() => pool.counts.busy === 1);
    const stopped = pool.stop(100);
    await assert.rejects(running, { code: "ServiceUnavailable" });
    await stopped;
  });
});

describe("processes of an environment", () => {
  test("that left its process group are killed with it (RT-22, INV-12)", async (t) => {
    const file = `${await temporaryFolder(t)}/pid`;
    const { invoke, pool, faults } = await startRogue(t, ["daemon", file]);
    await invoke({});
    await waitFor(() => existsSync(file));
    const pid = Number(await readFile(file, "utf8"));
    assert.ok(pid > 1 && isAlive(pid));
    await pool.stop(0);
    await waitFor(() => !isAlive(pid));
    assert.ok(faults.some(({ event }) => event === "env.leftover"));
  });

  for (const end of ["stop", "kill"] as const) {
    test(`outlive the ${end} of another pool of the same process (INV-12)`, async (t) => {
      const [ended, other] = await Promise.all([startRogue(t, ["echo"]), startRogue(t, ["echo"])]);
      await ended.report();
      const before = await other.report();
      if (end === "stop") await ended.pool.stop(0);
      else ended.pool.kill();
      const after = await other.report();
      assert.equal(after.pid, before.pid);
      assert.deepEqual(other.ends, []);
    });
  }

  test("over their memory are killed when the size was given (RT-9)", async (t) => {
    const { invoke, ends, faults } = await startRogue(t, ["hang"], {
      memorySizeMb: 16,
      memoryEnforced: true,
      timeoutMs: 20_000,
    });
    const result = failed(await invoke({}));
    assert.equal(result.errorType, "Runtime.ExitError");
    assert.match(result.text, /signal: killed/);
    // It may be over the limit before it has asked for its first invocation.
    assert.match(ends.join(), /^(oom|init)$/);
    assert.ok(faults.some(({ event }) => event === "runtime.oom"));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
