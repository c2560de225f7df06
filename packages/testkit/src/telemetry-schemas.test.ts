import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { telemetryProblems, type TelemetrySchemaVersion } from "./telemetry-schemas.ts";

const time = "2026-02-18T11:19:29.112Z";

describe("telemetryProblems()", () => {
  /** As captured on AWS, or published by it. */
  const good: readonly (readonly [TelemetrySchemaVersion, string, unknown])[] = [
    [
      "2022-07-01",
      "platform.initStart",
      { initializationType: "on-demand", phase: "init", runtimeVersion: "nodejs:18.v4" },
    ],
    [
      "2025-01-29",
      "platform.runtimeDone",
      {
        requestId: "id-1",
        status: "timeout",
        metrics: { durationMs: 5001.182, producedBytes: 0 },
      },
    ],
    [
      "2025-01-29",
      "platform.report",
      {
        requestId: "id-1",
        status: "timeout",
        metrics: {
          durationMs: 5000.0,
          billedDurationMs: 5000,
          memorySizeMB: 128,
          maxMemoryUsedMB: 94,
        },
      },
    ],
    ["2022-12-13", "function", { level: "INFO" }],
    ["2022-12-13", "function", "hello\n"],
    ["2021-03-18", "platform.runtimeDone", { requestId: "id-1", status: "failure" }],
    ["2020-08-15", "platform.end", { requestId: "id-1" }],
    ["2020-08-15", "platform.fault", "RequestId: id-1 Status: error\tErrorType: X"],
  ];
  for (const [version, type, record] of good) {
    test(`finds nothing in ${type} of ${version}`, () => {
      assert.deepEqual(telemetryProblems({ time, type, record }, version), []);
    });
  }

  const report = {
    requestId: "id-1",
    status: "success",
    metrics: { durationMs: 1, billedDurationMs: 1, memorySizeMB: 128, maxMemoryUsedMB: 1 },
  };
  const bad: readonly (readonly [string, TelemetrySchemaVersion, unknown, RegExp])[] = [
    ["no event", "2025-01-29", null, /'' is no event/],
    [
      "an event of the other API",
      "2025-01-29",
      { time, type: "platform.end", record: {} },
      /'platform.end' is no event of 2025-01-29/,
    ],
    [
      "an event that the version does not have",
      "2020-08-15",
      { time, type: "platform.runtimeDone", record: { requestId: "id-1", status: "success" } },
      /is no event of 2020-08-15/,
    ],
    [
      "an object where the version has a text",
      "2022-07-01",
      { time, type: "function", record: {} },
      /^function\/record: must be string/,
    ],
    [
      "a time without milliseconds",
      "2025-01-29",
      { time: "2026-02-18T11:19:29Z", type: "function", record: "" },
      /^function\/time: must match pattern/,
    ],
    [
      "a billed duration with a fraction",
      "2025-01-29",
      {
        time,
        type: "platform.report",
        record: { ...report, metrics: { ...report.metrics, billedDurationMs: 1.5 } },
      },
      /billedDurationMs: must be integer/,
    ],
    [
      "a status that nobody knows",
      "2025-01-29",
      { time, type: "platform.report", record: { ...report, status: "ok" } },
      /status: must be equal to one of the allowed values/,
    ],
    [
      "a missing member",
      "2025-01-29",
      { time, type: "platform.report", record: { ...report, metrics: undefined } },
      /required property 'metrics'/,
    ],
    [
      "a member too many",
      "2020-08-15",
      { time, type: "platform.report", record: report },
      /must NOT have additional properties {"additionalProperty":"status"}/,
    ],
    [
      "a span of another event",
      "2025-01-29",
      {
        time,
        type: "platform.report",
        record: {
          ...report,
          spans: [{ name: "responseLatency", start: time, durationMs: 1 }],
        },
      },
      /spans\/0\/name: must be equal to one of the allowed values/,
    ],
  ];
  for (const [name, version, event, problem] of bad) {
    test(`finds ${name}`, () => {
      assert.match(telemetryProblems(JSON.parse(JSON.stringify(event)), version).join(), problem);
    });
  }
});
