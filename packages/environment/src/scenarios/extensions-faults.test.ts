import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rogueExtension, rogueRuntime, waitFor } from "@lambdad/testkit";
import { languages, lives, startExtensions } from "../testdata/extension-pool.ts";
import { failed, platformBody, textOf } from "../testdata/pool-fixture.ts";

/** How a process ends, and AWS's words for it. */
const ends = [
  ["exit 0", "exit code 0"],
  ["exit 3", "exit status 3"],
  ["exit SIGKILL", "signal: killed"],
] as const;

for (const language of languages) {
  for (const [how, text] of ends) {
    describe(`an extension in ${language} that does ${how}`, () => {
      for (const when of ["start", "registered"] as const) {
        const phase = when === "start" ? "before it registers" : "before it calls next";
        test(`${phase} fails the initialisation with Extension.Crash (EX-2)`, async (t) => {
          const {
            invoke,
            ends: reasons,
            faults,
            events,
          } = await startExtensions(t, {
            agent: { language, [when]: [how] },
          });
          assert.deepEqual(platformBody(await invoke({}, { requestId: "id" })), {
            errorType: "Extension.Crash",
            errorMessage: `RequestId: id Error: ${text}`,
          });
          assert.deepEqual(reasons, ["init"]);
          const fault = faults.find(({ event }) => event === "ext.exit");
          assert.equal(fault?.["name"], "agent");
          const report = events.find(({ type }) => type === "platform.initReport");
          assert.ok(report?.type === "platform.initReport");
          assert.deepEqual([report.status, report.errorType], ["error", "Extension.Crash"]);
        });
      }

      test("with an event in hand answers the caller at once (EX-2)", async (t) => {
        const {
          invoke,
          ends: reasons,
          events,
          pool,
        } = await startExtensions(
          t,
          { agent: { language, invoke: [how] } },
          // Only the extension can end it: the runtime never answers.
          { runtime: rogueRuntime("hang"), timeoutMs: 600_000 },
        );
        const result = await invoke({}, { requestId: "id" });
        assert.equal(failed(result).errorType, "Extension.Crash");
        assert.deepEqual(platformBody(result), {
          errorType: "Extension.Crash",
          errorMessage: `RequestId: id Error: ${text}`,
        });
        assert.deepEqual(reasons, ["extension"]);
        const report = events.find(({ type }) => type === "platform.report");
        assert.ok(report?.type === "platform.report");
        assert.deepEqual([report.status, report.errorType], ["error", "Extension.Crash"]);
        await pool.stop(0);
      });
    });
  }
}

describe("an extension that ends", () => {
  test("after the runtime's answer leaves the caller its answer (EX-2)", async (t) => {
    const {
      invoke,
      journal,
      ends: reasons,
      open,
    } = await startExtensions(t, {
      agent: ({ wait }) => ({ invoke: [wait("go"), "exit 3"], invokeFrom: 2 }),
    });
    await invoke({ a: 1 });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 2 }))), { a: 2 });
    assert.deepEqual(reasons, []);
    open("go");
    await waitFor(() => reasons.length === 1);
    assert.deepEqual(reasons, ["extension"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 3 }))), { a: 3 });
    assert.equal(journal.of("start", "agent").length, 2);
    assert.equal(journal.of("start", "runtime").length, 2);
  });

  test("between invocations takes its environment with it, and no call (EX-2)", async (t) => {
    const { invoke, journal, ends: reasons } = await startExtensions(t, { agent: {}, other: {} });
    await invoke({ a: 1 });
    await journal.waitFor("event", { count: 2 });
    const first = journal.of("start");
    const [agent] = journal.of("start", "agent");
    process.kill(agent?.pid ?? 0, "SIGKILL");
    await waitFor(() => reasons.length === 1);
    assert.deepEqual(reasons, ["extension"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 2 }))), { a: 2 });
    await waitFor(() => !first.some(lives));
    assert.deepEqual(journal.events("other").slice(0, 2), ["INVOKE", "SHUTDOWN"]);
  });

  test("once is started again with the next invocation (EX-2)", async (t) => {
    const { extensionsDir, invoke, journal } = await startExtensions(t, {
      agent: { start: ["exit 1"] },
    });
    assert.equal(failed(await invoke({})).errorType, "Extension.Crash");
    rogueExtension(extensionsDir, "agent", { journal: journal.file });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
  });

  test("again and again does not start a storm of processes (EX-2, RT-8)", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      { agent: { language: "bash", start: ["exit 1"] } },
      { environmentsMax: 2, waitMsMax: 1_000 },
    );
    const results = await Promise.all(Array.from({ length: 20 }, () => invoke({})));
    for (const result of results) assert.equal(failed(result).errorType, "Extension.Crash");
    const starts = journal.of("start", "agent").length;
    assert.ok(starts <= 8, `${starts} starts for 20 calls`);
  });

  test("takes the others down in order: they are told why (EX-2)", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, {
      crasher: { invoke: ["exit 3"] },
      other: { language: "python" },
    });
    await invoke({});
    await journal.waitFor("event", { name: "other", count: 2 });
    const [, shutdown] = journal.of("event", "other");
    assert.equal(shutdown?.event?.shutdownReason, "failure");
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });
});

