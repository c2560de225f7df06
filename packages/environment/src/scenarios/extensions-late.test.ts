import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { rogueRuntime, waitFor } from "@lambdad/testkit";
import { languages, lives, startExtensions } from "../testdata/extension-pool.ts";
import {
  failed,
  platformBody,
  startPool,
  temporaryFolder,
  textOf,
} from "../testdata/pool-fixture.ts";

/**
 * Hangs at its first start, so that the second is inside an invocation. There it gives up its first
 * call of next, before its internal extension makes its own, and then serves.
 */
const impatientRuntime = `
if [ ! -e "$1" ]; then touch "$1"; exec sleep 60; fi
api=http://$AWS_LAMBDA_RUNTIME_API
header() { tr -d '\\r' | sed -n "s/^$1: //Ip"; }
extension() { curl -s -H "Lambda-Extension-$1" "\${@:3}" $api/2020-01-01/extension/$2; }
id=$(extension 'Name: in' register -D - -o /dev/null -d '{}' | header Lambda-Extension-Identifier)
next=$api/2018-06-01/runtime/invocation/next
curl -s --max-time 0.2 $next
extension "Identifier: $id" event/next &
sleep 0.2
while true; do
  request=$(curl -s -D - -o "$1" $next | header Lambda-Runtime-Aws-Request-Id)
  curl -s --data-binary "@$1" $api/2018-06-01/runtime/invocation/$request/response
done
`;

describe("an extension", () => {
  for (const [language, what, stage, initTimeoutMs] of [
    ["node", "registers", "start", 300],
    // The runtime must have had the time to be ready.
    ["python", "calls next", "registered", 800],
  ] as const) {
    test(`in ${language} that never ${what} fails each invocation at its time-out (EX-1)`, async (t) => {
      const { invoke, journal, faults, pool } = await startExtensions(
        t,
        // Without SHUTDOWN they are ended at once, and the test is over sooner.
        {
          agent: { language, events: ["INVOKE"], [stage]: ["hang"] },
          good: { language: "bash", events: ["INVOKE"] },
        },
        { initTimeoutMs, timeoutMs: initTimeoutMs + 300 },
      );
      for (const requestId of ["one", "two"]) {
        const result = failed(await invoke({}, { requestId }));
        assert.match(result.errorType, /^Extension\./);
        const { errorMessage } = platformBody(result);
        assert.match(errorMessage, /^RequestId: \w+ Error: .*timed out after .*agent/);
      }
      const late = faults.find(({ event }) => event === "ext.register_timeout");
      assert.equal(late?.["name"], "agent");
      await pool.stop(0);
      assert.deepEqual(journal.entries().filter(lives), []);
    });
  }

  for (const language of languages) {
    test(`in ${language} that is not back keeps its environment, and not the caller (EX-3)`, async (t) => {
      const { invoke, journal, open, events } = await startExtensions(t, {
        agent: ({ wait }) => ({ language, invoke: [wait("go"), "note done"] }),
      });
      assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
      const second = invoke({ a: 2 });
      await journal.waitFor("event");
      const told = (type: string): number => events.filter((event) => event.type === type).length;
      // The runtime is back, and with it alone the invocation is not complete.
      await waitFor(() => told("platform.runtimeDone") > 0);
      assert.deepEqual([told("platform.report"), told("platform.start")], [0, 1]);
      open("go");
      assert.deepEqual(JSON.parse(textOf(await second)), { a: 2 });
      await journal.waitFor("done", { count: 2 });
      const steps = journal.order.filter((step) => /INVOKE|done/.test(step));
      assert.deepEqual(steps, ["agent INVOKE", "agent done", "agent INVOKE", "agent done"]);
      const report = events.find(({ type }) => type === "platform.report");
      assert.ok(report?.type === "platform.report");
      assert.equal(report.status, "success");
      assert.ok((report.extensionOverheadMs ?? 0) > 0);
    });
  }

  test("in bash that never comes back loses its environment at the time-out (EX-3)", async (t) => {
    const { invoke, journal, ends, faults, pool } = await startExtensions(
      t,
      { agent: { language: "bash", events: ["INVOKE"], invoke: ["hang"] } },
      { timeoutMs: 2_500 },
    );
    const requestId = crypto.randomUUID();
    assert.equal((await invoke({ a: 1 }, { requestId })).kind, "returned");
    assert.deepEqual(ends, []);
    const second = await invoke({ a: 2 });
    assert.deepEqual(JSON.parse(textOf(second)), { a: 2 });
    assert.deepEqual(ends, ["timeout"]);
    assert.equal(journal.of("start", "agent").length, 2);
    const slow = faults.find(({ event }) => event === "ext.slow");
    assert.deepEqual([slow?.["name"], slow?.["requestId"]], ["agent", requestId]);
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });
});

