import type { PlatformEvent, ReportEvent } from "../platform-event.ts";

export type LogFormat = "Text" | "JSON";

/**
 * The log line of a platform event, newline included; `undefined` for events that are not logged.
 * Text and JSON: spec telemetry-api §9 and §10 (with the default system log level INFO).
 */
export function renderPlatformLine(event: PlatformEvent, format: LogFormat): string | undefined {
  return format === "JSON" ? jsonLine(event) : textLine(event);
}

function textLine(event: PlatformEvent): string | undefined {
  switch (event.type) {
    case "platform.start":
      return `START RequestId: ${event.requestId} Version: ${event.version}\n`;
    case "platform.report":
      return `END RequestId: ${event.requestId}\n${reportLine(event)}`;
    case "platform.initReport":
      // AWS writes it only when the initialisation failed.
      if (event.status === "success") return undefined;
      return `INIT_REPORT Init Duration: ${event.durationMs.toFixed(2)} ms\tPhase: ${event.phase}\tStatus: ${event.status}${errorTypePart(event.errorType)}\n`;
    case "platform.initStart":
    case "platform.runtimeDone":
      break;
  }
  return undefined;
}

function reportLine(event: ReportEvent): string {
  const init =
    event.initDurationMs === undefined
      ? ""
      : `Init Duration: ${event.initDurationMs.toFixed(2)} ms\t`;
  const status = event.status === "success" ? "" : `Status: ${event.status}`;
  return (
    `REPORT RequestId: ${event.requestId}\t` +
    `Duration: ${event.durationMs.toFixed(2)} ms\t` +
    `Billed Duration: ${event.billedDurationMs} ms\t` +
    `Memory Size: ${event.memorySizeMb} MB\t` +
    `Max Memory Used: ${event.maxMemoryUsedMb} MB\t` +
    `${init}${status}${status === "" ? "" : errorTypePart(event.errorType)}\n`
  );
}

function errorTypePart(errorType: string | undefined): string {
  if (errorType === undefined) return "";
  // A function names its own errors: a line end in a name must not begin a line of ours (RT-21).
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through
  return `\tError Type: ${errorType.replaceAll(/[\x00-\x1f\x7f]/g, " ")}`;
}

function jsonLine(event: PlatformEvent): string | undefined {
  const record = jsonRecord(event);
  if (record === undefined) return undefined;
  const time = new Date(event.timeMs).toISOString();
  return `${JSON.stringify({ time, type: event.type, record })}\n`;
}

/** The record of an event that passes the level INFO: failures are WARN, the rest of an init DEBUG. */
function jsonRecord(event: PlatformEvent): object | undefined {
  switch (event.type) {
    case "platform.start":
      return { requestId: event.requestId, version: event.version };
    case "platform.report":
      return {
        requestId: event.requestId,
        metrics: {
          durationMs: rounded(event.durationMs),
          billedDurationMs: event.billedDurationMs,
          memorySizeMB: event.memorySizeMb,
          maxMemoryUsedMB: event.maxMemoryUsedMb,
          initDurationMs:
            event.initDurationMs === undefined ? undefined : rounded(event.initDurationMs),
        },
        status: event.status,
        errorType: event.errorType,
      };
    case "platform.runtimeDone":
      if (event.status === "success") return undefined;
      return {
        requestId: event.requestId,
        status: event.status,
        errorType: event.errorType,
        metrics: {
          durationMs: rounded(event.durationMs),
          producedBytes: event.producedBytes,
        },
      };
    case "platform.initReport":
      if (event.status === "success") return undefined;
      return {
        initializationType: "on-demand",
        phase: event.phase,
        status: event.status,
        errorType: event.errorType,
        metrics: { durationMs: rounded(event.durationMs) },
      };
    case "platform.initStart":
      break;
  }
  return undefined;
}

/** Microseconds, as AWS's emulator writes them. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
