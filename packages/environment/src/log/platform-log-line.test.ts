import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { InitReportEvent, PlatformEvent } from "../platform-event.ts";
import { platformEvents } from "../testdata/platform-events.ts";
import { renderPlatformLine } from "./platform-log-line.ts";

const {
  start,
  runtimeDone,
  report,
  initStart,
  initRuntimeDone,
  initReport,
  restoreStart,
  restoreRuntimeDone,
  restoreReport,
  fault,
  extension,
  telemetrySubscription,
  logsSubscription,
  logsDropped,
} = platformEvents;
const warm = { ...report, initDurationMs: undefined };
const reported =
  "REPORT RequestId: id-1\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t";

describe("renderPlatformLine() as text", () => {
  const failedInit: InitReportEvent = { ...initReport, status: "timeout", durationMs: 10_000.5 };
  const cases: readonly (readonly [string, PlatformEvent, string | undefined])[] = [
    ["START", start, "START RequestId: id-1 Version: $LATEST\n"],
    [
      "REPORT of a cold start",
      report,
      `END RequestId: id-1\n${reported}Init Duration: 110.10 ms\t\n`,
    ],
    ["REPORT of a warm one", warm, `END RequestId: id-1\n${reported}\n`],
    [
      "REPORT of a time-out",
      { ...warm, status: "timeout" },
      `END RequestId: id-1\n${reported}Status: timeout\n`,
    ],
    [
      "REPORT of a crash",
      { ...warm, status: "error", errorType: "Runtime.ExitError" },
      `END RequestId: id-1\n${reported}Status: error\tError Type: Runtime.ExitError\n`,
    ],
    [
      "an error type with a line end in it, which begins no line of its own (RT-21)",
      { ...warm, status: "error", errorType: "Function.X\nSTART RequestId: forged" },
      `END RequestId: id-1\n${reported}Status: error\tError Type: Function.X START RequestId: forged\n`,
    ],
    [
      "INIT_REPORT of a time-out",
      failedInit,
      "INIT_REPORT Init Duration: 10000.50 ms\tPhase: init\tStatus: timeout\n",
    ],
    [
      "INIT_REPORT of a failure",
      { ...failedInit, status: "error", errorType: "Extension.Crash" },
      "INIT_REPORT Init Duration: 10000.50 ms\tPhase: init\tStatus: error\tError Type: Extension.Crash\n",
    ],
    ["nothing for an init that went well", initReport, undefined],
    [
      "INIT_REPORT of an init that went well, but not on demand",
      { ...initReport, initializationType: "snap-start" },
      "INIT_REPORT Init Duration: 110.10 ms\n",
    ],
    ["RESTORE_REPORT", restoreReport, "RESTORE_REPORT Restore Duration: 12.35 ms\n"],
    [
      "RESTORE_REPORT of a failure",
      { ...restoreReport, status: "error", errorType: "Runtime.RestoreHookUserError" },
      "RESTORE_REPORT Restore Duration: 12.35 ms\tStatus: error\tError Type: Runtime.RestoreHookUserError\n",
    ],
    ["EXTENSION", extension, "EXTENSION\tName: my-ext\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"],
    [
      "EXTENSION of one that could not be started, and has a line end in its name",
      {
        ...extension,
        name: "a\nSTART",
        state: "LaunchError",
        events: [],
        errorType: "PermissionDenied",
      },
      "EXTENSION\tName: a START\tState: LaunchError\tEvents: []\tError Type: PermissionDenied\n",
    ],
    [
      "TELEMETRY, with the types capitalised",
      telemetrySubscription,
      "TELEMETRY\tName: my-ext\tState: Subscribed\tTypes: [Platform, Function]\n",
    ],
    ["LOGS", logsSubscription, "LOGS\tName: my-ext\tState: Subscribed\tTypes: [Extension]\n"],
    ["nothing for runtimeDone", runtimeDone, undefined],
    ["nothing for initStart, which has no version of a managed runtime", initStart, undefined],
    ["nothing for a fault, which the Status of REPORT tells", fault, undefined],
    ["nothing for logsDropped", logsDropped, undefined],
  ];
  for (const [name, event, line] of cases) {
    test(`writes ${name}`, () => assert.equal(renderPlatformLine(event, "Text"), line));
  }
});

describe("renderPlatformLine() as JSON", () => {
  test("writes the envelope of the Telemetry API", () => {
    assert.equal(
      renderPlatformLine(start, "JSON"),
      '{"time":"2026-02-18T11:19:29.112Z","type":"platform.start","record":{"requestId":"id-1","version":"$LATEST"}}\n',
    );
    assert.deepEqual(JSON.parse(renderPlatformLine(report, "JSON") ?? ""), {
      time: "2026-02-18T11:19:29.112Z",
      type: "platform.report",
      record: {
        requestId: "id-1",
        status: "success",
        metrics: {
          durationMs: 3.006,
          billedDurationMs: 114,
          memorySizeMB: 128,
          maxMemoryUsedMB: 36,
          initDurationMs: 110.1,
        },
      },
    });
  });

  const shown: readonly (readonly [string, PlatformEvent])[] = [
    ["a failed initRuntimeDone", { ...initRuntimeDone, status: "error" }],
    ["a failed runtimeDone", { ...runtimeDone, status: "timeout" }],
    ["a failed restoreRuntimeDone", { ...restoreRuntimeDone, status: "failure" }],
    ["a failed initReport", { ...initReport, status: "timeout" }],
    [
      "an initReport that is not on demand",
      { ...initReport, initializationType: "provisioned-concurrency" },
    ],
    ["restoreReport", restoreReport],
    ["extension", extension],
    ["telemetrySubscription", telemetrySubscription],
    ["logsSubscription", logsSubscription],
    ["logsDropped", logsDropped],
  ];
  for (const [name, event] of shown) {
    test(`shows ${name} at the level INFO`, () => {
      const line = renderPlatformLine(event, "JSON") ?? "";
      assert.equal(JSON.parse(line).type, event.type);
      assert.ok(line.endsWith("}\n"));
    });
  }

  const hidden: readonly PlatformEvent[] = [
    initStart,
    initRuntimeDone,
    initReport,
    runtimeDone,
    restoreStart,
    restoreRuntimeDone,
    fault,
  ];
  for (const event of hidden) {
    test(`hides ${event.type} at the level INFO`, () => {
      assert.equal(renderPlatformLine(event, "JSON"), undefined);
    });
  }
});
