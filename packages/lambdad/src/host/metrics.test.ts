import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type EventCounts,
  HostError,
  type Invocation,
  type InvokeResult,
  payloadOf,
} from "@lambdad/core";
import type { ReportEvent } from "@lambdad/environment";
import { invocationOf } from "@lambdad/testkit";
import { type MetricsText, readMetrics } from "../testdata/metrics-text.ts";
import { Metrics, type MetricSources } from "./metrics.ts";

function metricsOf(sources: Partial<MetricSources> = {}): {
  readonly metrics: Metrics;
  readonly read: () => Promise<MetricsText>;
} {
  const metrics = new Metrics({
    functions: [{ name: "echo", counts: () => ({ starting: 1, idle: 2, busy: 3, waiting: 4 }) }],
    bodyBytesInFlight: () => 5,
    logLinesDropped: () => 6,
    eventLoopDelaySeconds: () => 0.007,
    openFiles: () => 8,
    eventCounts: () => Promise.resolve([]),
    ...sources,
  });
  return { metrics, read: async () => readMetrics((await metrics.page()).body) };
}

/** What spec reliability §13 promises of this daemon, and issue 2. */
const promised: Readonly<Record<string, "counter" | "gauge" | "histogram">> = {
  lambdad_invocations_total: "counter",
  lambdad_invocation_seconds: "histogram",
  lambdad_init_seconds: "histogram",
  lambdad_queue_seconds: "histogram",
  lambdad_queue_length: "gauge",
  lambdad_environments: "gauge",
  lambdad_environment_ends_total: "counter",
  lambdad_rapi_rejects_total: "counter",
  lambdad_events_accepted_total: "counter",
  lambdad_events_succeeded_total: "counter",
  lambdad_events_failed_total: "counter",
  lambdad_events_purged_total: "counter",
  lambdad_events_duplicates_total: "counter",
  lambdad_events_pending: "gauge",
  lambdad_events_oldest_age_seconds: "gauge",
  lambdad_failed_shelf: "gauge",
  lambdad_http_rejects_total: "counter",
  lambdad_body_bytes_in_flight: "gauge",
  lambdad_event_loop_delay_seconds: "gauge",
  lambdad_open_fds: "gauge",
  lambdad_log_dropped_total: "counter",
  lambdad_telemetry_dropped_total: "counter",
};

const invocation: Invocation = invocationOf(Buffer.from("{}"), { functionName: "echo" });

