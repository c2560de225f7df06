import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type ExtensionSpec, lives, startExtensions } from "../testdata/extension-pool.ts";
import { type JournalEntry, type RogueMode, rogueRuntime, waitFor } from "@lambdad/testkit";

/** SHUTDOWN promises a SIGKILL within two seconds of its delivery (AWS). */
function assertDeadline({ event, timeMs }: JournalEntry): void {
  const remainingMs = (event?.deadlineMs ?? 0) - timeMs;
  assert.ok(Number.isInteger(event?.deadlineMs));
  assert.ok(remainingMs <= 2_000, `${remainingMs} ms`);
}

describe("the end of an environment", () => {
  test("comes by SIGKILL for extensions that ignore SHUTDOWN (EX-4)", async (t) => {
    const { invoke, journal, pool, faults } = await startExtensions(t, {
      bash: { language: "bash", shutdown: ["hang"] },
      good: { language: "bash" },
      node: { language: "node", shutdown: ["hang"] },
      python: { language: "python", shutdown: ["hang"] },
    });
    await invoke({});
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
    const steps = journal.order.filter((step) => /SIGTERM|SHUTDOWN/.test(step));
    assert.deepEqual(steps.toSorted(), [
      "bash SHUTDOWN",
      "good SHUTDOWN",
      "node SHUTDOWN",
      "python SHUTDOWN",
      "runtime SIGTERM",
    ]);
    assert.equal(steps[0], "runtime SIGTERM");
    const killed = faults.filter(({ event }) => event === "ext.killed");
    const names = killed.map((fault) => fault["name"]);
    assert.deepEqual(names, ["bash", "node", "python"]);
  });

  test("comes by SIGKILL for a runtime that ignores SIGTERM, and then SHUTDOWN comes (EX-4)", async (t) => {
    const { invoke, journal, pool, faults } = await startExtensions(
      t,
      { agent: {} },
      { internal: { name: "runtime", registers: "never", onSigterm: "ignore" } },
    );
    await invoke({});
    await journal.waitFor("event");
    await pool.stop(0);
    assert.deepEqual(journal.order.slice(-2), ["runtime SIGTERM", "agent SHUTDOWN"]);
    const [shutdown] = journal.of("event").slice(-1);
    const [signal] = journal.of("signal");
    assert.ok(shutdown !== undefined && signal !== undefined);
    assertDeadline(shutdown);
    assert.deepEqual(journal.entries().filter(lives), []);
    assert.deepEqual(faults, []);
  });

  test("comes at once for those that have not subscribed to SHUTDOWN", async (t) => {
    const { invoke, journal, pool, open } = await startExtensions(t, {
      silent: { events: ["INVOKE"] },
      told: ({ wait }) => ({ language: "bash", shutdown: [wait("go"), "note done"] }),
    });
    await invoke({});
    await journal.waitFor("event", { count: 2 });
    const stopped = pool.stop(0);
    await journal.waitFor("event", { name: "told", count: 2 });
    await waitFor(() => !journal.entries("silent").some(lives));
    open("go");
    await stopped;
    assert.equal(journal.of("done").length, 1);
    assert.deepEqual(journal.events("silent"), ["INVOKE"]);
  });

  test("comes for one that is not in next: it gets SHUTDOWN with its next call", async (t) => {
    const { invoke, journal, pool, open, ends } = await startExtensions(t, {
      agent: ({ wait }) => ({ invoke: [wait("go")] }),
    });
    await invoke({});
    await journal.waitFor("event");
    const stopped = pool.stop(0);
    await waitFor(() => ends.length === 1);
    open("go");
    await stopped;
    assert.deepEqual(journal.events(), ["INVOKE", "SHUTDOWN"]);
  });

  test("is no failure when an extension ends with another status than 0", async (t) => {
    const { invoke, pool, ends, faults } = await startExtensions(t, {
      agent: { shutdown: ["exit 5"] },
      other: { language: "bash", shutdown: ["exit SIGSEGV"] },
    });
    await invoke({});
    await pool.stop(0);
    assert.deepEqual(ends, ["drain"]);
    assert.deepEqual(faults, []);
  });

  for (const language of ["node", "python"] as const) {
    test(`takes along what an extension in ${language} has left behind (RT-22)`, async (t) => {
      let file = "";
      const { invoke, pool, faults, journal } = await startExtensions(t, {
        agent: (gates) => {
          file = gates.file("pid");
          return { language, start: [`daemon ${file}`, "hold-output"] };
        },
      });
      await invoke({});
      assert.ok(existsSync(file));
      const pid = Number(readFileSync(file, "utf8"));
      assert.ok(pid > 1 && lives(pid));
      await pool.stop(0);
      await waitFor(() => !lives(pid));
      assert.deepEqual(journal.entries().filter(lives), []);
      assert.ok(faults.some(({ event }) => event === "env.leftover"));
    });
  }
});

describe("an extension is told why its environment ends", () => {
  const agent: ExtensionSpec = {};

  test("spindown: nothing was to do", async (t) => {
    const { invoke, journal, ends } = await startExtensions(t, { agent }, { idleTimeoutMs: 50 });
    await invoke({});
    const [, shutdown] = await journal.waitFor("event", { count: 2 });
    assert.ok(shutdown !== undefined);
    assert.deepEqual(ends, ["idle"]);
    assert.equal(shutdown.event?.shutdownReason, "spindown");
    assertDeadline(shutdown);
  });

  test("spindown: the code was changed", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, { agent });
    await invoke({});
    pool.renew();
    await journal.waitFor("event", { count: 2 });
    assert.equal(journal.of("event")[1]?.event?.shutdownReason, "spindown");
  });

  test("timeout: an invocation took too long", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      { agent },
      { runtime: rogueRuntime("hang"), timeoutMs: 700 },
    );
    assert.equal((await invoke({})).kind, "failed");
    const [, shutdown] = await journal.waitFor("event", { count: 2 });
    assert.ok(shutdown !== undefined);
    assert.equal(shutdown.event?.shutdownReason, "timeout");
    assertDeadline(shutdown);
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  const failures: readonly (readonly [string, readonly [RogueMode, ...string[]]])[] = [
    ["failure: the runtime ended", ["exit", "3"]],
    ["failure: the runtime ended after its answer", ["exit-after", "3"]],
    ["failure: the runtime could not start", ["init-error"]],
  ];
  for (const [why, mode] of failures) {
    test(why, async (t) => {
      const { invoke, journal } = await startExtensions(
        t,
        { agent },
        { runtime: rogueRuntime(...mode) },
      );
      await invoke({});
      await waitFor(() => journal.events().includes("SHUTDOWN"));
      const last = journal.of("event").at(-1);
      assert.ok(last !== undefined);
      assert.equal(last.event?.shutdownReason, "failure");
      assertDeadline(last);
    });
  }

  test("timeout: it was ready, and another one never was", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      { agent, never: { events: [], registered: ["hang"] } },
      { initTimeoutMs: 800, timeoutMs: 800 },
    );
    await invoke({});
    const [shutdown] = await journal.waitFor("event", { name: "agent" });
    assert.equal(shutdown?.event?.shutdownReason, "timeout");
  });
});
