import type { ActiveInvocation } from "../runtime/active-invocation.ts";
import type { EnvironmentObserver } from "../environment-observer.ts";
import { LineSplitter } from "./line-splitter.ts";
import { LogTail } from "./log-tail.ts";
import type { InitReportEvent, PlatformEvent, StartEvent } from "../platform-event.ts";
import { type LogFormat, renderPlatformLine } from "./platform-log-line.ts";
import type { RuntimeApi } from "../runtime/runtime-api.ts";

/** What an environment knows at the end of an invocation, beside the invocation itself. */
export interface ReportFacts {
  readonly timeoutMs: number;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  readonly initDurationMs: number | undefined;
}

/**
 * The log of one environment: the function's output by lines, and the platform's events, each passed
 * on and kept for the invocations that asked for their tail.
 */
export class InvocationLog {
  readonly #api: RuntimeApi;
  readonly #observer: EnvironmentObserver;
  readonly #format: LogFormat;
  readonly #splitters: Readonly<Record<"stdout" | "stderr", LineSplitter>>;
  /** What was written before the first invocation: it precedes START in that one's tail. */
  #initTail: LogTail | undefined = new LogTail();

  constructor(
    api: RuntimeApi,
    observer: EnvironmentObserver,
    options: { readonly logFormat: LogFormat; readonly logLineBytesMax: number },
  ) {
    this.#api = api;
    this.#observer = observer;
    this.#format = options.logFormat;
    const splitter = (): LineSplitter =>
      new LineSplitter((line) => this.#line(line), options.logLineBytesMax);
    this.#splitters = { stdout: splitter(), stderr: splitter() };
  }

  /** Bytes of overlong lines that were not passed on. */
  get droppedBytes(): number {
    return this.#splitters.stdout.droppedBytes + this.#splitters.stderr.droppedBytes;
  }

  /** The last of what was written while there was no invocation yet. */
  get initTail(): Uint8Array {
    return this.#initTail?.bytes() ?? new Uint8Array(0);
  }

  /** Takes what the function's process wrote. */
  output(chunk: Buffer, source: "stdout" | "stderr"): void {
    this.#splitters[source].push(chunk);
  }

  /** An invocation begins. */
  start(active: ActiveInvocation, event: StartEvent): void {
    const earlier = this.#initTail?.bytes();
    if (earlier !== undefined && earlier.length > 0) active.tail?.push(earlier);
    this.#initTail = undefined;
    this.#emit(event, active);
  }

  /** An initialisation begins or ends, maybe inside an invocation. */
  init(event: (PlatformEvent & { type: "platform.initStart" }) | InitReportEvent): void {
    this.#emit(event, this.#api.soleActive);
  }

  /** An invocation ends: its last two events. */
  report(active: ActiveInvocation, facts: ReportFacts): void {
    const { timeoutMs, memorySizeMb, maxMemoryUsedMb, initDurationMs } = facts;
    const elapsedMs = performance.now() - active.startedAtMs;
    const timedOut = active.status === "timeout";
    // AWS caps the report of a time-out at the configured limit, and not runtimeDone.
    const durationMs = timedOut ? Math.min(elapsedMs, timeoutMs) : elapsedMs;
    const timeMs = Date.now();
    const { requestId, status, producedBytes } = active;
    const errorType = timedOut ? undefined : active.errorType;
    this.#emit(
      {
        type: "platform.runtimeDone",
        timeMs,
        requestId,
        status,
        errorType,
        durationMs: elapsedMs,
        producedBytes,
      },
      active,
    );
    this.#emit(
      {
        type: "platform.report",
        timeMs,
        requestId,
        status,
        errorType,
        durationMs,
        // Initialisation is billed since August 2025 (spec telemetry-api §6).
        billedDurationMs: Math.ceil(durationMs + (initDurationMs ?? 0)),
        memorySizeMb,
        maxMemoryUsedMb,
        initDurationMs,
      },
      active,
    );
  }

  /** No more output will come. */
  end(): void {
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
  }

  #emit(event: PlatformEvent, active: ActiveInvocation | undefined): void {
    this.#observer.platformEvent(event);
    if (active?.tail === undefined) return;
    const line = renderPlatformLine(event, this.#format);
    if (line !== undefined) active.tail.push(Buffer.from(line));
  }

  #line(line: Buffer): void {
    const active = this.#api.activeCount > 1 ? this.#mentioned(line) : this.#api.soleActive;
    if (active === undefined) this.#initTail?.push(line);
    else active.tail?.push(line);
    this.#observer.output(line, active?.requestId);
  }

  /** With several invocations at once a line belongs to the one whose id it carries (JSON logs do). */
  #mentioned(line: Buffer): ActiveInvocation | undefined {
    for (const active of this.#api.active) {
      if (line.includes(active.requestId)) return active;
    }
    return undefined;
  }
}