describe("Metrics", () => {
  test("have the promised names and types, and no others", async () => {
    const { types } = await metricsOf().read();
    assert.deepEqual(Object.fromEntries(types), promised);
  });

  test("are a page that Prometheus reads", async () => {
    const { status, contentType } = await metricsOf().metrics.page();
    assert.equal(status, 200);
    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  });

  test("tell the figures of the moment", async () => {
    let dropped = 6;
    const { read } = metricsOf({ logLinesDropped: () => dropped });
    const { samples } = await read();
    for (const [name, value] of [
      ['lambdad_environments{function="echo",state="starting"}', 1],
      ['lambdad_environments{function="echo",state="idle"}', 2],
      ['lambdad_environments{function="echo",state="busy"}', 3],
      ["lambdad_queue_length", 4],
      ["lambdad_body_bytes_in_flight", 5],
      ["lambdad_log_dropped_total", 6],
      ["lambdad_event_loop_delay_seconds", 0.007],
      ["lambdad_open_fds", 8],
    ] as const) {
      assert.equal(samples.get(name), value, name);
    }
    dropped = 9;
    assert.equal((await read()).samples.get("lambdad_log_dropped_total"), 9);
  });

  test("leave out what the system does not tell", async () => {
    const { types } = await metricsOf({ openFiles: () => undefined }).read();
    assert.ok(!types.has("lambdad_open_fds"));
  });

  const common = { executedVersion: "1", logTail: undefined } as const;
  const answer = { payload: payloadOf("1"), contentType: "application/json", ...common };
  const failed = (errorType: string): InvokeResult => ({ kind: "failed", ...answer, errorType });
  const streamed = (errorType?: string): InvokeResult => ({
    kind: "streamed",
    ...common,
    error: errorType === undefined ? undefined : { errorType, payload: payloadOf("{}") },
  });
  for (const [result, outcome] of [
    ["success", { kind: "returned", ...answer } as const],
    ["error", failed("Function.Error")],
    ["timeout", failed("Sandbox.Timedout")],
    ["success", streamed()],
    ["error", streamed("Runtime.ExitError")],
    ["timeout", streamed("Sandbox.Timedout")],
    ["throttled", new HostError("TooManyRequestsException", "Rate Exceeded.")],
    ["host_error", new HostError("ServiceUnavailable", "Stopping.")],
    ["host_error", new TypeError("a bug")],
  ] as const) {
    const what = outcome instanceof Error ? outcome.message : `${outcome.kind} ${errorOf(outcome)}`;
    test(`count '${what}' as ${result}, and change nothing`, async () => {
      const { metrics, read } = metricsOf();
      const invoker = metrics.layer({
        invoke: () =>
          outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome),
      });
      const { signal } = new AbortController();
      if (outcome instanceof Error) {
        await assert.rejects(invoker.invoke(invocation, signal), outcome);
      } else {
        assert.equal(await invoker.invoke(invocation, signal), outcome);
      }
      const name = `lambdad_invocations_total{function="echo",type="RequestResponse",result="${result}"}`;
      assert.equal((await read()).samples.get(name), 1);
    });
  }

  test("count what its caller has left as cancelled", async () => {
    const { metrics, read } = metricsOf();
    const invoker = metrics.layer({ invoke: (_, signal) => Promise.reject(signal.reason) });
    await assert.rejects(invoker.invoke(invocation, AbortSignal.abort()));
    const name =
      'lambdad_invocations_total{function="echo",type="RequestResponse",result="cancelled"}';
    assert.equal((await read()).samples.get(name), 1);
  });

  test("count the records that subscribers of telemetry did not get (EX-5)", async () => {
    const { metrics, read } = metricsOf();
    metrics.telemetryDropped(3);
    metrics.telemetryDropped(4);
    assert.equal((await read()).samples.get("lambdad_telemetry_dropped_total"), 7);
  });

  test("measure durations in seconds, from the reports", async () => {
    const { metrics, read } = metricsOf();
    const named = { timeMs: 0, requestId: "a", trace: undefined, tenantId: undefined };
    metrics.platformEvent("echo", { type: "platform.start", version: "1", queueMs: 20, ...named });
    const report: ReportEvent = {
      type: "platform.report",
      ...named,
      status: "success",
      errorType: undefined,
      durationMs: 1500,
      billedDurationMs: 1500,
      memorySizeMb: 128,
      maxMemoryUsedMb: 1,
      initDurationMs: undefined,
      extensionOverheadMs: undefined,
    };
    metrics.platformEvent("echo", report);
    metrics.platformEvent("echo", {
      type: "platform.initReport",
      timeMs: 0,
      initializationType: "on-demand",
      phase: "init",
      status: "success",
      durationMs: 40,
      errorType: undefined,
    });
    const { samples } = await read();
    for (const [name, seconds] of [
      ["queue", 0.02],
      ["invocation", 1.5],
      ["init", 0.04],
    ] as const) {
      assert.equal(samples.get(`lambdad_${name}_seconds_sum{function="echo"}`), seconds);
      assert.equal(samples.get(`lambdad_${name}_seconds_count{function="echo"}`), 1);
    }
    assert.equal(samples.get('lambdad_invocation_seconds_bucket{le="1",function="echo"}'), 0);
    assert.equal(samples.get('lambdad_invocation_seconds_bucket{le="2.5",function="echo"}'), 1);
  });

  test("count the ends of environments and what was refused", async () => {
    const { metrics, read } = metricsOf();
    metrics.environmentEnded("echo", "oom");
    metrics.runtimeRejected("late");
    metrics.httpRejected(404, "ResourceNotFoundException");
    const { samples } = await read();
    for (const name of [
      'lambdad_environment_ends_total{function="echo",reason="oom"}',
      'lambdad_rapi_rejects_total{reason="late"}',
      'lambdad_http_rejects_total{status="404",reason="ResourceNotFoundException"}',
    ]) {
      assert.equal(samples.get(name), 1, name);
    }
  });

  test("make no label of a text (§13: never a message or a path)", async () => {
    const { metrics, read } = metricsOf();
    for (let index = 0; index < 100; index += 1) {
      metrics.httpRejected(400, `Bad request line '/${index}'`);
      metrics.httpRejected(500, `x${index}`);
    }
    const { samples } = await read();
    const names = [...samples.keys()].filter((name) => name.startsWith("lambdad_http"));
    assert.deepEqual(names.toSorted(), [
      'lambdad_http_rejects_total{status="400",reason="Http"}',
      'lambdad_http_rejects_total{status="500",reason="Http"}',
    ]);
  });
});