describe("an extension that is late", () => {
  test("in the first initialisation only is started again inside the invocation (EX-1)", async (t) => {
    const { invoke, journal, open, faults, events } = await startExtensions(
      t,
      { agent: ({ wait }) => ({ start: [wait("go")] }) },
      { initTimeoutMs: 400 },
    );
    const answer = invoke({ a: 1 });
    await waitFor(() => faults.some(({ event }) => event === "init.timeout"));
    open("go");
    assert.deepEqual(JSON.parse(textOf(await answer)), { a: 1 });
    assert.equal(journal.of("start", "agent").length, 2);
    const phases = events.flatMap((event) =>
      event.type === "platform.initReport" ? [[event.phase, event.status]] : [],
    );
    assert.deepEqual(phases, [
      ["init", "timeout"],
      ["invoke", "success"],
    ]);
  });

  test("in an invocation's own initialisation lets all who wait in when it is ready", async (t) => {
    const { invoke, journal, open, pool, faults } = await startExtensions(
      t,
      { agent: ({ wait }) => ({ events: ["SHUTDOWN"], registered: [wait("go")] }) },
      { runtime: rogueRuntime("workers", "4", "1500"), concurrency: 4, initTimeoutMs: 700 },
    );
    const answers = [1, 2, 3, 4].map((index) => invoke({ index }));
    await waitFor(() => faults.some(({ event }) => event === "init.timeout"));
    await journal.waitFor("register", { count: 2 });
    // The workers wait, too, when it is ready.
    await sleep(500);
    open("go");
    await waitFor(() => pool.requestIds.length === 4);
    for (const answer of answers) assert.equal((await answer).kind, "returned");
  });

  test("finds a runtime that has lost its first call meanwhile", async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, "runtime.sh");
    await writeFile(file, impatientRuntime);
    const { invoke, faults } = await startPool(t, ["/bin/bash", file, join(folder, "started")], {
      initTimeoutMs: 300,
    });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual(
      faults.map(({ event }) => event),
      ["init.timeout"],
    );
  });

  test("beside a runtime that is too shares its time-out (EX-3, RT-4)", async (t) => {
    const { invoke, faults, journal, pool } = await startExtensions(
      t,
      { agent: { events: ["INVOKE"], invoke: ["hang"] } },
      { runtime: rogueRuntime("hang"), timeoutMs: 800 },
    );
    assert.deepEqual(platformBody(await invoke({}, { requestId: "id" })), {
      errorType: "Sandbox.Timedout",
      errorMessage: "RequestId: id Error: Task timed out after 0.80 seconds",
    });
    assert.ok(faults.some(({ event }) => event === "invoke.timeout"));
    await pool.stop(0);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  test("and wants SHUTDOWN only holds up nobody (EX-3)", async (t) => {
    const { invoke, journal } = await startExtensions(t, { agent: { events: ["SHUTDOWN"] } });
    for (const index of [1, 2, 3]) {
      assert.deepEqual(JSON.parse(textOf(await invoke({ index }))), { index });
    }
    assert.equal(journal.of("start", "agent").length, 1);
    assert.deepEqual(journal.events(), []);
  });
});
