/**
 * What the platform has to say about an environment and its invocations. One union for all readers:
 * the log lines START, END and REPORT, the JSON log, the metrics, and the Telemetry and Logs APIs.
 *
 * Source: the event schema of the Telemetry API; spec telemetry-api §5, §6.
 */
export type PlatformEvent =
  | InitStartEvent
  | InitRuntimeDoneEvent
  | InitReportEvent
  | RestoreStartEvent
  | RestoreRuntimeDoneEvent
  | RestoreReportEvent
  | StartEvent
  | RuntimeDoneEvent
  | ReportEvent
  | FaultEvent
  | ExtensionEvent
  | SubscriptionEvent
  | LogsDroppedEvent;

/** `init`: before an invocation; `invoke`: repeated inside one. */
export type InitPhase = "init" | "invoke";

export type Status = "success" | "failure" | "error" | "timeout";

/** What an environment is; told when its initialisation or its restore begins. */
export interface InstanceFacts {
  readonly functionName: string;
  readonly functionVersion: string;
  /** The name of its log stream. */
  readonly instanceId: string;
  readonly memorySizeMb: number;
}

export interface InitStartEvent extends InstanceFacts {
  readonly type: "platform.initStart";
  readonly initializationType: string;
  /** Of this and all events: milliseconds since the epoch. */
  readonly timeMs: number;
  readonly phase: InitPhase;
}

/** The runtime has asked for its first invocation, or will never. */
export interface InitRuntimeDoneEvent {
  readonly type: "platform.initRuntimeDone";
  readonly timeMs: number;
  readonly initializationType: string;
  readonly phase: InitPhase;
  readonly status: Status;
  readonly errorType: string | undefined;
}

/** The runtime and all extensions are ready, or the initialisation has failed. */
export interface InitReportEvent {
  readonly type: "platform.initReport";
  readonly timeMs: number;
  readonly initializationType: string;
  readonly phase: InitPhase;
  readonly status: Status;
  readonly durationMs: number;
  readonly errorType: string | undefined;
}

/** A runtime made for SnapStart has asked to be restored. */
export interface RestoreStartEvent extends InstanceFacts {
  readonly type: "platform.restoreStart";
  readonly timeMs: number;
}

export interface RestoreRuntimeDoneEvent {
  readonly type: "platform.restoreRuntimeDone";
  readonly timeMs: number;
  readonly status: Status;
  readonly errorType: string | undefined;
}

export interface RestoreReportEvent {
  readonly type: "platform.restoreReport";
  readonly timeMs: number;
  readonly status: Status;
  readonly durationMs: number;
  readonly errorType: string | undefined;
}

export interface StartEvent {
  readonly type: "platform.start";
  readonly timeMs: number;
  readonly requestId: string;
  readonly version: string;
  /** The trace header, when the trace is sampled. */
  readonly trace: string | undefined;
  readonly tenantId: string | undefined;
  /** Time that the invocation waited for its environment, in milliseconds. */
  readonly queueMs: number;
}

/** The runtime has answered and is back in `/next`, or has failed. */
export interface RuntimeDoneEvent {
  readonly type: "platform.runtimeDone";
  readonly timeMs: number;
  readonly requestId: string;
  readonly status: Status;
  readonly errorType: string | undefined;
  readonly trace: string | undefined;
  readonly tenantId: string | undefined;
  readonly durationMs: number;
  readonly producedBytes: number;
  /** First and last byte of the response, in milliseconds after the start; `undefined`: none came. */
  readonly firstByteMs: number | undefined;
  readonly lastByteMs: number | undefined;
}

/** The invocation is complete, extensions included. */
export interface ReportEvent {
  readonly type: "platform.report";
  readonly timeMs: number;
  readonly requestId: string;
  readonly status: Status;
  readonly errorType: string | undefined;
  readonly trace: string | undefined;
  readonly tenantId: string | undefined;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  /** Only in the report of the first invocation of an environment. */
  readonly initDurationMs: number | undefined;
  /** How long the extensions took after the runtime; `undefined`: there are none. */
  readonly extensionOverheadMs: number | undefined;
}

/** A process has ended an invocation by its end. Only the Logs API has this event. */
export interface FaultEvent {
  readonly type: "platform.fault";
  readonly timeMs: number;
  readonly requestId: string;
  readonly status: Status;
  readonly errorType: string;
}

/** What became of an extension at the end of the initialisation. */
export interface ExtensionEvent {
  readonly type: "platform.extension";
  readonly timeMs: number;
  readonly name: string;
  /** `Ready`, or the state in which it failed. */
  readonly state: string;
  readonly events: readonly string[];
  readonly errorType: string | undefined;
}

/** An extension has subscribed; of the Logs API the event is called `platform.logsSubscription`. */
export interface SubscriptionEvent {
  readonly type: "platform.telemetrySubscription" | "platform.logsSubscription";
  readonly timeMs: number;
  readonly name: string;
  readonly state: "Subscribed" | "Already subscribed";
  readonly types: readonly string[];
}

/** A subscriber did not get everything. It is told to that subscriber only, and to the log. */
export interface LogsDroppedEvent {
  readonly type: "platform.logsDropped";
  readonly timeMs: number;
  readonly reason: string;
  readonly droppedRecords: number;
  readonly droppedBytes: number;
}