describe("an extension that needs more memory than there is", () => {
  test("is ended although there is no runtime yet (RT-9)", async (t) => {
    const { invoke, faults } = await startExtensions(
      t,
      { agent: { start: ["hang"] } },
      { memorySizeMb: 20, memoryEnforced: true },
    );
    const result = failed(await invoke({}, { requestId: "id" }));
    assert.deepEqual(platformBody(result), {
      errorType: "Extension.Crash",
      errorMessage: "RequestId: id Error: signal: killed",
    });
    assert.deepEqual(
      faults.map(({ event }) => event),
      ["runtime.oom"],
    );
  });
});

describe("an extension that says it failed", () => {
  for (const language of languages) {
    test(`(${language}) in the initialisation fails it, and its end is no second failure (EX-2)`, async (t) => {
      const { invoke, journal, faults, events } = await startExtensions(t, {
        agent: { language, registered: ["init/error Extension.NoKey", "exit 1"] },
      });
      const result = failed(await invoke({}));
      assert.equal(result.errorType, "Extension.InitError");
      assert.match(platformBody(result).errorMessage, /agent.*Extension\.NoKey/);
      const [accepted] = await journal.waitFor("init/error");
      assert.deepEqual([accepted?.status, accepted?.body?.trim()], [202, '{"status":"OK"}']);
      assert.equal(faults.filter(({ event }) => event.startsWith("ext.")).length, 1);
      const states = events.flatMap((event) =>
        event.type === "platform.extension" ? [[event.state, event.errorType]] : [],
      );
      assert.deepEqual(states, [["InitError", "Extension.NoKey"]]);
    });
  }

  test("with an event in hand answers the caller at once (EX-2)", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      { agent: { invoke: ["exit/error Extension.Lost", "exit 1"] } },
      { runtime: rogueRuntime("hang"), timeoutMs: 600_000 },
    );
    const result = failed(await invoke({}));
    assert.equal(result.errorType, "Extension.ExitError");
    assert.match(platformBody(result).errorMessage, /agent.*Extension\.Lost/);
    const [accepted] = await journal.waitFor("exit/error");
    assert.equal(accepted?.status, 202);
  });

  test("and lives on is ended with its environment (EX-2)", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, {
      agent: { registered: ["init/error Extension.NoKey", "init/error Extension.Again", "hang"] },
    });
    assert.equal(failed(await invoke({})).errorType, "Extension.InitError");
    const answers = await journal.waitFor("init/error", { count: 1 });
    await pool.stop(0);
    assert.equal(lives(answers[0]), false);
  });
});
