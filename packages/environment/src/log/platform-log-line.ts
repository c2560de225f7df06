import type { PlatformEvent, ReportEvent, SubscriptionEvent } from "../platform-event.ts";
import { isoTime } from "../telemetry/iso-time.ts";
import { platformRecord } from "../telemetry/platform-record.ts";

export type LogFormat = "Text" | "JSON";

/** `SystemLogLevel` of the levels that platform events have. */
type SystemLogLevel = "DEBUG" | "INFO" | "WARN";

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
    case "platform.initReport": {
      const duration = `INIT_REPORT Init Duration: ${event.durationMs.toFixed(2)} ms`;
      if (event.status !== "success") {
        return `${duration}\tPhase: ${event.phase}${failurePart(event)}\n`;
      }
      // On demand, AWS writes it only when the initialisation failed: REPORT has the duration.
      return event.initializationType === "on-demand" ? undefined : `${duration}\n`;
    }
    case "platform.restoreReport":
      return `RESTORE_REPORT Restore Duration: ${event.durationMs.toFixed(2)} ms${failurePart(event)}\n`;
    case "platform.extension": {
      const { name, state, events, errorType } = event;
      return `EXTENSION\tName: ${oneLine(name)}\tState: ${state}\tEvents: [${events.join(", ")}]${errorTypePart(errorType)}\n`;
    }
    case "platform.telemetrySubscription":
      return `TELEMETRY\t${subscriptionPart(event)}\n`;
    case "platform.logsSubscription":
      return `LOGS\t${subscriptionPart(event)}\n`;
    // INIT_START and RESTORE_START tell the version of a managed runtime, which nothing here has.
    case "platform.initStart":
    case "platform.restoreStart":
    case "platform.initRuntimeDone":
    case "platform.restoreRuntimeDone":
    case "platform.runtimeDone":
    // In the style of today the Status of REPORT says what an own line said.
    case "platform.fault":
    case "platform.logsDropped":
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

function failurePart(event: {
  readonly status: string;
  readonly errorType: string | undefined;
}): string {
  if (event.status === "success") return "";
  return `\tStatus: ${event.status}${errorTypePart(event.errorType)}`;
}

function errorTypePart(errorType: string | undefined): string {
  return errorType === undefined ? "" : `\tError Type: ${oneLine(errorType)}`;
}

/** In this line, and only here, AWS capitalises the types. */
function subscriptionPart(event: SubscriptionEvent): string {
  const types = event.types.map((type) => type.slice(0, 1).toUpperCase() + type.slice(1));
  return `Name: ${oneLine(event.name)}\tState: ${event.state}\tTypes: [${types.join(", ")}]`;
}

/**
 * A function names its own errors, and a file name may have a line end too: neither must begin a line
 * of ours (RT-21).
 */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through
  return text.replaceAll(/[\x00-\x1f\x7f]/g, " ");
}

function jsonLine(event: PlatformEvent): string | undefined {
  if (event.type === "platform.fault" || systemLogLevel(event) === "DEBUG") return undefined;
  const time = isoTime(event.timeMs);
  const record = platformRecord(event, "2025-01-29");
  return `${JSON.stringify({ time, type: event.type, record })}\n`;
}

/** The level of an event in the JSON log: spec telemetry-api §10. */
function systemLogLevel(event: PlatformEvent): SystemLogLevel {
  switch (event.type) {
    case "platform.initStart":
    case "platform.restoreStart":
      // INFO would be for those that tell the version of a managed runtime.
      return "DEBUG";
    case "platform.initRuntimeDone":
    case "platform.restoreRuntimeDone":
    case "platform.runtimeDone":
      return event.status === "success" ? "DEBUG" : "WARN";
    case "platform.initReport":
      if (event.status !== "success") return "WARN";
      return event.initializationType === "on-demand" ? "DEBUG" : "INFO";
    case "platform.restoreReport":
    case "platform.report":
      return event.status === "success" ? "INFO" : "WARN";
    case "platform.start":
    case "platform.telemetrySubscription":
    case "platform.logsSubscription":
      return "INFO";
    case "platform.extension":
      return event.errorType === undefined ? "INFO" : "WARN";
    case "platform.logsDropped":
    case "platform.fault":
      break;
  }
  return "WARN";
}
