import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { ManualClock, telemetryProblems, TelemetrySink, unusedPort } from "@lambdad/testkit";
import type { LogFormat } from "../log/platform-log-line.ts";
import { eventTimeMs, platformEvents } from "../testdata/platform-events.ts";
import type { EventSchema } from "./event-schema.ts";
import { Telemetry } from "./telemetry.ts";

const { initStart, start, runtimeDone, report, logsDropped } = platformEvents;
const extension = { id: "id-of-ext", name: "my-ext" };
const line = Buffer.from("hello\n");

interface Fixture {
  readonly telemetry: Telemetry;
  readonly clock: ManualClock;
  /** What `onDropped` was told. */
  readonly dropped: (readonly [string, number, number, string])[];
}

/** A telemetry whose subscription events come back to it, as the log sends them. */
function fixtureOf(t: TestContext, logFormat: LogFormat = "Text"): Fixture {
  const clock = new ManualClock();
  const dropped: (readonly [string, number, number, string])[] = [];
  const telemetry = new Telemetry({
    host: "127.0.0.1",
    runtimeApiPort: () => 4_000,
    logFormat,
    onSubscribed: (event) => telemetry.platformEvent(event),
    onDropped: (...facts) => dropped.push(facts),
    clock,
  });
  t.after(() => telemetry.close());
  return { telemetry, clock, dropped };
}

async function sinkOf(t: TestContext, protocol: "HTTP" | "TCP" = "HTTP"): Promise<TelemetrySink> {
  const sink = await new TelemetrySink(protocol).start();
  t.after(() => sink.stop());
  return sink;
}

function bodyOf(destination: unknown, change: object = {}): string {
  const schemaVersion: EventSchema = "2025-01-29";
  return JSON.stringify({ schemaVersion, types: ["platform", "function"], destination, ...change });
}

function assertValid(sink: TelemetrySink, schema: EventSchema): void {
  assert.deepEqual(sink.breaches, []);
  for (const record of sink.records) assert.deepEqual(telemetryProblems(record, schema), []);
}

