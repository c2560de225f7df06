import type { Invocation } from "@lambdad/core";
import type { EnvironmentObserver } from "./environment-observer.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import type { ExtensionsApi } from "./extensions/extensions-api.ts";
import type { InvocationLog } from "./log/invocation-log.ts";
import { type PlatformError, timedOutError } from "./platform-error.ts";
import { drainingError } from "./pool/pool-errors.ts";
import type { Ticket } from "./pool/ticket.ts";
import type { MemoryWatch } from "./process/memory-watch.ts";
import { ActiveInvocation } from "./runtime/active-invocation.ts";
import type { RuntimeApi } from "./runtime/runtime-api.ts";
import type { StartFailure } from "./start-failure.ts";

export interface RunningInvocationsParts {
  readonly options: EnvironmentOptions;
  /** Of the environment: it is the first part of every attempt's id. */
  readonly number: number;
  readonly api: RuntimeApi;
  readonly extensions: ExtensionsApi;
  readonly log: InvocationLog;
  readonly memory: MemoryWatch;
  readonly observer: EnvironmentObserver;
  /** The deadline has come: fails an initialisation that still goes on, maybe with its own error. */
  readonly expireInit: (limitMs: number) => PlatformError | undefined;
  /** The runtime has answered, and is expected back. */
  readonly onAnswered: (active: ActiveInvocation) => void;
  /** One is over, and its runtime and its extensions are back. */
  readonly onComplete: () => void;
  /** One has passed its deadline: its caller has been answered, and it is over. */
  readonly onExpired: () => void;
}

/** The invocations in one environment, each from its start to its report. */
export class RunningInvocations {
  readonly #parts: RunningInvocationsParts;
  /** The one that the environment was started for. */
  #bound: ActiveInvocation | undefined;
  /** Duration of the init, until the first report has told of it. */
  #initDurationMs: number | undefined;
  #attempts = 0;

  constructor(parts: RunningInvocationsParts) {
    this.#parts = parts;
  }

  /** Starts the clock of an invocation whose environment is started for it. */
  bind(ticket: Ticket): void {
    this.#bound = this.#begin(ticket);
    this.#parts.api.admit(this.#bound);
  }

  /** Gives it to the runtime, which waits for it after the init, when there is one. */
  releaseBound(): void {
    const bound = this.#bound;
    this.#bound = undefined;
    // It may have timed out while the environment was starting.
    if (bound !== undefined && this.#parts.api.has(bound.requestId)) this.#release(bound);
  }

  /** Runs one. There must be a free slot, and none of this id. */
  run(ticket: Ticket): void {
    this.#release(this.#begin(ticket));
  }

  /** Notes what the first report will tell, in milliseconds. */
  initialised(durationMs: number): void {
    this.#initDurationMs = durationMs;
  }

  #begin(ticket: Ticket): ActiveInvocation {
    const { options, number, log, memory, onAnswered } = this.#parts;
    const { version } = options.configuration;
    const now = performance.now();
    const timeoutMs = timeoutOf(options.configuration.timeoutMs, ticket.invocation, now);
    this.#attempts += 1;
    const active = new ActiveInvocation({
      ticket,
      attemptId: `${number}-${this.#attempts}`,
      deadlineEpochMs: Date.now() + timeoutMs,
      startedAtMs: now,
      deadlineMs: now + timeoutMs,
      executedVersion: version,
      onAnswered,
    });
    active.arm(timeoutMs, this.#onExpired);
    log.start(active, {
      type: "platform.start",
      timeMs: Date.now(),
      requestId: active.requestId,
      version,
      trace: active.trace,
      tenantId: ticket.invocation.tenantId,
      queueMs: now - ticket.arrivedAtMs,
    });
    memory.start();
    return active;
  }

  /** The extensions get the event first, then the runtime. */
  #release(active: ActiveInvocation): void {
    const { api, extensions } = this.#parts;
    const { requestId, deadlineEpochMs } = active;
    const { invokedFunctionArn, traceId } = active.ticket.invocation;
    extensions.invoke({ requestId, deadlineEpochMs, invokedFunctionArn, traceId });
    api.release(active);
  }

