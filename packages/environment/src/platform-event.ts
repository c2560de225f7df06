/**
 * What the platform has to say about an environment and its invocations. One union for all readers:
 * the log lines START, END and REPORT, the JSON log, the metrics, and the Telemetry API.
 *
 * Source: the event schema of the Telemetry API; spec telemetry-api §5, §6.
 */
export type PlatformEvent =
  | InitStartEvent
  | InitReportEvent
  | StartEvent
  | RuntimeDoneEvent
  | ReportEvent;

/** `init`: before an invocation; `invoke`: repeated inside one. */
export type InitPhase = "init" | "invoke";

export type Status = "success" | "failure" | "error" | "timeout";

export interface InitStartEvent {
  readonly type: "platform.initStart";
  readonly timeMs: number;
  readonly phase: InitPhase;
}

export interface InitReportEvent {
  readonly type: "platform.initReport";
  readonly timeMs: number;
  readonly phase: InitPhase;
  readonly status: Status;
  readonly durationMs: number;
  readonly errorType: string | undefined;
}

export interface StartEvent {
  readonly type: "platform.start";
  readonly timeMs: number;
  readonly requestId: string;
  readonly version: string;
  /** Time that the invocation waited for its environment, in milliseconds. */
  readonly queueMs: number;
}

export interface RuntimeDoneEvent {
  readonly type: "platform.runtimeDone";
  readonly timeMs: number;
  readonly requestId: string;
  readonly status: Status;
  readonly durationMs: number;
  readonly producedBytes: number;
  readonly errorType: string | undefined;
}

export interface ReportEvent {
  readonly type: "platform.report";
  readonly timeMs: number;
  readonly requestId: string;
  readonly status: Status;
  readonly errorType: string | undefined;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  /** Only in the report of the first invocation of an environment. */
  readonly initDurationMs: number | undefined;
}
