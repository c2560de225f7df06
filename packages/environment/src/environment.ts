import { limits, type Payload } from "@lambdad/core";
import { ActiveInvocation } from "./runtime/active-invocation.ts";
import { Absence } from "./absence.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import type { EnvironmentState } from "./environment-state.ts";
import type {
  EnvironmentEndReason,
  EnvironmentObserver,
  InitFailure,
} from "./environment-observer.ts";
import { InvocationLog } from "./log/invocation-log.ts";
import { type LaunchPlan, planLaunch } from "./process/launch-plan.ts";
import { MemoryWatch } from "./process/memory-watch.ts";
import {
  type PlatformError,
  type ProcessExit,
  runtimeExitError,
  timedOutError,
} from "./platform-error.ts";
import type { InitReportEvent } from "./platform-event.ts";
import { drainingError, duplicateIdError } from "./pool/pool-errors.ts";
import { RuntimeApi } from "./runtime/runtime-api.ts";
import type { RuntimeApiListener } from "./http/runtime-api-listener.ts";
import type { EnvironmentProcess } from "./process/environment-process.ts";
import { startRuntime } from "./process/start-runtime.ts";
import {
  hostFailure,
  initTimeoutFailure,
  platformFailure,
  spawnFailure,
  type StartFailure,
} from "./start-failure.ts";
import type { Ticket } from "./pool/ticket.ts";

/** How long the last output and answers of an ended process are waited for, in milliseconds. */
const lastWordsMs = 200;

/**
 * One execution environment: a runtime process, the rules of its Runtime API, and the clock of its
 * invocations. It serves from its start to its end and is never reset: the pool starts a new one.
 */
