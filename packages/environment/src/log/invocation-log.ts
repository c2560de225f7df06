import type { ActiveInvocation } from "../runtime/active-invocation.ts";
import type { EnvironmentObserver } from "../environment-observer.ts";
import { LogTail } from "./log-tail.ts";
import type { PlatformEvent, StartEvent } from "../platform-event.ts";
import { type LogFormat, renderPlatformLine } from "./platform-log-line.ts";
import type { RuntimeApi } from "../runtime/runtime-api.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** What an environment knows at the end of an invocation, beside the invocation itself. */
export interface ReportFacts {
  readonly timeoutMs: number;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  readonly initDurationMs: number | undefined;
  /** Whether there are extensions, whose time after the runtime is told. */
  readonly hasExtensions: boolean;
}

/**
 * The log of one environment: the lines of the function and of its extensions, and the platform's
 * events. Each goes to the observer, to the subscribers of telemetry, and into the tail of the
 * invocation that it belongs to.
 */
export class InvocationLog {
  readonly #api: RuntimeApi;
  readonly #observer: EnvironmentObserver;
  readonly #telemetry: Telemetry;
  readonly #format: LogFormat;
  /** What was written before the first invocation: it precedes START in that one's tail. */
  #initTail: LogTail | undefined = new LogTail();

  constructor(
    api: RuntimeApi,
    observer: EnvironmentObserver,
    options: { readonly logFormat: LogFormat; readonly telemetry: Telemetry },
  ) {
    this.#api = api;
    this.#observer = observer;
    this.#format = options.logFormat;
    this.#telemetry = options.telemetry;
  }

  /** The last of what was written while there was no invocation yet. */
  get initTail(): Uint8Array {
    return this.#initTail?.bytes() ?? new Uint8Array(0);
  }

  /** A line or a text of the function, newline included, and when it was written. */
  functionLine(line: Buffer, timeMs: number): void {
    const active = this.#api.activeCount > 1 ? this.#mentioned(line) : this.#api.soleActive;
    this.#telemetry.line("function", timeMs, line);
    if (active === undefined) this.#initTail?.push(line);
    else active.tail?.push(line);
    this.#observer.output(line, active?.requestId);
  }

  /** A line of an extension, newline included. It is in no tail: that is the function's log (AWS). */
  extensionLine(line: Buffer): void {
    this.#telemetry.line("extension", Date.now(), line);
    this.#observer.output(line, undefined);
  }

  /** An invocation begins. */
  start(active: ActiveInvocation, event: StartEvent): void {
    const earlier = this.#initTail?.bytes();
    if (earlier !== undefined && earlier.length > 0) active.tail?.push(earlier);
    this.#initTail = undefined;
    this.#emit(event, active);
  }

  /** Something that belongs to no invocation, unless it happens inside the only one. */
  event(event: PlatformEvent): void {
    this.#emit(event, this.#api.soleActive);
  }

  /** The runtime has answered and is back, or has failed. Told once for each invocation. */
  runtimeDone(active: ActiveInvocation): void {
    if (active.runtimeDoneAtMs !== undefined) return;
    active.runtimeDone();
    // One that the runtime never got has no such event.
    if (active.releasedAtMs === undefined) return;
    const { requestId, status, startedAtMs, trace, firstByteAtMs, lastByteAtMs } = active;
    this.#emit(
      {
        type: "platform.runtimeDone",
        timeMs: Date.now(),
        requestId,
        status,
        errorType: status === "timeout" ? undefined : active.errorType,
        trace,
        tenantId: active.ticket.invocation.tenantId,
        durationMs: performance.now() - startedAtMs,
        producedBytes: active.producedBytes,
        firstByteMs: firstByteAtMs === undefined ? undefined : firstByteAtMs - startedAtMs,
        lastByteMs: lastByteAtMs === undefined ? undefined : lastByteAtMs - startedAtMs,
      },
      active,
    );
  }

  /** An invocation ends. */
  report(active: ActiveInvocation, facts: ReportFacts): void {
    this.runtimeDone(active);
    const { timeoutMs, memorySizeMb, maxMemoryUsedMb, initDurationMs } = facts;
    const now = performance.now();
    const elapsedMs = now - active.startedAtMs;
    const { requestId, status, trace } = active;
    const timedOut = status === "timeout";
    // AWS caps the report of a time-out at the configured limit, and not runtimeDone.
    const durationMs = timedOut ? Math.min(elapsedMs, timeoutMs) : elapsedMs;
    this.#emit(
      {
        type: "platform.report",
        timeMs: Date.now(),
        requestId,
        status,
        errorType: timedOut ? undefined : active.errorType,
        trace,
        tenantId: active.ticket.invocation.tenantId,
        durationMs,
        // Initialisation is billed since August 2025 (spec telemetry-api §6).
        billedDurationMs: Math.ceil(durationMs + (initDurationMs ?? 0)),
        memorySizeMb,
        maxMemoryUsedMb,
        initDurationMs,
        extensionOverheadMs: facts.hasExtensions
          ? now - (active.runtimeDoneAtMs ?? now)
          : undefined,
      },
      active,
    );
  }

  #emit(event: PlatformEvent, active: ActiveInvocation | undefined): void {
    this.#observer.platformEvent(event);
    this.#telemetry.platformEvent(event);
    if (active?.tail === undefined) return;
    const line = renderPlatformLine(event, this.#format);
    if (line !== undefined) active.tail.push(Buffer.from(line));
  }

  /** With several invocations at once a line belongs to the one whose id it carries (JSON logs do). */
  #mentioned(line: Buffer): ActiveInvocation | undefined {
    for (const active of this.#api.active) {
      if (line.includes(active.requestId)) return active;
    }
    return undefined;
  }
}
