import type { LogFormat } from "../log/platform-log-line.ts";
import type { FaultEvent, PlatformEvent, Status } from "../platform-event.ts";
import { type EventSchema, isLogsSchema, type LogsSchema } from "./event-schema.ts";
import { isoTime } from "./iso-time.ts";
import { platformRecord, reportMetrics, tracing } from "./platform-record.ts";

/** An event as it goes to subscribers: JSON text in one line. */
export interface EncodedEvent {
  readonly json: string;
  /** Its length in UTF-8. */
  readonly bytes: number;
}

/** A line of output, newline included. */
export interface OutputLine {
  readonly type: "function" | "extension";
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly bytes: Buffer;
}

const none: readonly EncodedEvent[] = [];

/**
 * What a platform event is in a version of the Telemetry or Logs API: nothing, one event, or two.
 * Pure. Source: spec telemetry-api §5, §8.
 */
export function encodePlatformEvent(
  event: PlatformEvent,
  schema: EventSchema,
): readonly EncodedEvent[] {
  if (isLogsSchema(schema)) return encodeForLogsApi(event, schema);
  // One unknown event makes strict consumers refuse the whole batch (spec §11).
  if (event.type === "platform.fault" || event.type === "platform.logsSubscription") return none;
  return [envelope(event.timeMs, event.type, platformRecord(event, schema))];
}

/**
 * A line of output, newline included, as an event. Its record is the text; or, where the version
 * allows it and the log is JSON, the object that the line is.
 */
export function encodeLine(
  line: OutputLine,
  schema: EventSchema,
  logFormat: LogFormat,
): EncodedEvent {
  const text = line.bytes.toString("utf8");
  const mayBeObject = logFormat === "JSON" && schema !== "2022-07-01" && !isLogsSchema(schema);
  const record = (mayBeObject ? objectText(text) : undefined) ?? JSON.stringify(text);
  return encoded(`{"time":"${isoTime(line.timeMs)}","type":"${line.type}","record":${record}}`);
}

function encodeForLogsApi(event: PlatformEvent, schema: LogsSchema): readonly EncodedEvent[] {
  const { timeMs } = event;
  switch (event.type) {
    case "platform.start": {
      const { requestId, version } = event;
      return [envelope(timeMs, event.type, { requestId, version, tracing: tracing(event.trace) })];
    }
    case "platform.report": {
      const { requestId } = event;
      const metrics = reportMetrics(event);
      return [
        envelope(timeMs, "platform.end", { requestId }),
        envelope(timeMs, event.type, { requestId, metrics, tracing: tracing(event.trace) }),
      ];
    }
    case "platform.runtimeDone": {
      if (schema === "2020-08-15") return none;
      const { requestId } = event;
      return [envelope(timeMs, event.type, { requestId, status: logsStatus(event.status) })];
    }
    case "platform.fault":
      return [envelope(timeMs, event.type, faultText(event))];
    case "platform.restoreStart":
      return [envelope(timeMs, event.type, {})];
    case "platform.restoreRuntimeDone":
    case "platform.restoreReport":
    case "platform.extension":
    case "platform.logsSubscription":
    case "platform.logsDropped":
      return [envelope(timeMs, event.type, platformRecord(event, "2025-01-29"))];
    case "platform.initStart":
    case "platform.initRuntimeDone":
    case "platform.initReport":
    case "platform.telemetrySubscription":
      break;
  }
  return none;
}

/** The Logs API knows three: an error is a failure there. */
function logsStatus(status: Status): Exclude<Status, "error"> {
  return status === "error" ? "failure" : status;
}

function faultText(event: FaultEvent): string {
  return `RequestId: ${event.requestId} Status: ${event.status}\tErrorType: ${event.errorType}`;
}

function envelope(timeMs: number, type: string, record: object | string): EncodedEvent {
  return encoded(JSON.stringify({ time: isoTime(timeMs), type, record }));
}

function encoded(json: string): EncodedEvent {
  return { json, bytes: Buffer.byteLength(json) };
}

/** The text of a line that is a JSON object, without line ends; `undefined`: it is not. */
function objectText(line: string): string | undefined {
  const text = line.trim();
  if (!text.startsWith("{")) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // Outside of strings a line end is white space, inside it would not have parsed: and over TCP
  // events are divided by line ends.
  return text.replaceAll(/[\r\n]/g, " ");
}
