import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rogueRuntime, type TelemetryRecord, waitFor } from "@lambdad/testkit";
import {
  startExtensions,
  startSink,
  subscriber,
  subscriptionTo,
} from "../testdata/extension-pool.ts";
import { textOf } from "../testdata/pool-fixture.ts";

/** What one cold start and one invocation tell, without the output of anybody. */
const oneInvocation = [
  "platform.initStart",
  "platform.telemetrySubscription",
  "platform.initRuntimeDone",
  "platform.extension",
  "platform.initReport",
  "platform.start",
  "platform.runtimeDone",
  "platform.report",
];

function sumOf(records: readonly TelemetryRecord[], member: string): number {
  let sum = 0;
  for (const { record } of records) sum += (record as Record<string, number>)[member] ?? 0;
  return sum;
}

describe("a destination of telemetry", () => {
  for (const protocol of ["HTTP", "TCP"] as const) {
    test(`that is down gets everything when it is up (${protocol}, EX-5)`, async (t) => {
      const sink = await startSink(t, protocol);
      await sink.stop();
      const { invoke, dropped } = await startExtensions(t, {
        agent: subscriber(subscriptionTo(sink)),
      });
      assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
      assert.deepEqual(sink.batches, []);
      await sink.start();
      await sink.waitFor("platform.report");
      assert.deepEqual(sink.types, oneInvocation);
      assert.equal(dropped.records, 0);
    });

    test(`that goes away for a while is found again (${protocol}, EX-5)`, async (t) => {
      const sink = await startSink(t, protocol);
      const { invoke } = await startExtensions(t, { agent: subscriber(subscriptionTo(sink)) });
      await invoke({});
      await sink.waitFor("platform.report");
      await sink.stop();
      await invoke({});
      await sink.start();
      await waitFor(async () => {
        // Over TCP what was on its way may be lost: a later one tells that it is back.
        await invoke({});
        return sink.of("platform.report").length >= 3;
      });
      assert.deepEqual(sink.breaches, []);
    });

    test(`that never comes up holds up nobody, also not the end (${protocol}, EX-5)`, async (t) => {
      const sink = await startSink(t, protocol);
      await sink.stop();
      const { invoke, pool, dropped, journal, faults } = await startExtensions(t, {
        agent: subscriber(subscriptionTo(sink)),
      });
      for (const index of [1, 2, 3]) {
        assert.deepEqual(JSON.parse(textOf(await invoke({ index }))), { index });
      }
      await pool.stop(0);
      assert.deepEqual(journal.events(), ["INVOKE", "INVOKE", "INVOKE", "SHUTDOWN"]);
      assert.equal(dropped.records, 5 + 3 * 3);
      assert.ok(!faults.some(({ event }) => event === "ext.killed"));
    });
  }

  test("that answers 500 gets the same batch again, and loses nothing (EX-5)", async (t) => {
    const sink = await startSink(t);
    sink.answer(500, 503, 200);
    const { invoke, dropped } = await startExtensions(t, {
      agent: subscriber(subscriptionTo(sink)),
    });
    await invoke({});
    await sink.waitFor("platform.report");
    const [first, second, third] = sink.batches;
    assert.deepEqual([first?.status, second?.status, third?.status], [500, 503, 200]);
    assert.deepEqual(second?.records.slice(0, first?.records.length), first?.records);
    assert.deepEqual(third?.records, second?.records);
    assert.deepEqual(sink.types, oneInvocation);
    assert.equal(dropped.records, 0);
  });

  test("that answers 400 has lost that batch, and is told (EX-5)", async (t) => {
    const sink = await startSink(t);
    sink.answer(400, 200);
    const { invoke, dropped } = await startExtensions(t, {
      agent: subscriber(subscriptionTo(sink)),
    });
    await invoke({});
    await sink.waitFor("platform.report");
    const [refused] = sink.batches;
    const [loss, ...more] = sink.of("platform.logsDropped");
    assert.deepEqual(more, []);
    assert.ok(refused !== undefined && loss !== undefined);
    const { reason, droppedRecords, droppedBytes } = loss.record as Record<string, number>;
    assert.equal(reason, "could not send events: HTTP status 400");
    assert.equal(droppedRecords, refused.records.length);
    assert.ok((droppedBytes ?? 0) > 0);
    assert.equal(dropped.records, refused.records.length);
    const others = sink.types.filter((type) => type !== "platform.logsDropped");
    assert.deepEqual([...refused.records.map(({ type }) => type), ...others], oneInvocation);
  });

  test("that loses the connection gets the batch again (EX-5)", async (t) => {
    const sink = await startSink(t);
    sink.answer("reset", 200);
    const { invoke, dropped } = await startExtensions(t, {
      agent: subscriber(subscriptionTo(sink)),
    });
    await invoke({});
    await sink.waitFor("platform.report");
    assert.deepEqual(sink.types, oneInvocation);
    assert.equal(dropped.records, 0);
  });

  test("that is slow gets one batch after another, in order, and holds up nobody (EX-5)", async (t) => {
    const sink = await startSink(t);
    const gate = Promise.withResolvers<void>();
    sink.answer(gate.promise, 200);
    const { invoke } = await startExtensions(
      t,
      { agent: subscriber(subscriptionTo(sink, { types: ["function"] })) },
      { runtime: rogueRuntime("lines", "10") },
    );
    for (let index = 0; index < 5; index += 1) await invoke({});
    const [held, ...none] = await sink.waitForBatches(1);
    assert.deepEqual(none, []);
    assert.ok((held?.records.length ?? 0) <= 50);
    gate.resolve();
    await sink.waitFor("function", 50);
    const lines = sink.records.map(({ record }) => String(record).trimEnd());
    const expected = Array.from({ length: 50 }, (_, index) => `line ${index % 10}`);
    assert.deepEqual(lines, expected);
    assert.equal(sink.openMax, 1);
  });

  for (const protocol of ["HTTP", "TCP"] as const) {
    test(`that falls behind is told how much it has lost (${protocol}, EX-5)`, async (t) => {
      const sink = await startSink(t, protocol);
      const gate = Promise.withResolvers<void>();
      if (protocol === "HTTP") sink.answer(gate.promise, 200);
      else sink.pause();
      const buffering = { timeoutMs: 25, maxItems: 1_000, maxBytes: 262_144 };
      const types = ["platform", "function"];
      const { invoke, events, dropped } = await startExtensions(
        t,
        { agent: subscriber(subscriptionTo(sink, { types, buffering })) },
        { runtime: rogueRuntime("lines", "40000"), timeoutMs: 60_000 },
      );
      // More than the buffers of the system and of the subscriber hold.
      for (let index = 0; index < 4; index += 1) await invoke({});
      gate.resolve();
      sink.pause(false);
      await sink.waitFor("platform.logsDropped");
      await invoke({});
      await waitFor(() => {
        const lost = sumOf(sink.of("platform.logsDropped"), "droppedRecords");
        const got = sink.records.length - sink.of("platform.logsDropped").length;
        const told = events.filter(({ type }) => type !== "platform.logsDropped").length;
        return got + lost === 5 * 40_000 + told;
      });
      const losses = sink.of("platform.logsDropped");
      assert.equal(sumOf(losses, "droppedRecords"), dropped.records);
      assert.ok(sumOf(losses, "droppedBytes") > 0);
      for (const { record } of losses) {
        assert.match((record as { reason: string }).reason, /^Some logs were dropped because /);
      }
      assert.deepEqual(sink.breaches, []);
    });
  }
});

