import type {
  InstanceFacts,
  PlatformEvent,
  ReportEvent,
  RuntimeDoneEvent,
} from "../platform-event.ts";
import type { TelemetrySchema } from "./event-schema.ts";
import { isoTime } from "./iso-time.ts";

/** All but `platform.fault`, which only the Logs API has. */
export type RecordedEvent = Exclude<PlatformEvent, { type: "platform.fault" }>;

interface Span {
  readonly name: "responseLatency" | "responseDuration" | "runtimeOverhead" | "extensionOverhead";
  /** ISO 8601. */
  readonly start: string;
  readonly durationMs: number;
}

/**
 * The member `record` of an event in the Telemetry API and in the JSON log; members that are
 * `undefined` are left out when it is written.
 *
 * Source: spec telemetry-api §5, §6.
 */
export function platformRecord(event: RecordedEvent, schema: TelemetrySchema): object {
  switch (event.type) {
    case "platform.initStart": {
      const { initializationType, phase } = event;
      return { initializationType, phase, ...instanceMembers(event, schema) };
    }
    case "platform.restoreStart":
      return instanceMembers(event, schema);
    case "platform.initRuntimeDone": {
      const { initializationType, phase, status, errorType } = event;
      return { initializationType, phase, status, errorType };
    }
    case "platform.initReport": {
      const { initializationType, phase, status, errorType } = event;
      const metrics = { durationMs: microseconds(event.durationMs) };
      return { initializationType, phase, status, errorType, metrics };
    }
    case "platform.restoreRuntimeDone":
      return { status: event.status, errorType: event.errorType };
    case "platform.restoreReport": {
      const metrics = { durationMs: microseconds(event.durationMs) };
      return { status: event.status, errorType: event.errorType, metrics };
    }
    case "platform.start": {
      const { requestId, version, tenantId } = event;
      return { requestId, version, tracing: tracing(event.trace), tenantId };
    }
    case "platform.runtimeDone":
      return runtimeDoneRecord(event);
    case "platform.report":
      return reportRecord(event);
    case "platform.extension": {
      const { name, state, events, errorType } = event;
      return { name, state, events, errorType };
    }
    case "platform.telemetrySubscription":
    case "platform.logsSubscription":
      return { name: event.name, state: event.state, types: event.types };
    case "platform.logsDropped":
      break;
  }
  const { reason, droppedRecords, droppedBytes } = event;
  return { reason, droppedRecords, droppedBytes };
}

/** The X-Ray header of a sampled trace, as events carry it. */
export function tracing(trace: string | undefined): object | undefined {
  return trace === undefined ? undefined : { type: "X-Amzn-Trace-Id", value: trace };
}

/** Strict consumers read these as unsigned integers (spec telemetry-api §11). */
export function reportMetrics(event: ReportEvent): object {
  return {
    durationMs: microseconds(event.durationMs),
    billedDurationMs: Math.ceil(event.billedDurationMs),
    memorySizeMB: Math.round(event.memorySizeMb),
    maxMemoryUsedMB: Math.round(event.maxMemoryUsedMb),
    initDurationMs:
      event.initDurationMs === undefined ? undefined : microseconds(event.initDurationMs),
  };
}

function instanceMembers(event: InstanceFacts, schema: TelemetrySchema): object {
  // The first version had no members about the function and its instance.
  if (schema === "2022-07-01") return {};
  return {
    functionName: event.functionName,
    functionVersion: event.functionVersion,
    instanceId: event.instanceId,
    instanceMaxMemory: event.memorySizeMb * 1024 * 1024,
  };
}

function runtimeDoneRecord(event: RuntimeDoneEvent): object {
  const { requestId, status, errorType, tenantId, producedBytes } = event;
  return {
    requestId,
    status,
    errorType,
    metrics: { durationMs: microseconds(event.durationMs), producedBytes },
    spans: responseSpans(event),
    tracing: tracing(event.trace),
    tenantId,
  };
}

function reportRecord(event: ReportEvent): object {
  const { requestId, status, errorType, tenantId } = event;
  return {
    requestId,
    status,
    errorType,
    metrics: reportMetrics(event),
    spans: extensionSpans(event),
    tracing: tracing(event.trace),
    tenantId,
  };
}

/** Where the time of the runtime went; without a response there is nothing to tell. */
function responseSpans(event: RuntimeDoneEvent): readonly Span[] | undefined {
  const { firstByteMs, lastByteMs, durationMs } = event;
  if (firstByteMs === undefined) return undefined;
  const startMs = event.timeMs - durationMs;
  const spans = [span("responseLatency", startMs, firstByteMs)];
  if (lastByteMs === undefined) return spans;
  spans.push(
    span("responseDuration", startMs + firstByteMs, lastByteMs - firstByteMs),
    span("runtimeOverhead", startMs + lastByteMs, durationMs - lastByteMs),
  );
  return spans;
}

function extensionSpans(event: ReportEvent): readonly Span[] | undefined {
  const { extensionOverheadMs, timeMs } = event;
  if (extensionOverheadMs === undefined) return undefined;
  return [span("extensionOverhead", timeMs - extensionOverheadMs, extensionOverheadMs)];
}

function span(name: Span["name"], startMs: number, durationMs: number): Span {
  return {
    name,
    start: isoTime(startMs),
    durationMs: microseconds(Math.max(0, durationMs)),
  };
}

/** Milliseconds as AWS's emulator writes them: to the microsecond. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
