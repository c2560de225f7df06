import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rogueRuntime, type TelemetryRecord, waitFor } from "@lambdad/testkit";
import {
  languages,
  startExtensions,
  startSink,
  subscriber,
  subscriptionTo,
} from "../testdata/extension-pool.ts";

function textsOf(records: readonly TelemetryRecord[]): readonly string[] {
  return records.map(({ record }) => String(record).trimEnd());
}

for (const language of languages) {
  for (const protocol of ["HTTP", "TCP"] as const) {
    test(`an extension in ${language} gets telemetry over ${protocol}`, async (t) => {
      const sink = await startSink(t, protocol);
      const { invoke, journal, pool } = await startExtensions(
        t,
        { agent: subscriber(subscriptionTo(sink), { language, start: ["print early"] }) },
        { runtime: rogueRuntime("lines", "2") },
      );
      await invoke({});
      await invoke({});
      await pool.stop(0);
      const [answer] = journal.of("subscribe");
      assert.deepEqual([answer?.status, answer?.body], [200, '"OK"']);
      assert.deepEqual(textsOf(sink.of("function")), ["line 0", "line 1", "line 0", "line 1"]);
      assert.deepEqual(textsOf(sink.of("extension")), ["early"]);
      assert.equal(sink.types[0], "platform.initStart");
      assert.equal(sink.of("platform.report").length, 2);
      assert.deepEqual(sink.breaches, []);
      assert.equal(sink.protocol === "TCP" ? sink.connections : 1, 1);
      assert.ok(sink.openMax <= 1);
    });
  }
}

