import type { Payload } from "@lambdad/core";
import { Absence } from "./absence.ts";
import type {
  EnvironmentEndReason,
  EnvironmentObserver,
  InitFailure,
} from "./environment-observer.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import type { EnvironmentState } from "./environment-state.ts";
import { extensionsDisabled } from "./extensions/discover-extensions.ts";
import type { Extension } from "./extensions/extension.ts";
import type { ShutdownReason } from "./extensions/extension-events.ts";
import { ExtensionsApi } from "./extensions/extensions-api.ts";
import type { EnvironmentApis } from "./http/environment-apis.ts";
import type { RuntimeApiListener } from "./http/runtime-api-listener.ts";
import { InitLog } from "./log/init-log.ts";
import { InvocationLog } from "./log/invocation-log.ts";
import {
  extensionCrashError,
  extensionLaunchError,
  extensionReportedError,
  lateExtensionError,
  type PlatformError,
  type ProcessExit,
  runtimeExitError,
  timedOutError,
} from "./platform-error.ts";
import { drainingError, duplicateIdError } from "./pool/pool-errors.ts";
import type { Ticket } from "./pool/ticket.ts";
import { type LaunchPlan, planLaunch } from "./process/launch-plan.ts";
import { MemoryWatch } from "./process/memory-watch.ts";
import { Sandbox } from "./process/sandbox.ts";
import { ActiveInvocation } from "./runtime/active-invocation.ts";
import { RuntimeApi } from "./runtime/runtime-api.ts";
import {
  hostFailure,
  initTimeoutFailure,
  platformFailure,
  type StartFailure,
} from "./start-failure.ts";
import { Telemetry } from "./telemetry/telemetry.ts";

/** What extensions are told of the end of their environment. */
const shutdownReasons: Readonly<Record<EnvironmentEndReason, ShutdownReason>> = {
  idle: "spindown",
  drain: "spindown",
  recycle: "spindown",
  timeout: "timeout",
  exit: "failure",
  oom: "failure",
  extension: "failure",
  init: "failure",
};

/**
 * One execution environment: the rules of its APIs, its processes, and the clock of its invocations.
 * It serves from its start to its end and is never reset: the pool starts a new one.
 */
export class Environment {
  readonly number: number;
  readonly listener: RuntimeApiListener;
  readonly #options: EnvironmentOptions;
  readonly #observer: EnvironmentObserver;
  readonly #api: RuntimeApi;
  readonly #extensions: ExtensionsApi;
  readonly #telemetry: Telemetry;
  readonly #apis: EnvironmentApis;
  readonly #log: InvocationLog;
  readonly #sandbox: Sandbox;
  readonly #memory: MemoryWatch;
  readonly #absence: Absence;
  #state: EnvironmentState;
  #init: InitLog | undefined;
  #initTimer: NodeJS.Timeout | undefined;
  /** The runtime waits for its first invocation, and maybe extensions are missing. */
  #isRuntimeReady = false;
  /** The invocation that the environment was started for. */
  #bound: ActiveInvocation | undefined;
  /** Duration of the init, until the first report has told of it. */
  #initDurationMs: number | undefined;
  #attempts = 0;
  /** Takes nothing more, and ends when it is empty. */
  #retiring = false;