export class Environment {
  readonly number: number;
  readonly listener: RuntimeApiListener;
  readonly #options: EnvironmentOptions;
  readonly #observer: EnvironmentObserver;
  readonly #api: RuntimeApi;
  readonly #log: InvocationLog;
  readonly #absence: Absence;
  #state: EnvironmentState;
  #process: EnvironmentProcess | undefined;
  #memory: MemoryWatch | undefined;
  #initTimer: NodeJS.Timeout | undefined;
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
    this.number = identity.number;
    this.listener = identity.listener;
    this.#options = options;
    this.#observer = observer;
    this.#state = { kind: "starting", phase: "init", startedAtMs: performance.now() };
    this.#api = new RuntimeApi(options.concurrency, {
      initDone: () => this.#initDone(),
      initFailed: (errorType, payload) => this.#initError(errorType, payload),
      runtimeDone: (active) => this.#runtimeDone(active),
      slotFreed: () => this.#slotFreed(),
      pollerGone: () => this.#lookForRuntime(),
      rejected: (reason) => observer.rejected(reason),
    });
    this.#log = new InvocationLog(this.#api, observer, options);
    this.#absence = new Absence(options.configuration.timeoutMs, () => this.#end("timeout"));
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
    this.#api.hold(this.#begin(ticket));
  }

  /** Starts the runtime. */
  start(): void {
    if (this.#state.kind !== "starting") return;
    const { phase } = this.#state;
    this.#log.init({ type: "platform.initStart", timeMs: Date.now(), phase });
    const plan = planLaunch(this.#options, this.listener.address);
    if ("error" in plan) {
      this.#observer.fault({ level: "error", event: "spawn.error", detail: plan.error.text });
      this.#failInit(platformFailure(plan.error), "error");
      return;
    }
    this.listener.attach(this.#api);
    try {
      this.#spawn(plan);
    } catch (error) {
      this.#spawnFailed(error as NodeJS.ErrnoException, plan.executable);
      return;
    }
    if (phase === "init") {
      const { initTimeoutMs } = this.#options;
      this.#initTimer = setTimeout(() => {
        this.#observer.fault({ level: "warn", event: "init.timeout", phase });
        this.#failInit(initTimeoutFailure(initTimeoutMs), "timeout");
      }, initTimeoutMs);
    }
  }

  /** Runs an invocation. There must be a free slot. */
  run(ticket: Ticket): void {
    const { requestId } = ticket.invocation;
    if (this.#api.has(requestId)) {
      ticket.fail(duplicateIdError(requestId));
      this.#slotFreed();
      return;
    }
    this.#api.release(this.#begin(ticket));
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
    this.#process?.signal("SIGKILL");
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
      queueMs: now - ticket.arrivedAtMs,
    });
    this.#memory?.start();
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
      this.#finish(active);
      const isDone = this.#retiring || this.#memory?.nearlyExceeded === true;
      if (isDone && this.isEmpty) this.#end("recycle");
      this.#slotFreed();
    });
  }

  #finish(active: ActiveInvocation): void {
    if (active.state === "over") return;
    const { timeoutMs, memorySizeMb } = this.#options.configuration;
    this.#memory?.sample();
    this.#log.report(active, {
      timeoutMs,
      memorySizeMb,
      maxMemoryUsedMb: this.#memory?.maxMb ?? 0,
      initDurationMs: this.#initDurationMs,
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
    active.fail(timedOutError(timeoutMs), "timeout");
    this.#finish(active);
    if (this.#options.concurrency === undefined || this.#state.kind === "starting") {
      this.#end("timeout");
      return;
    }
    // With several at once the others go on, and the runtime lives (spec runtime-api §18).
    if (this.#retiring && this.isEmpty) this.#end("recycle");
    this.#slotFreed();
  };

  #initDone(): void {
    if (this.#state.kind !== "starting") return;
    const { phase, startedAtMs } = this.#state;
    clearTimeout(this.#initTimer);
    const durationMs = performance.now() - startedAtMs;
    if (phase === "init") this.#initDurationMs = durationMs;
    this.#memory?.sample();
    this.#state = { kind: "ready" };
    this.#reportInit({ phase, durationMs, status: "success", errorType: undefined });
    this.#observer.started(this);
  }

  #initError(errorType: string, payload: Payload): void {
    this.#observer.fault({ level: "warn", event: "init.error", errorType });
    this.#failInit({ errorType, payload, text: "" }, "error");
  }

  /** Ends an environment that could not start; the pool decides who hears of it. */
  #failInit(failure: StartFailure, kind: InitFailure["kind"]): void {
    if (this.#state.kind !== "starting") return;
    const { phase, startedAtMs } = this.#state;
    const durationMs = performance.now() - startedAtMs;
    this.#reportInit({ phase, durationMs, status: kind, errorType: failure.errorType });
    const answered = !this.isEmpty;
    for (const active of this.#api.active) {
      active.failStart(failure);
      this.#finish(active);
    }
    this.#observer.initFailed(this, { kind, ...failure, answered, log: this.#log.initTail });
    this.#end("init");
  }

  #reportInit(report: Omit<InitReportEvent, "type" | "timeMs">): void {
    this.#log.init({ type: "platform.initReport", timeMs: Date.now(), ...report });
  }

  /** @throws when the kernel refuses at once. */
  #spawn(plan: LaunchPlan): void {
    const environment = { ...this.#options, number: this.number, api: this.#api };
    this.#process = startRuntime(plan, environment, {
      onOutput: (chunk, source) => this.#log.output(chunk, source),
      onExit: (exit) => this.#exited(exit),
      onSpawnError: (error) => this.#spawnFailed(error, plan.executable),
    });
    if (this.#process.pid !== undefined) this.#watchMemory(this.#process.pid);
  }

  #watchMemory(pid: number): void {
    const { configuration, memoryEnforced } = this.#options;
    this.#memory = new MemoryWatch({
      pid,
      memorySizeMb: configuration.memorySizeMb,
      enforced: memoryEnforced,
      isWorking: () => !this.isEmpty || this.isStarting,
      onExceeded: () => this.kill(),
    });
    this.#memory.start();
  }

  #spawnFailed(error: NodeJS.ErrnoException, executable: string): void {
    this.#observer.fault({ level: "error", event: "spawn.error", code: error.code });
    this.#failInit(spawnFailure(executable, error), "error");
    this.#gone();
  }

  /**
   * The runtime's process has ended. What it sent before may still be on its way to us: the answer
   * of an invocation that was complete counts (RT-3), so its connections are read to their end first.
   */
  #exited(exit: ProcessExit): void {
    const state = this.#state;
    if (state.kind === "gone") return;
    // From this moment nothing more is given to it (RT-2).
    this.#retiring = true;
    if (state.kind !== "ending") {
      const status = exit.code ?? undefined;
      const signal = exit.signal ?? undefined;
      const phase = state.kind === "starting" ? "init" : this.isEmpty ? "idle" : "invoke";
      this.#observer.fault({ level: "warn", event: "runtime.exit", status, signal, phase });
    }
    this.listener.afterConnections(lastWordsMs, () => {
      this.#process?.afterOutput(lastWordsMs, () => this.#concludeExit(runtimeExitError(exit)));
    });
  }

  #concludeExit(error: PlatformError): void {
    const outOfMemory = this.#memory?.exceeded === true;
    if (outOfMemory) {
      this.#observer.fault({ level: "warn", event: "runtime.oom", maxMb: this.#memory?.maxMb });
    }
    this.#failInit(platformFailure(error), "error");
    for (const active of this.#api.active) {
      active.fail(error, "error");
      this.#finish(active);
    }
    this.#end(outOfMemory ? "oom" : "exit");
    this.#gone();
  }

  /** Takes no more invocations, and kills what is left of the processes. */
  #end(reason: EnvironmentEndReason): void {
    if (this.#state.kind === "ending" || this.#state.kind === "gone") return;
    const wasStarting = this.#state.kind === "starting";
    this.#state = { kind: "ending" };
    clearTimeout(this.#initTimer);
    this.#absence.end();
    this.#memory?.stop();
    this.#observer.leaving(this, wasStarting ? "init" : reason);
    this.#process?.signal("SIGKILL");
    if (this.#process === undefined) this.#gone();
    else if (!this.#process.exited) this.#awaitExit();
  }

  #awaitExit(): void {
    setTimeout(() => {
      if (this.#state.kind === "gone") return;
      this.#observer.fault({ level: "error", event: "runtime.stuck", pid: this.#process?.pid });
      this.#gone();
    }, limits.exitWaitMs).unref();
  }

  #gone(): void {
    if (this.#state.kind === "gone") return;
    this.#state = { kind: "gone" };
    const count = this.#process?.dispose() ?? 0;
    if (count > 0) this.#observer.fault({ level: "warn", event: "env.leftover", count });
    this.#log.end();
    this.listener.detach(this.#api);
    this.#observer.gone(this);
  }
}