describe("a subscription", () => {
  for (const api of ["telemetry", "logs"] as const) {
    test(`after the initialisation is refused (${api})`, async (t) => {
      const sink = await startSink(t);
      const subscription = subscriptionTo(sink, { schemaVersion: undefined });
      const { invoke, journal } = await startExtensions(t, {
        agent: { subscriptions: [{ ...subscription, api }], invoke: ["subscribe"] },
      });
      await invoke({});
      const [refused] = await journal.waitFor("subscribe");
      assert.equal(refused?.status, 403);
      const { errorType, errorMessage } = JSON.parse(refused.body ?? "");
      assert.match(errorType, /\.SubscriptionClosed$/);
      assert.match(errorMessage, / API subscription is closed$/);
      assert.deepEqual(sink.batches, []);
    });
  }

  test("late in the initialisation gets what was before it, first", async (t) => {
    const sink = await startSink(t);
    const { invoke, journal, events, open } = await startExtensions(
      t,
      {
        agent: ({ wait }) => ({
          ...subscriber(subscriptionTo(sink), { language: "bash" }),
          start: ["print first", "complain second"],
          registered: [wait("go"), "subscribe"],
        }),
      },
      { runtime: rogueRuntime("init-flood", "stdout", "10") },
    );
    const answer = invoke({});
    await waitFor(() => events.some(({ type }) => type === "platform.initRuntimeDone"));
    open("go");
    await answer;
    const [subscribed] = await journal.waitFor("subscribe");
    await sink.waitFor("platform.report");
    const early = sink.records.filter(({ time }) => Date.parse(time) < (subscribed?.timeMs ?? 0));
    const types = early.map(({ type }) => type);
    for (const type of ["platform.initStart", "extension", "platform.initRuntimeDone"]) {
      assert.ok(types.includes(type), `${type} in ${types.join()}`);
    }
    assert.deepEqual(textsOf(sink.of("extension")).toSorted(), ["first", "second"]);
    const order = sink.types.filter((type) => type.startsWith("platform."));
    assert.deepEqual(order, [
      "platform.initStart",
      "platform.initRuntimeDone",
      "platform.telemetrySubscription",
      "platform.extension",
      "platform.initReport",
      "platform.start",
      "platform.runtimeDone",
      "platform.report",
    ]);
  });

  test("gives only the types that it names", async (t) => {
    const sinks = [await startSink(t), await startSink(t), await startSink(t)] as const;
    const types = ["platform", "function", "extension"];
    const agents = sinks.map((sink, index) => [
      `agent-${index}`,
      subscriber(subscriptionTo(sink, { types: [types[index]] }), { start: ["print early"] }),
    ]);
    const { invoke, pool } = await startExtensions(t, Object.fromEntries(agents), {
      runtime: rogueRuntime("lines", "3"),
    });
    await invoke({});
    await pool.stop(0);
    const [platform, ofFunction, extension] = sinks;
    assert.ok(platform.types.length > 5);
    for (const type of platform.types) assert.match(type, /^platform\./);
    assert.deepEqual(ofFunction.types, ["function", "function", "function"]);
    assert.deepEqual(textsOf(extension.records), ["early", "early", "early"]);
  });

  test("made twice is answered with 200 twice, and delivers once", async (t) => {
    const sink = await startSink(t);
    const { invoke, journal } = await startExtensions(t, {
      agent: subscriber(subscriptionTo(sink), { registered: ["subscribe", "subscribe"] }),
    });
    await invoke({});
    await sink.waitFor("platform.report");
    assert.deepEqual(
      journal.of("subscribe").map(({ status, body }) => [status, body]),
      [
        [200, '"OK"'],
        [200, '"OK"'],
      ],
    );
    const states = sink.of("platform.telemetrySubscription").map(({ record }) => record);
    assert.deepEqual(states, [
      { name: "agent", state: "Subscribed", types: ["platform", "function", "extension"] },
      { name: "agent", state: "Already subscribed", types: ["platform", "function", "extension"] },
    ]);
    assert.equal(sink.of("platform.start").length, 1);
  });

  test("that is wrong is refused with all its findings, and hurts nobody", async (t) => {
    const { invoke, journal } = await startExtensions(t, {
      agent: {
        subscriptions: [
          { body: { schemaVersion: "2022-12-13", types: [], destination: { protocol: "UDP" } } },
          { body: "{" },
        ],
        registered: ["subscribe 0", "subscribe 1"],
      },
    });
    assert.equal((await invoke({})).kind, "returned");
    const [wrong, broken] = journal.of("subscribe");
    assert.deepEqual([wrong?.status, broken?.status], [400, 400]);
    const { errorType, errorMessage } = JSON.parse(wrong?.body ?? "");
    assert.equal(errorType, "ValidationError");
    assert.match(errorMessage, /protocol.*; types/);
    assert.equal(JSON.parse(broken?.body ?? "").errorType, "ValidationError");
  });

  test("may come from an internal extension", async (t) => {
    const sink = await startSink(t);
    const { invoke } = await startExtensions(
      t,
      {},
      { internal: { subscriptions: [subscriptionTo(sink)] } },
    );
    await invoke({});
    await sink.waitFor("platform.report");
    const [subscribed] = sink.of("platform.telemetrySubscription");
    assert.deepEqual(subscribed?.record, {
      name: "internal",
      state: "Subscribed",
      types: ["platform", "function", "extension"],
    });
  });

  test("is made anew in each environment", async (t) => {
    const sink = await startSink(t);
    const { invoke, pool } = await startExtensions(t, {
      agent: subscriber(subscriptionTo(sink)),
    });
    await invoke({});
    pool.renew();
    await invoke({});
    await pool.stop(0);
    assert.equal(sink.of("platform.initStart").length, 2);
    assert.equal(sink.of("platform.telemetrySubscription").length, 2);
    assert.equal(sink.of("platform.report").length, 2);
  });
});

describe("a subscription of the Logs API", () => {
  for (const method of ["POST", "PUT"] as const) {
    test(`is delivered by ${method} to its path`, async (t) => {
      const sink = await startSink(t);
      const destination = { ...sink.destination("/logs/all?x=1"), method, encoding: "JSON" };
      const subscription = subscriptionTo(sink, { schemaVersion: "2021-03-18", destination });
      const { invoke, pool } = await startExtensions(t, {
        agent: subscriber({ ...subscription, api: "logs" }, { language: "python" }),
      });
      await invoke({});
      await pool.stop(0);
      const [batch] = sink.batches;
      assert.deepEqual([batch?.method, batch?.path], [method, "/logs/all?x=1"]);
      assert.equal(batch?.headers["content-type"], "application/json");
      assert.deepEqual(sink.types, [
        "platform.logsSubscription",
        "platform.extension",
        "platform.start",
        "platform.runtimeDone",
        "platform.end",
        "platform.report",
      ]);
    });
  }
});
