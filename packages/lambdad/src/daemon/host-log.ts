import type { Logger } from "pino";
import type { LogConfiguration } from "../configuration/daemon-configuration.ts";
import type { LineWriter } from "./line-writer.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts that go with a log line. Payloads, variables and client contexts never do (spec §12.7). */
export type LogDetail = Readonly<Record<string, string | number | undefined>>;

/** Values of these names are never written, wherever they come from (spec reliability §12.7). */
const secretPaths: readonly string[] = [
  "authorization",
  "cookie",
  "password",
  "passwd",
  "secret",
  "token",
  "credential",
  "apiKey",
  "*.authorization",
  "*.password",
  "*.secret",
  "*.token",
];

/**
 * The host's own log: one line per event, as JSON (`USE_STRUCTURED_LOGGING`) or as text. The logger is
 * loaded by `open`, after the ports are open; what was said before is kept until then.
 */
export class HostLog {
  readonly #configuration: LogConfiguration;
  readonly #writer: LineWriter;
  #logger: Logger | undefined;
  #early: (() => void)[] = [];

  constructor(configuration: LogConfiguration, writer: LineWriter) {
    this.#configuration = configuration;
    this.#writer = writer;
  }

  /** Loads the logger and writes what has been said so far. */
  async open(): Promise<void> {
    const { pino, stdTimeFunctions } = await import("pino");
    const { level, structured } = this.#configuration;
    const writer = this.#writer;
    this.#logger = pino(
      {
        level,
        base: null,
        messageKey: "detail",
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: [...secretPaths], censor: "[redacted]" },
      },
      { write: (line) => writer.write(structured ? line : textLine(line)) },
    );
    for (const entry of this.#early.splice(0)) entry();
  }

  /** `event` is a stable name of spec reliability; `message` is for people. */
  write(level: LogLevel, event: string, message: string, detail: LogDetail = {}): void {
    const logger = this.#logger;
    if (logger === undefined) this.#early.push(() => this.write(level, event, message, detail));
    else logger[level]({ event, ...detail }, message);
  }
}

/** `2026-11-21T12:00:00.000Z WARN the message key=value …` from a line of JSON. */
function textLine(json: string): string {
  const { level, time, event, detail, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const pairs = Object.entries(rest).map(([name, value]) => ` ${name}=${quoted(String(value))}`);
  const text = detail === "" || detail === undefined ? event : detail;
  return `${String(time)} ${String(level).toUpperCase()} ${oneLine(String(text))}${pairs.join("")}\n`;
}

function quoted(value: string): string {
  return /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);
}

/** A value from outside must not start a line of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ");
}
