import type {
  ExtensionEvent,
  FaultEvent,
  InitReportEvent,
  InitRuntimeDoneEvent,
  InitStartEvent,
  LogsDroppedEvent,
  ReportEvent,
  RestoreReportEvent,
  RestoreRuntimeDoneEvent,
  RestoreStartEvent,
  RuntimeDoneEvent,
  StartEvent,
  SubscriptionEvent,
} from "../platform-event.ts";

/** 2026-02-18T11:19:29.112Z. */
export const eventTimeMs: number = Date.UTC(2026, 1, 18, 11, 19, 29, 112);

const timeMs = eventTimeMs;
const ok = { timeMs, status: "success", errorType: undefined } as const;
const init = { initializationType: "on-demand", phase: "init" } as const;
const instance = {
  initializationType: "on-demand",
  functionName: "my-fn",
  functionVersion: "$LATEST",
  instanceId: "2026/02/18/[$LATEST]0f3c",
  memorySizeMb: 128,
} as const;
const invocation = { ...ok, requestId: "id-1", trace: undefined, tenantId: undefined } as const;

/** One event of each type, of a cold start that went well. */
export const platformEvents: {
  readonly initStart: InitStartEvent;
  readonly initRuntimeDone: InitRuntimeDoneEvent;
  readonly initReport: InitReportEvent;
  readonly restoreStart: RestoreStartEvent;
  readonly restoreRuntimeDone: RestoreRuntimeDoneEvent;
  readonly restoreReport: RestoreReportEvent;
  readonly start: StartEvent;
  readonly runtimeDone: RuntimeDoneEvent;
  readonly report: ReportEvent;
  readonly fault: FaultEvent;
  readonly extension: ExtensionEvent;
  readonly telemetrySubscription: SubscriptionEvent;
  readonly logsSubscription: SubscriptionEvent;
  readonly logsDropped: LogsDroppedEvent;
} = {
  initStart: { type: "platform.initStart", timeMs, ...instance, ...init },
  initRuntimeDone: { type: "platform.initRuntimeDone", ...init, ...ok },
  initReport: { type: "platform.initReport", ...init, ...ok, durationMs: 110.1 },
  restoreStart: { type: "platform.restoreStart", timeMs, ...instance },
  restoreRuntimeDone: { type: "platform.restoreRuntimeDone", ...ok },
  restoreReport: { type: "platform.restoreReport", ...ok, durationMs: 12.3456 },
  start: {
    type: "platform.start",
    timeMs,
    requestId: "id-1",
    version: "$LATEST",
    trace: undefined,
    tenantId: undefined,
    queueMs: 0,
  },
  runtimeDone: {
    type: "platform.runtimeDone",
    ...invocation,
    durationMs: 17.4,
    producedBytes: 16,
    firstByteMs: undefined,
    lastByteMs: undefined,
  },
  report: {
    type: "platform.report",
    ...invocation,
    durationMs: 3.0061,
    billedDurationMs: 114,
    memorySizeMb: 128,
    maxMemoryUsedMb: 36,
    initDurationMs: 110.1,
    extensionOverheadMs: undefined,
  },
  fault: {
    type: "platform.fault",
    timeMs,
    requestId: "id-1",
    status: "error",
    errorType: "Runtime.ExitError",
  },
  extension: {
    type: "platform.extension",
    timeMs,
    name: "my-ext",
    state: "Ready",
    events: ["INVOKE", "SHUTDOWN"],
    errorType: undefined,
  },
  telemetrySubscription: {
    type: "platform.telemetrySubscription",
    timeMs,
    name: "my-ext",
    state: "Subscribed",
    types: ["platform", "function"],
  },
  logsSubscription: {
    type: "platform.logsSubscription",
    timeMs,
    name: "my-ext",
    state: "Subscribed",
    types: ["extension"],
  },
  logsDropped: {
    type: "platform.logsDropped",
    timeMs,
    reason: "slow",
    droppedRecords: 3,
    droppedBytes: 300,
  },
};
