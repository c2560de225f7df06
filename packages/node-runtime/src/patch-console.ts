import { asError, errorBody, errorLogText } from "./error-body.ts";
import {
  jsonLogLine,
  type LogEvent,
  type LogFormat,
  type LogLevel,
  logLevels,
  singleLine,
  telemetryFrame,
  textLogLine,
} from "./log-format.ts";
import type { ScopedInvocation } from "./invocation-scope.ts";
import { writeAll } from "./output.ts";

export interface ConsoleOptions {
  readonly format: LogFormat;
  /** Less urgent events are dropped. */
  readonly levelMin: LogLevel;
  /** Descriptor that takes frames; `undefined`: lines on standard output. */
  readonly telemetryFd: number | undefined;
  /** The invocation that runs where `console.log` was called. */
  readonly invocation: () => ScopedInvocation | undefined;
}

/** Logs what failed, as AWS's runtime does on its own account. Never throws. */
export type LogError = (title: string, error: unknown) => void;

/** Reads and takes away the variables of AWS's logging contract. */
export function consoleOptionsOf(
  env: Record<string, string | undefined>,
): Omit<ConsoleOptions, "invocation"> {
  const level = env["AWS_LAMBDA_LOG_LEVEL"]?.toUpperCase() ?? "";
  const fd = Number(env["_LAMBDA_TELEMETRY_LOG_FD"] ?? "");
  delete env["_LAMBDA_TELEMETRY_LOG_FD"];
  return {
    format: env["AWS_LAMBDA_LOG_FORMAT"]?.toUpperCase() === "JSON" ? "JSON" : "Text",
    levelMin: Object.hasOwn(logLevels, level) ? (level as LogLevel) : "TRACE",
    telemetryFd: Number.isInteger(fd) && fd > 0 ? fd : undefined,
  };
}

const levelOf = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
} as const;

/** Makes `console` write AWS's log events, synchronously. `console.fatal` is new. */
export function patchConsole(options: ConsoleOptions): LogError {
  const methods: Record<string, (...args: readonly unknown[]) => void> = {};
  for (const [name, level] of Object.entries(levelOf)) {
    const wanted = logLevels[level].priority >= logLevels[options.levelMin].priority;
    methods[name] = wanted ? (...args) => writeEvent(options, level, args) : () => undefined;
  }
  Object.assign(globalThis.console, methods);
  return (title, error) => {
    if (options.format === "Text") {
      methods["error"]?.(title, errorLogText(error));
      return;
    }
    const known = asError(error);
    try {
      methods["error"]?.(known);
    } catch {
      // A member that cannot be looked at. Whoever logs a failure has to answer for it, too.
      methods["error"]?.(new Error(errorBody(known).errorMessage));
    }
  };
}

function writeEvent(options: ConsoleOptions, level: LogLevel, args: readonly unknown[]): void {
  const invocation = options.invocation();
  const event: LogEvent = {
    timeMs: Date.now(),
    level,
    requestId: invocation?.requestId,
    tenantId: invocation?.tenantId,
    args,
  };
  const text = options.format === "JSON" ? jsonLogLine(event) : textLogLine(event);
  invocation?.logged?.(text);
  if (options.telemetryFd === undefined) {
    writeAll(1, Buffer.from(`${singleLine(text)}\n`));
  } else {
    const record = options.format === "JSON" ? text : `${text}\n`;
    writeAll(options.telemetryFd, telemetryFrame(event, record, options.format));
  }
}
