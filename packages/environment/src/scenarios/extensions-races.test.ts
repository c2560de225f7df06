import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { CollectingStream, rogueRuntime, unusedPort, waitFor } from "@lambdad/testkit";
import { lives, startExtensions } from "../testdata/extension-pool.ts";
import { failed, textOf } from "../testdata/pool-fixture.ts";

/** One that has ended is a zombie until this process has been told. */
function isRunning(pid: number): boolean {
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

describe("an environment with extensions", () => {
  test("answers at the time-out, not after its shutdown, and another one serves (RT-4)", async (t) => {
    const { invoke, journal, open, pool } = await startExtensions(
      t,
      { agent: ({ wait }) => ({ shutdown: [wait("go"), "note done"] }) },
      { runtime: rogueRuntime("hang-on-demand"), timeoutMs: 2_000, environmentsMax: 2 },
    );
    assert.equal(failed(await invoke({ hang: true })).errorType, "Sandbox.Timedout");
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual(journal.of("done"), []);
    open("go");
    await pool.stop(0);
    assert.equal(journal.of("done").length, 2);
  });

  for (const stage of ["start", "registered"] as const) {
    test(`is stopped in its initialisation (${stage})`, async (t) => {
      const { invoke, journal, pool } = await startExtensions(t, {
        agent: { events: ["INVOKE"], [stage]: ["note here", "hang"] },
        other: { language: "bash" },
      });
      const answer = invoke({}).catch((error: unknown) => error);
      await journal.waitFor("here");
      await journal.waitFor("register", { name: "other" });
      await pool.stop(0);
      assert.deepEqual(journal.entries().filter(lives), []);
      const { code } = (await answer) as { code: string };
      assert.equal(code, "ServiceUnavailable");
    });
  }

  test("is stopped while it ends already", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      { agent: { shutdown: ["hang"] } },
      { idleTimeoutMs: 50 },
    );
    await invoke({});
    await waitFor(() => journal.events().includes("SHUTDOWN"));
    await Promise.all([pool.stop(0), pool.stop(0)]);
    assert.deepEqual(journal.entries().filter(lives), []);
    assert.deepEqual(journal.events(), ["INVOKE", "SHUTDOWN"]);
  });

  test("is killed with all its processes when the daemon has no time", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, {
      agent: {},
      other: { language: "python" },
    });
    await invoke({});
    await journal.waitFor("event", { count: 2 });
    pool.kill();
    await waitFor(() => !journal.entries().some(lives));
    assert.deepEqual(journal.of("signal"), []);
    assert.deepEqual(journal.events("agent"), ["INVOKE"]);
  });

  test("ends a stream with the error when an extension crashes in it (EX-2, RT-20)", async (t) => {
    const { invoke, open } = await startExtensions(
      t,
      { agent: ({ wait }) => ({ invoke: [wait("go"), "exit 3"] }) },
      { runtime: rogueRuntime("stream-hang"), timeoutMs: 600_000 },
    );
    const stream = new CollectingStream();
    const answer = invoke({}, { stream });
    await waitFor(() => stream.bytes.length > 0);
    open("go");
    const result = await answer;
    assert.ok(result.kind === "streamed");
    assert.equal(result.error?.errorType, "Extension.Crash");
    assert.deepEqual(stream.breaches, []);
  });

  test("answers at once although a child holds the output of a crashed extension (EX-2)", async (t) => {
    const { invoke, pool, journal } = await startExtensions(
      t,
      { agent: { invoke: ["hold-output", "exit 3"] } },
      { runtime: rogueRuntime("hang"), timeoutMs: 600_000 },
    );
    assert.equal(failed(await invoke({})).errorType, "Extension.Crash");
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  test("runs several invocations at once without INVOKE for anybody", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      { agent: { events: ["SHUTDOWN"] } },
      { runtime: rogueRuntime("workers", "4", "20"), concurrency: 4 },
    );
    const answers = await Promise.all([1, 2, 3, 4].map((index) => invoke({ index })));
    for (const answer of answers) assert.equal(answer.kind, "returned");
    await pool.stop(0);
    assert.deepEqual(journal.events(), ["SHUTDOWN"]);
    assert.equal(journal.of("start", "agent").length, 1);
  });

  test("is restored with its extensions", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      { agent: {} },
      { runtime: rogueRuntime("restore") },
    );
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual((await journal.waitFor("event")).length, 1);
  });

  test("does not start its extensions when its runtime's command is missing (RT-7)", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      { agent: {} },
      { runtime: ["/no/such/runtime"] },
    );
    assert.equal(failed(await invoke({})).errorType, "Runtime.InvalidEntrypoint");
    assert.deepEqual(journal.entries(), []);
  });

  test("follows another one only when the port of that one's extension is free", async (t) => {
    const port = await unusedPort();
    const body = `{"schemaVersion":"2022-12-13","types":["platform"],"destination":{"protocol":"HTTP","URI":"http://sandbox:${port}"}}`;
    const { invoke, journal, pool, ends, faults } = await startExtensions(
      t,
      {
        agent: {
          subscriptions: [{ body, listener: { protocol: "HTTP", port } }],
          registered: ["subscribe"],
          shutdown: ["sleep 200"],
        },
      },
      { runtime: rogueRuntime("hang-on-demand"), timeoutMs: 2_000 },
    );
    await invoke({ a: 1 });
    pool.renew();
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 2 }))), { a: 2 });
    assert.equal(failed(await invoke({ hang: true })).errorType, "Sandbox.Timedout");
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 3 }))), { a: 3 });
    await pool.stop(0);
    assert.deepEqual(ends, ["recycle", "timeout", "drain"]);
    assert.equal(journal.of("telemetry").length > 0, true);
    assert.deepEqual(
      faults.map(({ event }) => event),
      ["invoke.timeout"],
    );
  });

  test("gets no call in the turn in which the end of its extension is seen (EX-2)", async (t) => {
    const { invoke, journal, pool, ends } = await startExtensions(t, {
      // It has one thread: its parent is told when that is a zombie.
      agent: { language: "bash", events: ["SHUTDOWN"] },
    });
    await invoke({});
    await waitFor(() => pool.counts.idle === 1);
    const [start] = journal.of("start", "agent");
    assert.ok(start !== undefined);
    // From here the next turn begins with the news of its end, and then the call is made.
    await setImmediate();
    process.kill(start.pid, "SIGKILL");
    while (isRunning(start.pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    await setImmediate();
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual(ends, ["extension"]);
  });

  test("refuses who has waited too long for one that still works when it is replaced", async (t) => {
    const { invoke, journal, pool, ends } = await startExtensions(
      t,
      { agent: {} },
      { runtime: rogueRuntime("hang-on-demand"), waitMsMax: 300, timeoutMs: 600_000 },
    );
    const lasting = invoke({ hang: true }).catch((error: unknown) => error);
    await journal.waitFor("event");
    pool.renew();
    await assert.rejects(invoke({ a: 1 }), { code: "TooManyRequestsException" });
    assert.deepEqual(ends, []);
    await pool.stop(0);
    assert.equal(((await lasting) as { code: string }).code, "ServiceUnavailable");
  });

  test("tells the same extensions of a hundred invocations, one at a time", async (t) => {
    const { invoke, journal, events } = await startExtensions(t, {
      agent: { prints: false },
      other: { language: "bash", prints: false },
    });
    const ids: string[] = [];
    for (let index = 0; index < 100; index += 1) {
      const requestId = `id-${index}`;
      ids.push(requestId);
      assert.deepEqual(JSON.parse(textOf(await invoke({ index }, { requestId }))), { index });
    }
    await waitFor(() => events.filter(({ type }) => type === "platform.report").length === 100);
    for (const name of ["agent", "other"]) {
      const told = journal.of("event", name).map(({ event }) => event?.requestId);
      assert.deepEqual(told, ids);
    }
  });
});
