import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PlatformEvent, ReportEvent } from "../platform-event.ts";
import { renderPlatformLine } from "./platform-log-line.ts";

const timeMs = Date.UTC(2026, 1, 18, 11, 19, 29, 112);
const report: ReportEvent = {
  type: "platform.report",
  timeMs,
  requestId: "id-1",
  status: "success",
  errorType: undefined,
  durationMs: 3.0061,
  billedDurationMs: 114,
  memorySizeMb: 128,
  maxMemoryUsedMb: 36,
  initDurationMs: 110.1,
};
const start: PlatformEvent = {
  type: "platform.start",
  timeMs,
  requestId: "id-1",
  version: "$LATEST",
  queueMs: 0,
};
const reported =
  "REPORT RequestId: id-1\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t";

describe("renderPlatformLine() as text", () => {
  const cases: readonly (readonly [string, PlatformEvent, string | undefined])[] = [
    ["START", start, "START RequestId: id-1 Version: $LATEST\n"],
    [
      "REPORT of a cold start",
      report,
      `END RequestId: id-1\n${reported}Init Duration: 110.10 ms\t\n`,
    ],
    [
      "REPORT of a warm one",
      { ...report, initDurationMs: undefined },
      `END RequestId: id-1\n${reported}\n`,
    ],
    [
      "REPORT of a time-out",
      { ...report, initDurationMs: undefined, status: "timeout" },
      `END RequestId: id-1\n${reported}Status: timeout\n`,
    ],
    [
      "REPORT of a crash",
      { ...report, initDurationMs: undefined, status: "error", errorType: "Runtime.ExitError" },
      `END RequestId: id-1\n${reported}Status: error\tError Type: Runtime.ExitError\n`,
    ],
    [
      "an error type with a line end in it, which begins no line of its own (RT-21)",
      {
        ...report,
        initDurationMs: undefined,
        status: "error",
        errorType: "Function.X\nSTART RequestId: forged",
      },
      `END RequestId: id-1\n${reported}Status: error\tError Type: Function.X START RequestId: forged\n`,
    ],
    [
      "INIT_REPORT of a failure",
      {
        type: "platform.initReport",
        timeMs,
        phase: "init",
        status: "timeout",
        durationMs: 10_000.5,
        errorType: undefined,
      },
      "INIT_REPORT Init Duration: 10000.50 ms\tPhase: init\tStatus: timeout\n",
    ],
    [
      "nothing for an init that went well",
      {
        type: "platform.initReport",
        timeMs,
        phase: "init",
        status: "success",
        durationMs: 1,
        errorType: undefined,
      },
      undefined,
    ],
  ];
  for (const [name, event, line] of cases) {
    test(`writes ${name}`, () => assert.equal(renderPlatformLine(event, "Text"), line));
  }
});

describe("renderPlatformLine() as JSON", () => {
  test("writes the envelope of the Telemetry API", () => {
    assert.deepEqual(JSON.parse(renderPlatformLine(start, "JSON") ?? ""), {
      time: "2026-02-18T11:19:29.112Z",
      type: "platform.start",
      record: { requestId: "id-1", version: "$LATEST" },
    });
    assert.deepEqual(JSON.parse(renderPlatformLine(report, "JSON") ?? ""), {
      time: "2026-02-18T11:19:29.112Z",
      type: "platform.report",
      record: {
        requestId: "id-1",
        metrics: {
          durationMs: 3.006,
          billedDurationMs: 114,
          memorySizeMB: 128,
          maxMemoryUsedMB: 36,
          initDurationMs: 110.1,
        },
        status: "success",
      },
    });
  });

  test("leaves out what the level INFO hides", () => {
    const done: PlatformEvent = {
      type: "platform.runtimeDone",
      timeMs,
      requestId: "id-1",
      status: "success",
      durationMs: 1,
      producedBytes: 2,
      errorType: undefined,
    };
    assert.equal(renderPlatformLine(done, "JSON"), undefined);
    assert.match(renderPlatformLine({ ...done, status: "timeout" }, "JSON") ?? "", /"timeout"/);
  });
});