  /**
   * The runtime is back. What it wrote to its output before that was readable when this turn of the
   * event loop began to poll, so it has been read when the turn ends: the report comes after the last
   * line of the function.
   */
  runtimeDone(active: ActiveInvocation): void {
    setImmediate(() => {
      if (active.state === "over") return;
      this.#parts.log.runtimeDone(active);
      this.#complete(active);
    });
  }

  /** An extension is back: it may be the one that an invocation waited for. */
  extensionMoved(): void {
    for (const active of this.#parts.api.active) {
      if (active.runtimeDoneAtMs !== undefined) this.#complete(active);
    }
  }

  /** It is over when the runtime and all extensions that were told of it are back. */
  #complete(active: ActiveInvocation): void {
    if (this.#parts.extensions.unfinished !== undefined) return;
    this.#finish(active);
    this.#parts.onComplete();
  }

  #finish(active: ActiveInvocation): void {
    if (active.state === "over") return;
    const { options, api, extensions, log, memory } = this.#parts;
    const { timeoutMs, memorySizeMb } = options.configuration;
    memory.sample();
    log.report(active, {
      timeoutMs,
      memorySizeMb,
      maxMemoryUsedMb: memory.maxMb,
      initDurationMs: this.#initDurationMs,
      hasExtensions: extensions.all.length > 0,
    });
    this.#initDurationMs = undefined;
    active.finish();
    api.forget(active, active.status === "timeout");
  }

  readonly #onExpired = (active: ActiveInvocation): void => {
    const { observer, onExpired } = this.#parts;
    const { requestId } = active;
    const ms = Math.round(active.deadlineMs - active.startedAtMs);
    observer.fault({ level: "warn", event: "invoke.timeout", requestId, ms });
    active.fail(this.#expiryError(active), "timeout");
    this.#finish(active);
    onExpired();
  };

  #expiryError(active: ActiveInvocation): PlatformError {
    const { extensions, observer, expireInit } = this.#parts;
    const { runtimeDoneAtMs, requestId } = active;
    const timeoutMs = active.deadlineMs - active.startedAtMs;
    const initError = expireInit(timeoutMs);
    if (initError !== undefined) return initError;
    const slow = runtimeDoneAtMs === undefined ? undefined : extensions.unfinished;
    if (slow !== undefined) {
      observer.fault({ level: "warn", event: "ext.slow", name: slow.name, requestId });
    }
    return timedOutError(timeoutMs);
  }

  /** The environment could not start: those that it was started for fail with it. */
  failStart(failure: StartFailure): void {
    for (const active of this.#parts.api.active) {
      active.failStart(failure);
      this.#finish(active);
    }
  }

  /** A process has ended that they cannot go on without. */
  failAll(error: PlatformError): void {
    const { api, log } = this.#parts;
    const { errorType } = error;
    for (const active of api.active) {
      const { requestId } = active;
      active.fail(error, "error");
      const timeMs = Date.now();
      log.event({ type: "platform.fault", timeMs, requestId, status: "error", errorType });
      this.#finish(active);
    }
  }

  /** The environment is stopped: callers that wait get 503, and may try again. */
  abandonAll(): void {
    for (const active of this.#parts.api.active) {
      if (active.state !== "answered") active.abandon(drainingError());
      this.#finish(active);
    }
  }
}

/** The function's timeout, or the rest of the time that its caller waits, if that is shorter. */
function timeoutOf(timeoutMs: number, { expiresAtMs }: Invocation, nowMs: number): number {
  if (expiresAtMs === undefined) return timeoutMs;
  return Math.max(0, Math.min(timeoutMs, expiresAtMs - nowMs));
}