describe("two subscribers", () => {
  test("do not wait for each other (EX-5)", async (t) => {
    const good = await startSink(t);
    const bad = await startSink(t);
    bad.answer("hang");
    const { invoke } = await startExtensions(t, {
      bad: subscriber(subscriptionTo(bad)),
      good: subscriber(subscriptionTo(good)),
    });
    await invoke({});
    await good.waitFor("platform.report");
    assert.equal(bad.batches.length, 1);
    await invoke({});
    await good.waitFor("platform.report", 2);
    assert.equal(bad.batches.length, 1);
  });
});

describe("an extension with a listener of its own", () => {
  for (const language of ["node", "python"] as const) {
    for (const protocol of ["HTTP", "TCP"] as const) {
      test(`in ${language} gets the last of it over ${protocol} before it ends`, async (t) => {
        const destination =
          protocol === "TCP"
            ? '{"protocol":"TCP","port":{port}}'
            : '{"protocol":"HTTP","URI":"http://sandbox.localdomain:{port}/own"}';
        // Nothing is due before the end.
        const body = `{"schemaVersion":"2022-12-13","types":["platform","function"],"buffering":{"timeoutMs":30000},"destination":${destination}}`;
        const { invoke, journal, open, pool, dropped } = await startExtensions(
          t,
          {
            agent: ({ wait }) =>
              subscriber({ body, listener: { protocol } }, { language, shutdown: [wait("go")] }),
          },
          { runtime: rogueRuntime("lines", "2") },
        );
        await invoke({});
        await invoke({});
        assert.deepEqual(journal.of("telemetry"), []);
        const types = (): readonly string[] =>
          journal.of("telemetry").flatMap(({ records = [] }) => records.map(({ type }) => type));
        const stopped = pool.stop(0);
        // It reads a connection in pieces, beside the event SHUTDOWN.
        await waitFor(() => types().length >= 15);
        open("go");
        await stopped;
        const entries = journal.of("telemetry");
        const got = types();
        const invocation = [
          "platform.start",
          "function",
          "function",
          "platform.runtimeDone",
          "platform.report",
        ];
        // Which is ready first, the runtime or the subscription, is open.
        assert.deepEqual(got.slice(0, 5).toSorted(), oneInvocation.slice(0, 5).toSorted());
        assert.deepEqual(got.slice(5), [...invocation, ...invocation]);
        if (protocol === "HTTP") assert.equal(entries[0]?.path, "/own");
        assert.equal(dropped.records, 0);
      });
    }
  }
});
