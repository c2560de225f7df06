import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type RogueExtensionOptions, waitFor } from "@lambdad/testkit";
import { lives, startExtensions } from "../testdata/extension-pool.ts";
import { failed, platformBody, textOf } from "../testdata/pool-fixture.ts";

describe("an internal extension", () => {
  test("is told of invocations, and of the end by SIGTERM", async (t) => {
    const { invoke, journal, pool, events } = await startExtensions(t, {}, { internal: {} });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 2 }))), { a: 2 });
    await journal.waitFor("event", { count: 2 });
    await pool.stop(0);
    assert.deepEqual(journal.order, [
      "internal start",
      "internal register",
      "internal INVOKE",
      "internal INVOKE",
      "internal SIGTERM",
    ]);
    const told = events.flatMap((event) =>
      event.type === "platform.extension" ? [[event.name, event.state, event.events]] : [],
    );
    assert.deepEqual(told, [["internal", "Ready", ["INVOKE"]]]);
  });

  test("without events switches SIGTERM on, as Go's runtime does", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      {},
      { internal: { name: "GoLangEnableSIGTERM", events: null } },
    );
    await invoke({});
    await pool.stop(0);
    assert.deepEqual(journal.order, [
      "GoLangEnableSIGTERM start",
      "GoLangEnableSIGTERM register",
      "GoLangEnableSIGTERM SIGTERM",
    ]);
  });

  test("in a runtime that ignores SIGTERM is ended by SIGKILL (EX-4)", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      {},
      { internal: { onSigterm: "ignore" } },
    );
    await invoke({});
    await pool.stop(0);
    assert.equal(journal.of("signal").length, 1);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  test("may not subscribe to SHUTDOWN", async (t) => {
    const { invoke, journal } = await startExtensions(
      t,
      {},
      { internal: { events: ["INVOKE", "SHUTDOWN"] } },
    );
    await invoke({});
    const [refused] = await journal.waitFor("register");
    assert.equal(refused?.status, 403);
    assert.deepEqual(JSON.parse(refused.body ?? ""), {
      errorMessage: "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
      errorType: "Extension.InvalidEventType",
    });
  });

  test("comes too late after the runtime's first next", async (t) => {
    const { invoke, journal, pool, rejects } = await startExtensions(
      t,
      {},
      { internal: { registers: "late" } },
    );
    await invoke({});
    const [refused] = await journal.waitFor("register");
    assert.equal(refused?.status, 403);
    assert.deepEqual(JSON.parse(refused.body ?? ""), {
      errorMessage: "Extension registration closed already",
      errorType: "Extension.RegistrationClosed",
    });
    assert.ok(rejects.includes("extension_register"));
    // Nobody is registered, so there is no SIGTERM.
    await pool.stop(0);
    assert.deepEqual(journal.of("signal"), []);
  });

  test("that never calls next keeps the initialisation from being over (EX-1)", async (t) => {
    const { invoke, faults, journal, pool } = await startExtensions(
      t,
      {},
      { internal: { loops: false }, initTimeoutMs: 800, timeoutMs: 1_100 },
    );
    const result = failed(await invoke({}));
    assert.match(result.errorType, /^Extension\./);
    assert.match(platformBody(result).errorMessage, /internal/);
    assert.ok(faults.some(({ event }) => event === "ext.register_timeout"));
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  test("lives beside external ones: SIGTERM first, then SHUTDOWN", async (t) => {
    const { invoke, journal, pool } = await startExtensions(
      t,
      { agent: { language: "python" } },
      { internal: {} },
    );
    await invoke({});
    await journal.waitFor("event", { count: 2 });
    await pool.stop(0);
    const steps = journal.order.slice(-2);
    assert.deepEqual(steps, ["internal SIGTERM", "agent SHUTDOWN"]);
    assert.deepEqual(journal.events("agent"), ["INVOKE", "SHUTDOWN"]);
    assert.deepEqual(journal.events("internal"), ["INVOKE"]);
  });

  test("counts with the external ones: the eleventh is refused", async (t) => {
    const extensions: Record<string, RogueExtensionOptions> = {};
    for (let index = 0; index < 10; index += 1) {
      extensions[`agent-${index}`] = { language: "bash", events: [] };
    }
    const { invoke, journal } = await startExtensions(t, extensions, {
      internal: {},
      initTimeoutMs: 30_000,
      timeoutMs: 30_000,
    });
    await invoke({});
    const [refused] = await journal.waitFor("register", { name: "internal" });
    assert.deepEqual(JSON.parse(refused?.body ?? ""), {
      errorMessage: "Extension limit (10) reached",
      errorType: "Extension.TooManyExtensions",
    });
  });

  test("is there in each environment", async (t) => {
    const { invoke, journal, ends } = await startExtensions(
      t,
      {},
      { internal: {}, idleTimeoutMs: 50 },
    );
    await invoke({});
    await waitFor(() => ends.length === 1);
    await invoke({});
    await journal.waitFor("event", { count: 2 });
    const starts = journal.of("start");
    assert.equal(new Set(starts.map(({ pid }) => pid)).size, 2);
  });
});
