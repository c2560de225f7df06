export { EnvironmentPool } from "./pool/environment-pool.ts";
export type { EnvironmentPoolOptions, PoolCounts, PoolObserver } from "./pool/pool-options.ts";
export type { EnvironmentOptions } from "./environment-options.ts";
export type { EnvironmentEndReason, Fault, TelemetryDrop } from "./environment-observer.ts";
export type {
  InitPhase,
  InitReportEvent,
  InitStartEvent,
  PlatformEvent,
  ReportEvent,
  RuntimeDoneEvent,
  StartEvent,
  Status,
} from "./platform-event.ts";
export { type LogFormat, renderPlatformLine } from "./log/platform-log-line.ts";
export type { RejectReason } from "./reject-reason.ts";
export { resolveExecutable, type RuntimeCommand } from "./process/runtime-command.ts";