describe("Telemetry", () => {
  for (const protocol of ["HTTP", "TCP"] as const) {
    test(`delivers what happened before the subscription, and after it, by ${protocol}`, async (t) => {
      const { telemetry } = fixtureOf(t);
      const sink = await sinkOf(t, protocol);
      telemetry.platformEvent(initStart);
      telemetry.line("function", eventTimeMs, line);
      telemetry.line("extension", eventTimeMs, line);
      assert.equal(
        telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination())),
        undefined,
      );
      telemetry.closeSubscription();
      telemetry.platformEvent(start);
      telemetry.line("function", eventTimeMs, line);
      telemetry.line("extension", eventTimeMs, line);
      telemetry.platformEvent(report);
      await telemetry.flush(1_000);
      await sink.waitFor("platform.report");
      assert.deepEqual(sink.types, [
        "platform.initStart",
        "function",
        "platform.telemetrySubscription",
        "platform.start",
        "function",
        "platform.report",
      ]);
      const subscription = sink.of("platform.telemetrySubscription")[0]?.["record"];
      assert.deepEqual(subscription, {
        name: "my-ext",
        state: "Subscribed",
        types: ["platform", "function"],
      });
      assertValid(sink, "2025-01-29");
    });
  }

  test("gives each subscriber what it wants, in the form that it wants", async (t) => {
    const { telemetry } = fixtureOf(t, "JSON");
    const sinks = [await sinkOf(t), await sinkOf(t), await sinkOf(t)];
    const [first, second, third] = sinks;
    const subscribe = (name: string, api: "telemetry" | "logs", body: string): void => {
      assert.equal(telemetry.subscribe({ id: name, name }, api, body), undefined);
    };
    subscribe("first", "telemetry", bodyOf(first?.destination(), { types: ["function"] }));
    const old = { types: ["function"], schemaVersion: "2022-07-01" };
    subscribe("second", "telemetry", bodyOf(second?.destination(), old));
    const logs = { types: ["platform", "extension"], schemaVersion: "2021-03-18" };
    subscribe("third", "logs", bodyOf(third?.destination(), logs));
    telemetry.closeSubscription();
    telemetry.line("function", eventTimeMs, Buffer.from('{"a":1}\n'));
    telemetry.line("extension", eventTimeMs, line);
    telemetry.platformEvent(runtimeDone);
    telemetry.platformEvent(report);
    await telemetry.flush(1_000);
    const records = sinks.map((sink) => sink.records.map(({ record }) => record));
    assert.deepEqual(records.slice(0, 2), [[{ a: 1 }], ['{"a":1}\n']]);
    assert.deepEqual(third?.types, [
      "platform.logsSubscription",
      "extension",
      "platform.runtimeDone",
      "platform.end",
      "platform.report",
    ]);
    assertValid(third, "2021-03-18");
  });

  test("accepts a subscription again, tells so, and keeps the first", async (t) => {
    const { telemetry } = fixtureOf(t);
    const sink = await sinkOf(t);
    const other = await sinkOf(t);
    telemetry.platformEvent(initStart);
    for (const body of [
      bodyOf(sink.destination(), { types: ["platform"] }),
      bodyOf(other.destination(), { types: ["function"] }),
    ]) {
      assert.equal(telemetry.subscribe(extension, "telemetry", body), undefined);
    }
    await telemetry.flush(1_000);
    assert.deepEqual(
      sink.of("platform.telemetrySubscription").map(({ record }) => record),
      ["Subscribed", "Already subscribed"].map((state) => ({
        name: extension.name,
        state,
        types: ["platform"],
      })),
    );
    assert.equal(sink.of("platform.initStart").length, 1);
    assert.equal(other.batches.length, 0);
  });

  test("refuses the other API to an extension that has subscribed", async (t) => {
    const { telemetry } = fixtureOf(t);
    const destination = { protocol: "TCP", port: await unusedPort() };
    assert.equal(telemetry.subscribe(extension, "telemetry", bodyOf(destination)), undefined);
    const logs = bodyOf(destination, { schemaVersion: "2020-08-15" });
    assert.deepEqual(telemetry.subscribe(extension, "logs", logs), {
      status: 400,
      errorType: "Logs.ValidationError",
      errorMessage: "extension is already subscribed to the Telemetry API",
    });
  });

  test("refuses a body that is no subscription, and tells nobody", (t) => {
    const { telemetry } = fixtureOf(t);
    const refusal = telemetry.subscribe(extension, "telemetry", "{}");
    assert.deepEqual(refusal, {
      status: 400,
      errorType: "ValidationError",
      errorMessage:
        "schemaVersion is not provided; destination is not provided; types should not be empty",
    });
    telemetry.closeSubscription();
    assert.equal(telemetry.isOpen, false);
  });

  test("refuses the port of its own Runtime API", (t) => {
    const { telemetry } = fixtureOf(t);
    const body = bodyOf({ protocol: "TCP", port: 4_000 });
    assert.equal(telemetry.subscribe(extension, "telemetry", body)?.status, 400);
  });

  for (const [api, title] of [
    ["telemetry", "Telemetry"],
    ["logs", "Logs"],
  ] as const) {
    test(`refuses subscriptions to the ${title} API when the initialisation is over`, async (t) => {
      const { telemetry } = fixtureOf(t);
      telemetry.closeSubscription();
      const body = bodyOf({ protocol: "TCP", port: await unusedPort() });
      assert.deepEqual(telemetry.subscribe(extension, api, body), {
        status: 403,
        errorType: `${title}.SubscriptionClosed`,
        errorMessage: `${title} API subscription is closed`,
      });
    });
  }

  test("isOpen says whether anybody listens, or may", async (t) => {
    const { telemetry } = fixtureOf(t);
    assert.equal(telemetry.isOpen, true);
    telemetry.closeSubscription();
    assert.equal(telemetry.isOpen, false);
    const other = fixtureOf(t).telemetry;
    const body = bodyOf({ protocol: "TCP", port: await unusedPort() });
    other.subscribe(extension, "telemetry", body);
    other.closeSubscription();
    assert.equal(other.isOpen, true);
    other.close();
    assert.equal(other.isOpen, false);
  });

  test("keeps a bounded number of early lines, and says which are missing (INV-8)", async (t) => {
    const { telemetry, dropped } = fixtureOf(t);
    const sink = await sinkOf(t);
    for (let i = 0; i < 1_003; i += 1) telemetry.line("function", eventTimeMs, line);
    telemetry.line("extension", eventTimeMs, line);
    telemetry.platformEvent(initStart);
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    await telemetry.flush(1_000);
    await sink.waitFor("platform.telemetrySubscription");
    assert.equal(sink.of("function").length, 1_000);
    assert.deepEqual(sink.types.slice(1_000), [
      "platform.logsDropped",
      "platform.initStart",
      "platform.telemetrySubscription",
    ]);
    const reason =
      "Some logs were dropped because the downstream consumer is slower than the logs production rate";
    assert.deepEqual(sink.of("platform.logsDropped")[0]?.["record"], {
      reason,
      droppedRecords: 3,
      droppedBytes: 18,
    });
    assert.deepEqual(dropped, [["my-ext", 3, 18, reason]]);
  });

  test("keeps early lines apart from the memory that they came in", async (t) => {
    const { telemetry } = fixtureOf(t);
    const sink = await sinkOf(t);
    const memory = Buffer.from("hello\n");
    telemetry.line("function", eventTimeMs, memory);
    memory.fill(0);
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    await telemetry.flush(1_000);
    assert.equal((await sink.waitFor("function"))[0]?.["record"], "hello\n");
  });

  test("passes no loss on: that is told by the buffer that has it", async (t) => {
    const { telemetry } = fixtureOf(t);
    const sink = await sinkOf(t);
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    telemetry.platformEvent(logsDropped);
    await telemetry.flush(1_000);
    assert.deepEqual(sink.types, ["platform.telemetrySubscription"]);
  });

  test("names the extension that lost events, and why (EX-5)", async (t) => {
    const { telemetry, dropped } = fixtureOf(t);
    const sink = await sinkOf(t);
    sink.answer(413, 200);
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    await telemetry.flush(1_000);
    const reason = "could not send events: HTTP status 413";
    assert.deepEqual(
      dropped.map(([name, records, , why]) => [name, records, why]),
      [["my-ext", 1, reason]],
    );
    const [told] = await sink.waitFor("platform.logsDropped");
    assert.deepEqual(told?.["record"], {
      reason,
      droppedRecords: 1,
      droppedBytes: dropped[0]?.[2],
    });
  });

  test("flush() resolves after its limit when a subscriber does not answer (EX-5)", async (t) => {
    const { telemetry, clock } = fixtureOf(t);
    const sink = await sinkOf(t);
    sink.answer("hang");
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    const flushed = telemetry.flush(1_000);
    await sink.waitForBatches(1);
    clock.tick(1_000);
    await flushed;
  });

  test("flush() and close() without subscribers do nothing", async (t) => {
    const { telemetry, clock } = fixtureOf(t);
    await telemetry.flush(1_000);
    assert.equal(clock.timers, 0);
    telemetry.close();
    telemetry.close();
  });

  test("after close() nothing is taken or sent", async (t) => {
    const { telemetry, clock } = fixtureOf(t);
    const sink = await sinkOf(t);
    telemetry.subscribe(extension, "telemetry", bodyOf(sink.destination()));
    telemetry.close();
    telemetry.platformEvent(start);
    telemetry.line("function", eventTimeMs, line);
    assert.equal(clock.timers, 0);
    assert.equal(telemetry.subscribe(extension, "telemetry", "{}")?.status, 403);
    assert.equal(sink.batches.length, 0);
  });
});