function errorOf(result: InvokeResult): string {
  if (result.kind === "streamed") return result.error?.errorType ?? "";
  return result.kind === "failed" ? result.errorType : "";
}

/** Name of a sample of the function. */
function of(what: string): string {
  return `lambdad_${what}{function="echo"}`;
}

describe("Metrics of events (INV-2)", () => {
  const books: EventCounts = {
    functionName: "echo",
    accepted: 10,
    pending: 2,
    started: 1,
    succeeded: 3,
    failed: 4,
    purged: 7,
    oldestAcceptedAtMs: Date.now() - 60_000,
  };

  test("are 0 before there was one", async () => {
    const { samples } = await metricsOf().read();
    for (const what of [
      "events_accepted_total",
      "events_succeeded_total",
      "events_purged_total",
      "events_duplicates_total",
      "events_pending",
      "events_oldest_age_seconds",
      "failed_shelf",
    ]) {
      assert.equal(samples.get(of(what)), 0, what);
    }
  });

  test("tell what waits or runs, the age of the oldest, the shelf, and what was taken off it", async () => {
    const { samples } = await metricsOf({
      eventCounts: () => Promise.resolve([{ ...books, functionName: "other", pending: 99 }, books]),
    }).read();
    assert.equal(samples.get(of("events_purged_total")), 7);
    assert.equal(samples.get(of("events_pending")), 3);
    assert.equal(samples.get(of("failed_shelf")), 4);
    const age = samples.get(of("events_oldest_age_seconds")) ?? 0;
    assert.ok(age >= 60 && age < 600, String(age));
  });

  test("have no negative age after the clock was set back (HO-4)", async () => {
    const oldestAcceptedAtMs = Date.now() + 60_000;
    const { samples } = await metricsOf({
      eventCounts: () => Promise.resolve([{ ...books, oldestAcceptedAtMs }]),
    }).read();
    assert.equal(samples.get(of("events_oldest_age_seconds")), 0);
  });

  test("count what happens to them", async () => {
    const { metrics, read } = metricsOf();
    const event = { id: "a", functionName: "echo", attempt: 1, ageMs: 0, errorType: undefined };
    metrics.eventObserved({ kind: "accepted", ...event });
    metrics.eventObserved({ kind: "started", ...event });
    metrics.eventObserved({ kind: "scheduled", reason: "crashed", dueInMs: 0, ...event });
    metrics.eventObserved({ kind: "scheduled", reason: "throttled", dueInMs: 0, ...event });
    metrics.eventObserved({ kind: "succeeded", ...event });
    metrics.eventObserved({ kind: "failed", condition: "EventAgeExceeded", attempts: 1, ...event });
    const { samples } = await read();
    for (const [what, count] of [
      ["accepted", 1],
      ["succeeded", 1],
      ["duplicates", 1],
    ] as const) {
      assert.equal(samples.get(of(`events_${what}_total`)), count, what);
    }
    const failures = 'lambdad_events_failed_total{function="echo",condition="EventAgeExceeded"}';
    assert.equal(samples.get(failures), 1);
  });
});
