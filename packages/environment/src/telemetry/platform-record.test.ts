import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { platformEvents } from "../testdata/platform-events.ts";
import { platformRecord, type RecordedEvent } from "./platform-record.ts";

const { start, runtimeDone, report, extension } = platformEvents;

/** As it is written: without members that are not defined. */
function recordOf(event: RecordedEvent): unknown {
  return JSON.parse(JSON.stringify(platformRecord(event, "2025-01-29")));
}

describe("platformRecord()", () => {
  test("tells the trace of an invocation only when there is one", () => {
    const trace = "Root=1-62e900b2-710d76f009d6e7785905449a;Parent=0efbd19962d95b05;Sampled=1";
    const tracing = { type: "X-Amzn-Trace-Id", value: trace };
    const record = { requestId: "id-1", version: "$LATEST" };
    assert.deepEqual(recordOf(start), record);
    assert.deepEqual(recordOf({ ...start, trace }), { ...record, tracing });
    for (const event of [runtimeDone, report]) {
      assert.deepEqual((recordOf({ ...event, trace }) as { tracing: unknown }).tracing, tracing);
    }
  });

  test("tells the tenant of an invocation", () => {
    for (const event of [start, runtimeDone, report]) {
      const record = recordOf({ ...event, tenantId: "blue" }) as { tenantId: unknown };
      assert.equal(record.tenantId, "blue");
    }
  });

  test("divides the time of the runtime by the bytes of the response", () => {
    const event = { ...runtimeDone, durationMs: 17.4, firstByteMs: 15.1, lastByteMs: 15.2 };
    assert.deepEqual(recordOf(event), {
      requestId: "id-1",
      status: "success",
      metrics: { durationMs: 17.4, producedBytes: 16 },
      spans: [
        { name: "responseLatency", start: "2026-02-18T11:19:29.094Z", durationMs: 15.1 },
        { name: "responseDuration", start: "2026-02-18T11:19:29.109Z", durationMs: 0.1 },
        { name: "runtimeOverhead", start: "2026-02-18T11:19:29.109Z", durationMs: 2.2 },
      ],
    });
  });

  test("has no spans without a response, and one of a response that did not end", () => {
    assert.ok(!("spans" in (recordOf(runtimeDone) as object)));
    const broken = recordOf({ ...runtimeDone, firstByteMs: 1 }) as { spans: { name: string }[] };
    assert.deepEqual(
      broken.spans.map(({ name }) => name),
      ["responseLatency"],
    );
  });

  test("has no span of negative length, when the end was noted before the last byte", () => {
    const event = { ...runtimeDone, durationMs: 5, firstByteMs: 4, lastByteMs: 6 };
    const { spans } = recordOf(event) as { spans: { durationMs: number }[] };
    assert.deepEqual(
      spans.map(({ durationMs }) => durationMs),
      [4, 2, 0],
    );
  });

  test("tells how long the extensions took after the runtime", () => {
    const { spans } = recordOf({ ...report, extensionOverheadMs: 3.1004 }) as { spans: unknown };
    assert.deepEqual(spans, [
      { name: "extensionOverhead", start: "2026-02-18T11:19:29.108Z", durationMs: 3.1 },
    ]);
    assert.ok(!("spans" in (recordOf(report) as object)));
  });

  test("writes milliseconds to the microsecond, and integers where they are required", () => {
    const event = {
      ...report,
      durationMs: 3.006_149,
      billedDurationMs: 3.2,
      maxMemoryUsedMb: 35.7,
    };
    assert.deepEqual((recordOf(event) as { metrics: unknown }).metrics, {
      durationMs: 3.006,
      billedDurationMs: 4,
      memorySizeMB: 128,
      maxMemoryUsedMB: 36,
      initDurationMs: 110.1,
    });
  });

  test("leaves the init duration out of warm reports", () => {
    const { metrics } = recordOf({ ...report, initDurationMs: undefined }) as { metrics: object };
    assert.ok(!("initDurationMs" in metrics));
  });

  test("tells why an extension failed", () => {
    const event = { ...extension, state: "LaunchError", events: [], errorType: "UnknownError" };
    assert.deepEqual(recordOf(event), {
      name: "my-ext",
      state: "LaunchError",
      events: [],
      errorType: "UnknownError",
    });
  });
});
