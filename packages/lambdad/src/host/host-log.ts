import type { Logger } from "pino";
import type { LogConfiguration } from "../configuration/daemon-configuration.ts";
import type { LineWriter } from "./line-writer.ts";
import { redactText, redactValue } from "./redact.ts";
import { RefusalLimit } from "./refusal-limit.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts that go with a log line. Payloads, variables and client contexts never do (spec §12.7). */
export type LogDetail = Readonly<Record<string, string | number | undefined>>;

/** Lines that are kept until the logger is loaded. */
const earlyLinesMax = 1_000;

/**
 * The host's own log: one line per event, as JSON (`USE_STRUCTURED_LOGGING`) or as text. The logger is
 * loaded by `open`, after the ports are open; what was said before is kept until then.
 */
export class HostLog {
  readonly #configuration: LogConfiguration;
  readonly #writer: LineWriter;
  readonly #refusals = new RefusalLimit();
  #logger: Logger | undefined;
  #early: (() => void)[] = [];

  constructor(configuration: LogConfiguration, writer: LineWriter) {
    this.#configuration = configuration;
    this.#writer = writer;
  }

  /** Loads the logger and writes what has been said so far. */
  async open(): Promise<void> {
    const { pino, stdTimeFunctions } = await import("pino");
    if (this.#logger !== undefined) return;
    const { level, structured } = this.#configuration;
    const writer = this.#writer;
    this.#logger = pino(
      {
        level,
        base: null,
        messageKey: "detail",
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line) => writer.write(structured ? escapeControls(line) : textLine(line)) },
    );
    for (const entry of this.#early.splice(0)) entry();
  }

  /** `event` is a stable name of spec reliability; `message` is for people. */
  write(level: LogLevel, event: string, message: string, detail: LogDetail = {}): void {
    const logger = this.#logger;
    if (logger === undefined) {
      if (this.#early.length >= earlyLinesMax) return;
      this.#early.push(() => this.write(level, event, message, detail));
      return;
    }
    const facts: Record<string, string | number> = { event };
    for (const [name, value] of Object.entries(detail)) {
      if (value !== undefined) facts[name] = redactValue(name, value);
    }
    logger[level](facts, redactText(message));
  }

  /** The same for what callers can cause as often as they like: at most ten lines a second. */
  refuse(event: string, message: string, detail: LogDetail = {}): void {
    const admitted = this.#refusals.admit(event, performance.now());
    if (admitted === undefined) return;
    const suppressed = admitted.suppressed === 0 ? undefined : admitted.suppressed;
    this.write("info", event, message, { ...detail, suppressed });
  }
}

/** `2026-11-21T12:00:00.000Z WARN the message key=value …` from a line of JSON. */
function textLine(json: string): string {
  const { level, time, event, detail, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const pairs = Object.entries(rest).map(([name, value]) => ` ${name}=${quoted(String(value))}`);
  const text = oneLine(String(detail === "" || detail === undefined ? event : detail));
  return `${String(time)} ${String(level).toUpperCase()} ${text}${pairs.join("")}\n`;
}

function quoted(value: string): string {
  return /^[\x21-\x7e]+$/.test(value) ? value : escapeControls(JSON.stringify(value));
}

/** A value from outside must not start a line of its own, nor speak to a terminal. */
function oneLine(text: string): string {
  return escapeControls(text.replaceAll(/[\r\n]+/g, " "));
}

/** Characters that terminals and viewers obey, but for the line feed at the end: as JSON writes them. */
function escapeControls(text: string): string {
  return text.replaceAll(
    // eslint-disable-next-line no-control-regex -- They are what this is about.
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