  constructor(
    identity: { readonly number: number; readonly listener: RuntimeApiListener },
    options: EnvironmentOptions,
    observer: EnvironmentObserver,
  ) {
    const { number, listener } = identity;
    const { configuration, concurrency, logFormat } = options;
    this.number = number;
    this.listener = listener;
    this.#options = options;
    this.#observer = observer;
    this.#state = { kind: "starting", phase: "init", startedAtMs: performance.now() };
    this.#api = new RuntimeApi(concurrency, {
      runtimeReady: () => this.#runtimeReady(),
      restored: () => this.#restored(),
      initFailed: (errorType, payload) => this.#initError(errorType, payload),
      runtimeDone: (active) => this.#runtimeDone(active),
      slotFreed: () => this.#slotFreed(),
      pollerGone: () => this.#lookForRuntime(),
      rejected: (reason) => observer.rejected(reason),
    });
    this.#extensions = new ExtensionsApi(configuration, concurrency !== undefined, {
      moved: () => this.#extensionMoved(),
      reportedError: (extension, call) => this.#extensionReported(extension, call),
      rejected: (reason) => observer.rejected(reason),
    });
    this.#telemetry = new Telemetry({
      host: listener.sandboxHost,
      runtimeApiPort: () => listener.port,
      logFormat,
      onSubscribed: (event) => this.#log.event(event),
      onDropped: (name, records, bytes, reason) => {
        observer.telemetryDropped(records);
        observer.fault({
          level: "warn",
          event: "telemetry.dropped",
          name,
          records,
          bytes,
          detail: reason,
        });
      },
    });
    this.#apis = {
      runtime: this.#api,
      extensions: extensionsDisabled() ? undefined : this.#extensions,
      telemetry: this.#telemetry,
    };
    this.#log = new InvocationLog(this.#api, observer, { logFormat, telemetry: this.#telemetry });
    this.#sandbox = this.#makeSandbox();
    this.#memory = new MemoryWatch({
      pids: this.#sandbox.pids,
      memorySizeMb: configuration.memorySizeMb,
      enforced: options.memoryEnforced,
      isWorking: () => !this.isEmpty || this.isStarting,
      onExceeded: () => this.#sandbox.killRuntime(),
    });
    this.#absence = new Absence(configuration.timeoutMs, () => this.#end("timeout"));
  }

  #makeSandbox(): Sandbox {
    const { number, listener } = this;
    const options = { environment: this.#options, number, listener, apis: this.#apis };
    return new Sandbox(options, {
      functionLine: (line, timeMs) => this.#log.functionLine(line, timeMs),
      extensionLine: (line) => this.#log.extensionLine(line),
      cannotStart: (failure) => this.#failInit(failure, "error"),
      extensionLaunchFailed: (name, reason) => this.#extensionLaunchFailed(name, reason),
      extensionExited: (name, exit) => this.#extensionExited(name, exit),
      runtimeExited: (exit) => this.#runtimeExited(exit),
      isAwaited: () => [...this.#api.active].some((active) => active.isOpen),
      runtimeEnded: (exit) => this.#runtimeEnded(exit),
      gone: () => this.#gone(),
      fault: (fault) => this.#observer.fault(fault),
    });
  }

  /** How many invocations it would take now. */
  get freeSlots(): number {
    return this.#state.kind === "ready" && !this.#retiring ? this.#api.freeSlots : 0;
  }

  /** How many of the waiting invocations it will take when it has started. */
  get startingSlots(): number {
    if (this.#state.kind !== "starting") return 0;
    return Math.max(0, (this.#options.concurrency ?? 1) - this.#api.activeCount);
  }

  get isStarting(): boolean {
    return this.#state.kind === "starting";
  }

  /** Whether no invocation is in it. */
  get isEmpty(): boolean {
    return this.#api.activeCount === 0;
  }

  /** Request ids of the invocations in it. */
  get requestIds(): readonly string[] {
    return [...this.#api.active].map((active) => active.requestId);
  }

  /**
   * Before `start`: makes the initialisation a part of this invocation, and its time-out the limit. So
   * does AWS when an initialisation took too long, and after a crash or a time-out.
   */
  bind(ticket: Ticket): void {
    this.#state = { kind: "starting", phase: "invoke", startedAtMs: performance.now() };
    this.#bound = this.#begin(ticket);
    this.#api.admit(this.#bound);
  }

  /** Starts the extensions and the runtime. */
  start(): void {
    if (this.#state.kind !== "starting") return;
    const { phase } = this.#state;
    const plan = planLaunch(this.#options, this.listener.address);
    this.#init = this.#startInit(plan);
    this.#sandbox.start(plan);
    if (!this.isStarting) return;
    this.#memory.start();
    // Inside an invocation its own time-out is the limit.
    if (phase === "invoke") return;
    this.#initTimer = setTimeout(() => this.#onInitTimeout(), this.#options.initTimeoutMs);
  }

  #startInit({ variables }: LaunchPlan): InitLog {
    const { name, version, memorySizeMb } = this.#options.configuration;
    const phase = this.#state.kind === "starting" ? this.#state.phase : "init";
    const facts = {
      initializationType: variables["AWS_LAMBDA_INITIALIZATION_TYPE"] ?? "on-demand",
      functionName: name,
      functionVersion: version,
      instanceId: variables["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "",
      memorySizeMb,
    };
    const init = new InitLog(this.#log, facts, phase);
    init.start();
    return init;
  }

  /** Runs an invocation. There must be a free slot. */
  run(ticket: Ticket): void {
    const { requestId } = ticket.invocation;
    if (this.#api.has(requestId)) {
      ticket.fail(duplicateIdError(requestId));
      this.#slotFreed();
      return;
    }
    this.#release(this.#begin(ticket));
  }

  /** The extensions get the event first, then the runtime. */
  #release(active: ActiveInvocation): void {
    const { requestId, deadlineEpochMs } = active;
    const { invokedFunctionArn, traceId } = active.ticket.invocation;
    this.#extensions.invoke({ requestId, deadlineEpochMs, invokedFunctionArn, traceId });
    this.#api.release(active);
  }

  /** Ends it. What still runs in it is given up: its callers get 503 and may try again. */
  stop(reason: "idle" | "drain"): void {
    for (const active of this.#api.active) {
      if (active.state !== "answered") active.abandon(drainingError());
      this.#finish(active);
    }
    this.#end(reason);
  }

  /** Ends its processes now, and answers nobody. */
  kill(): void {
    this.#sandbox.kill();
  }

  /** Takes no more invocations, and ends when those in it are done. */
  retire(): void {
    this.#retiring = true;
    if (this.isEmpty) this.#end("recycle");
  }

  /** Its Runtime API could not be opened: there is nothing to start. */
  cannotStart(reason: unknown): void {
    const failure = hostFailure(reason);
    this.#observer.fault({ level: "error", event: "spawn.error", detail: failure.text });
    this.#failInit(failure, "error");
  }

  #begin(ticket: Ticket): ActiveInvocation {
    const { configuration } = this.#options;
    const now = performance.now();
    this.#attempts += 1;
    const active = new ActiveInvocation({
      ticket,
      attemptId: `${this.number}-${this.#attempts}`,
      deadlineEpochMs: Date.now() + configuration.timeoutMs,
      startedAtMs: now,
      deadlineMs: now + configuration.timeoutMs,
      executedVersion: configuration.version,
      onAnswered: this.#onAnswered,
    });
    active.arm(configuration.timeoutMs, this.#onExpired);
    this.#log.start(active, {
      type: "platform.start",
      timeMs: Date.now(),
      requestId: active.requestId,
      version: configuration.version,
      trace: active.trace,
      tenantId: ticket.invocation.tenantId,
      queueMs: now - ticket.arrivedAtMs,
    });
    this.#memory.start();
    return active;
  }

  readonly #onAnswered = (active: ActiveInvocation): void => {
    if (this.#options.concurrency === undefined && active.status === "success") {
      this.#observer.slotExpected(this);
    }
  };

  #slotFreed(): void {
    this.#lookForRuntime();
    if (this.#state.kind === "ready") this.#observer.slotFreed(this);
  }

  /** One that is idle and does not ask for work would take a place and serve nobody. */
  #lookForRuntime(): void {
    const isAway = this.#state.kind === "ready" && this.isEmpty && !this.#api.isPolled;
    if (isAway) this.#absence.begin();
    else this.#absence.end();
  }

  /**
   * The runtime is back. What it wrote to its output before that was readable when this turn of the
   * event loop began to poll, so it has been read when the turn ends: the report comes after the last
   * line of the function.
   */
  #runtimeDone(active: ActiveInvocation): void {
    setImmediate(() => {
      if (active.state === "over") return;
      this.#log.runtimeDone(active);
      this.#complete(active);
    });
  }

  /** The invocation is over when the runtime and all extensions that were told of it are back. */
  #complete(active: ActiveInvocation): void {
    if (this.#extensions.unfinished !== undefined) return;
    this.#finish(active);
    const isDone = this.#retiring || this.#memory.nearlyExceeded;
    if (isDone && this.isEmpty) this.#end("recycle");
    this.#slotFreed();
  }

  #finish(active: ActiveInvocation): void {
    if (active.state === "over") return;
    const { timeoutMs, memorySizeMb } = this.#options.configuration;
    this.#memory.sample();
    this.#log.report(active, {
      timeoutMs,
      memorySizeMb,
      maxMemoryUsedMb: this.#memory.maxMb,
      initDurationMs: this.#initDurationMs,
      hasExtensions: this.#extensions.all.length > 0,
    });
    this.#initDurationMs = undefined;
    active.finish();
    this.#api.forget(active, active.status === "timeout");
  }

  /** The deadline of an invocation has come. */
  readonly #onExpired = (active: ActiveInvocation): void => {
    const { timeoutMs } = this.#options.configuration;
    const { requestId } = active;
    this.#observer.fault({ level: "warn", event: "invoke.timeout", requestId, ms: timeoutMs });
    active.fail(this.#expiryError(active), "timeout");
    this.#finish(active);
    if (this.#options.concurrency === undefined || this.#state.kind === "starting") {
      this.#end("timeout");
      return;
    }
    // With several at once the others go on, and the runtime lives (spec runtime-api §18).
    if (this.#retiring && this.isEmpty) this.#end("recycle");
    this.#slotFreed();
  };

  #expiryError(active: ActiveInvocation): PlatformError {
    const error = timedOutError(this.#options.configuration.timeoutMs);
    const late = this.#lateExtension;
    if (this.#state.kind === "starting" && late !== undefined) {
      return lateExtensionError(error.text, late);
    }
    const slow = this.#extensions.unfinished;
    if (slow !== undefined && active.runtimeDoneAtMs !== undefined) {
      const { name } = slow;
      this.#observer.fault({ level: "warn", event: "ext.slow", name, requestId: active.requestId });
    }
    return error;
  }

  /** The extension that the initialisation waits for, when it does not wait for the runtime. */
  get #lateExtension(): Extension | undefined {
    if (!this.#sandbox.hasRuntime) return this.#extensions.unregistered;
    return this.#isRuntimeReady ? this.#extensions.unready : undefined;
  }

  #onInitTimeout(): void {
    const late = this.#lateExtension;
    this.#observer.fault({ level: "warn", event: "init.timeout", phase: "init" });
    if (late !== undefined) {
      this.#observer.fault({ level: "warn", event: "ext.register_timeout", name: late.name });
    }
    this.#failInit(initTimeoutFailure(this.#options.initTimeoutMs, late), "timeout");
  }

  #runtimeReady(): void {
    this.#isRuntimeReady = true;
    this.#extensions.closeRegistration();
    this.#init?.runtimeDone();
    this.#initDone();
  }

  #restored(): void {
    this.#extensions.closeRegistration();
    this.#init?.restored();
  }

  /** One has registered, or is back in `event/next`. */
  #extensionMoved(): void {
    if (this.#state.kind === "starting") {
      this.#sandbox.startRuntime();
      this.#initDone();
    } else if (this.#state.kind === "ready") {
      for (const active of this.#api.active) {
        if (active.runtimeDoneAtMs !== undefined) this.#complete(active);
      }
    }
  }

  /** The initialisation is over when the runtime and every extension wait in their `next`. */
  #initDone(): void {
    if (this.#state.kind !== "starting" || !this.#isRuntimeReady) return;
    if (this.#extensions.unready !== undefined) return;
    const { phase, startedAtMs } = this.#state;
    clearTimeout(this.#initTimer);
    const durationMs = performance.now() - startedAtMs;
    if (phase === "init") this.#initDurationMs = durationMs;
    this.#memory.sample();
    this.#state = { kind: "ready" };
    this.#init?.end(durationMs, this.#extensions.all);
    this.#telemetry.closeSubscription();
    this.#observer.started(this);
    const bound = this.#bound;
    this.#bound = undefined;
    // It may have timed out while the environment was starting.
    if (bound !== undefined && this.#api.has(bound.requestId)) this.#release(bound);
    else this.#slotFreed();
  }

  #initError(errorType: string, payload: Payload): void {
    this.#observer.fault({ level: "warn", event: "init.error", errorType });
    this.#failInit({ errorType, payload, text: "" }, "error");
  }

  /** Ends an environment that could not start; the pool decides who hears of it. */
  #failInit(failure: StartFailure, kind: InitFailure["kind"]): void {
    if (this.#state.kind !== "starting") return;
    const durationMs = performance.now() - this.#state.startedAtMs;
    const { errorType } = failure;
    this.#init?.end(durationMs, this.#extensions.all, { status: kind, errorType });
    const answered = !this.isEmpty;
    for (const active of this.#api.active) {
      active.failStart(failure);
      this.#finish(active);
    }
    this.#observer.initFailed(this, { kind, ...failure, answered, log: this.#log.initTail });
    this.#end("init", kind === "timeout" ? "timeout" : "failure");
  }

  #extensionLaunchFailed(name: string, reason: string): void {
    const extension = this.#extensions.named(name);
    this.#observer.fault({ level: "error", event: "ext.launch_error", name, detail: reason });
    extension?.apply("launchFailed");
    this.#collapse(extensionLaunchError(reason), "extension", extension);
  }

  #extensionReported(extension: Extension, call: "initError" | "exitError"): void {
    const { name, errorType } = extension;
    const error = extensionReportedError(call, name, errorType);
    this.#observer.fault({ level: "warn", event: "ext.error", name, errorType });
    this.#collapse(error, "extension", extension);
  }

  /** An extension must not end before its environment does, not even with status 0 (EX-2). */
  #extensionExited(name: string, exit: ProcessExit): void {
    const extension = this.#extensions.named(name);
    if (this.#state.kind === "ending" || this.#state.kind === "gone") {
      extension?.apply(exit.code === 0 ? "exited" : "shutdownFailed");
      return;
    }
    const status = exit.code ?? undefined;
    const signal = exit.signal ?? undefined;
    this.#observer.fault({ level: "warn", event: "ext.exit", name, status, signal });
    this.#collapse(extensionCrashError(exit), "extension", extension);
  }

  #runtimeExited(exit: ProcessExit): void {
    const state = this.#state;
    // From this moment nothing more is given to it (RT-2).
    this.#retiring = true;
    if (state.kind === "ending" || state.kind === "gone") return;
    const status = exit.code ?? undefined;
    const signal = exit.signal ?? undefined;
    const phase = state.kind === "starting" ? "init" : this.isEmpty ? "idle" : "invoke";
    this.#observer.fault({ level: "warn", event: "runtime.exit", status, signal, phase });
  }

  #runtimeEnded(exit: ProcessExit): void {
    const { exceeded, maxMb } = this.#memory;
    if (exceeded) this.#observer.fault({ level: "warn", event: "runtime.oom", maxMb });
    this.#collapse(runtimeExitError(exit), exceeded ? "oom" : "exit");
  }

  /** A process that the environment cannot do without has ended: all that runs in it fails. */
  #collapse(error: PlatformError, reason: EnvironmentEndReason, culprit?: Extension): void {
    const { errorType } = error;
    culprit?.failed(errorType);
    this.#failInit(platformFailure(error), "error");
    for (const active of this.#api.active) {
      const { requestId } = active;
      active.fail(error, "error");
      const timeMs = Date.now();
      this.#log.event({ type: "platform.fault", timeMs, requestId, status: "error", errorType });
      this.#finish(active);
    }
    this.#end(reason);
  }

  /** Takes no more invocations, and ends what is left of the processes. */
  #end(
    reason: EnvironmentEndReason,
    shutdownReason: ShutdownReason = shutdownReasons[reason],
  ): void {
    if (this.#state.kind === "ending" || this.#state.kind === "gone") return;
    const wasStarting = this.#state.kind === "starting";
    this.#state = { kind: "ending" };
    clearTimeout(this.#initTimer);
    this.#absence.end();
    this.#memory.stop();
    this.#telemetry.closeSubscription();
    this.#observer.leaving(this, wasStarting ? "init" : reason);
    this.#sandbox.end(shutdownReason);
  }

  #gone(): void {
    this.#state = { kind: "gone" };
    this.#telemetry.close();
    this.listener.detach(this.#apis);
    this.#observer.gone(this);
  }
}
