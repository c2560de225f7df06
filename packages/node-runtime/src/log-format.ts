import { util } from "./builtins.ts";

/** Levels of AWS's logging contract: the priority, and the bits of a telemetry frame's type. */
export const logLevels = {
  TRACE: { priority: 1, frameBits: 0x04 },
  DEBUG: { priority: 2, frameBits: 0x08 },
  INFO: { priority: 3, frameBits: 0x0c },
  WARN: { priority: 4, frameBits: 0x10 },
  ERROR: { priority: 5, frameBits: 0x14 },
  FATAL: { priority: 6, frameBits: 0x18 },
} as const;

export type LogLevel = keyof typeof logLevels;

export type LogFormat = "Text" | "JSON";

/** One event of the log: what was logged, when, and for which invocation. */
export interface LogEvent {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly requestId: string | undefined;
  readonly tenantId: string | undefined;
  /** The arguments of `console.log` and its kin. */
  readonly args: readonly unknown[];
}

/** `<ISO time>\t<request id or undefined>\t<LEVEL>\t<text>`, without a line end. */
export function textLogLine(event: LogEvent): string {
  // AWS's runtime takes the first argument apart from the others: without any it logs "undefined".
  const [first, ...rest] = event.args;
  const time = new Date(event.timeMs).toISOString();
  return `${time}\t${event.requestId}\t${event.level}\t${util.format(first, ...rest)}`;
}

/** `{"timestamp","level","requestId","tenantId"?,"message",…}`, without a line end. */
export function jsonLogLine(event: LogEvent): string {
  const members: Record<string, unknown> = {
    timestamp: new Date(event.timeMs).toISOString(),
    level: event.level,
    requestId: event.requestId,
  };
  if (event.tenantId !== undefined) members["tenantId"] = event.tenantId;
  const { args } = event;
  if (args.length === 1) {
    try {
      return JSON.stringify({ ...members, message: args[0] }, errorMembers);
    } catch {
      return JSON.stringify({ ...members, message: util.format(args[0]) });
    }
  }
  // AWS's runtime logs no message at all for `console.log()`.
  if (args.length > 0) members["message"] = util.format(...args);
  const error = args.find((value) => value instanceof Error);
  if (error !== undefined) {
    members["errorType"] = error.constructor.name;
    members["errorMessage"] = error.message;
    members["stackTrace"] = typeof error.stack === "string" ? error.stack.split("\n") : [];
  }
  return JSON.stringify(members);
}

function errorMembers(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { stack } = value;
  const members = {
    errorType: value.constructor.name,
    errorMessage: value.message,
    stackTrace: typeof stack === "string" ? stack.split("\n") : stack,
  };
  return Object.assign(members, value);
}

/** One event is one line on plain standard output: line ends inside become carriage returns, as on AWS. */
export function singleLine(text: string): string {
  return text.includes("\n") ? text.replaceAll("\n", "\r") : text;
}

const frameHeadBytes = 16;
const textFrame = 0xa55a0003;
const jsonFrame = 0xa55a0002;

/** One frame for the descriptor `_LAMBDA_TELEMETRY_LOG_FD`: type, length, microseconds, text. */
export function telemetryFrame(event: LogEvent, text: string, logFormat: LogFormat): Buffer {
  const textBytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(frameHeadBytes + textBytes);
  const base = logFormat === "JSON" ? jsonFrame : textFrame;
  frame.writeUInt32BE((base | logLevels[event.level].frameBits) >>> 0, 0);
  frame.writeUInt32BE(textBytes, 4);
  frame.writeBigUInt64BE(BigInt(event.timeMs) * 1000n, 8);
  frame.write(text, frameHeadBytes);
  return frame;
}
