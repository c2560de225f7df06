import { limits, type Payload } from "@lambdad/core";
import { Absence } from "./absence.ts";
import {
  type Collapse,
  extensionExitCollapse,
  launchCollapse,
  reportedCollapse,
  runtimeExitCollapse,
} from "./collapse.ts";
import type { EnvironmentEndReason, EnvironmentObserver } from "./environment-observer.ts";
import type { EnvironmentOwner, EnvironmentPlace, InitFailure } from "./environment-owner.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import {
  type EnvironmentState,
  type EnvironmentTransition,
  nextEnvironmentState,
} from "./environment-state.ts";
import { extensionsDisabled } from "./extensions/discover-extensions.ts";
import type { Extension } from "./extensions/extension.ts";
import { ExtensionsApi } from "./extensions/extensions-api.ts";
import type { EnvironmentApis } from "./http/environment-apis.ts";
import type { RuntimeApiListener } from "./http/runtime-api-listener.ts";
import { Initialization } from "./initialization.ts";
import { initFacts } from "./log/init-log.ts";
import { InvocationLog } from "./log/invocation-log.ts";
import { exitFacts, type ProcessExit } from "./platform-error.ts";
import { duplicateIdError } from "./pool/pool-errors.ts";
import type { Ticket } from "./pool/ticket.ts";
import { planLaunch } from "./process/launch-plan.ts";
import { MemoryWatch } from "./process/memory-watch.ts";
import { Sandbox } from "./process/sandbox.ts";
import { shutdownReasons } from "./process/shutdown.ts";
import { RunningInvocations } from "./running-invocations.ts";
import { RuntimeApi } from "./runtime/runtime-api.ts";
import { hostFailure, platformFailure, type StartFailure } from "./start-failure.ts";
import { Telemetry } from "./telemetry/telemetry.ts";

/**
 * One execution environment: the rules of its APIs, its processes, and the clock of its invocations.
 * It serves from its start to its end and is never reset: the pool starts a new one.
 */
export class Environment {
  readonly number: number;
  readonly listener: RuntimeApiListener;
  readonly #options: EnvironmentOptions;
  readonly #owner: EnvironmentOwner;
  readonly #observer: EnvironmentObserver;
  readonly #api: RuntimeApi;
  readonly #extensions: ExtensionsApi;
  readonly #telemetry: Telemetry;
  readonly #apis: EnvironmentApis;
  readonly #log: InvocationLog;
  readonly #sandbox: Sandbox;
  readonly #memory: MemoryWatch;
  readonly #invocations: RunningInvocations;
  readonly #init: Initialization;
  readonly #absence: Absence;
  readonly #extensionAbsence: Absence;
  #state: EnvironmentState = "starting";
  /** Takes nothing more, and ends when it is empty. */
  #retiring = false;

  constructor(
    { number, listener, owner, observer }: EnvironmentPlace,
    options: EnvironmentOptions,
  ) {
    const { configuration, concurrency, logFormat } = options;
    this.number = number;
    this.listener = listener;
    this.#options = options;
    this.#owner = owner;
    this.#observer = observer;
    this.#api = new RuntimeApi(concurrency, {
      runtimeReady: () => {
        this.#init.runtimeReady();
        this.#initDone();
      },
      restored: () => this.#init.restored(),
      initFailed: (errorType, payload) => this.#initError(errorType, payload),
      runtimeDone: (active) => this.#invocations.runtimeDone(active),
      slotFreed: () => this.#slotFreed(),
      pollerGone: () => this.#lookForAbsent(),
      rejected: (reason) => observer.rejected(reason),
    });
    this.#extensions = new ExtensionsApi(configuration, concurrency !== undefined, {
      moved: () => this.#extensionMoved(),
      lost: () => this.#lookForAbsent(),
      reportedError: (extension, call) => {
        this.#collapse(reportedCollapse(extension, call), extension);
      },
      rejected: (reason) => observer.rejected(reason),
    });
    this.#telemetry = new Telemetry({
      host: listener.sandboxHost,
      runtimeApiPort: () => listener.port,
      logFormat,
      onSubscribed: (event) => this.#log.event(event),
      onDropped: (name, records, bytes, reason) => {
        const isEnding = this.#isEnding;
        observer.telemetryDropped({ name, records, bytes, reason, isEnding });
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
      onExceeded: () => this.#sandbox.killForMemory(),
    });
    this.#init = new Initialization({
      extensions: this.#extensions,
      log: this.#log,
      limitMs: options.initTimeoutMs,
      hasRuntime: () => this.#sandbox.hasRuntime,
      observer,
      onTimeout: (failure) => this.#failInit(failure, "timeout"),
    });
    this.#invocations = this.#makeInvocations();
    this.#absence = new Absence(configuration.timeoutMs, () => this.#end("timeout"));
    this.#extensionAbsence = new Absence(limits.extensionAbsenceMs, () => this.#extensionLost());
  }

  #makeInvocations(): RunningInvocations {
    return new RunningInvocations({
      options: this.#options,
      number: this.number,
      api: this.#api,
      extensions: this.#extensions,
      log: this.#log,
      memory: this.#memory,
      observer: this.#observer,
      expireInit: (limitMs) => (this.isStarting ? this.#init.expire(limitMs) : undefined),
      onAnswered: (active) => {
        const serves = this.#options.concurrency === undefined && active.status === "success";
        if (serves) this.#owner.slotExpected(this);
      },
      onComplete: () => this.#completed(),
      onExpired: () => this.#expired(),
    });
  }

  #makeSandbox(): Sandbox {
    const { number, listener } = this;
    const options = { environment: this.#options, number, listener, apis: this.#apis };
    return new Sandbox(options, {
      functionLine: (line, timeMs) => this.#log.functionLine(line, timeMs),
      extensionLine: (line) => this.#log.extensionLine(line),
      cannotStart: (failure) => this.#failInit(failure, "error"),
      extensionLaunchFailed: (name, reason) => {
        const isDenied = /permission denied|EACCES/.test(reason);
        this.#extensions.launchFailed(name, isDenied ? "PermissionDenied" : "UnknownError");
        this.#collapse(launchCollapse(name, reason));
      },
      extensionExited: (name, exit) => this.#extensionExited(name, exit),
      runtimeExited: (exit) => this.#runtimeExited(exit),
      isAwaited: () => this.isStarting || [...this.#api.active].some(({ isOpen }) => isOpen),
      runtimeEnded: (exit) => this.#collapse(runtimeExitCollapse(exit, this.#memory)),
      gone: () => this.#gone(),
      fault: (fault) => this.#observer.fault(fault),
    });
  }

  /** How many invocations it would take now. */
  get freeSlots(): number {
    const takesMore = this.#state === "ready" && !this.#retiring && this.#sandbox.isWhole;
    return takesMore ? this.#api.freeSlots : 0;
  }

  /** How many of the waiting invocations it will take when it has started. */
  get startingSlots(): number {
    if (!this.isStarting) return 0;
    return Math.max(0, (this.#options.concurrency ?? 1) - this.#api.activeCount);
  }

  get isStarting(): boolean {
    return this.#state === "starting";
  }

  /** Whether no invocation is in it. */
  get isEmpty(): boolean {
    return this.#api.activeCount === 0;
  }

  /** Whether external extensions have been started in it. */
  get hasExternalExtensions(): boolean {
    return this.#sandbox.hasExternalExtensions;
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
    this.#init.bind();
    this.#invocations.bind(ticket);
  }

  /** Starts the extensions and the runtime. */
  start(): void {
    if (!this.isStarting) return;
    const plan = planLaunch(this.#options, this.listener.address);
    this.#init.start(initFacts(plan.variables, this.#options.configuration));
    this.#sandbox.start(plan);
    if (this.isStarting) this.#memory.start();
  }

  /** Runs an invocation. There must be a free slot. */
  run(ticket: Ticket): void {
    const { requestId } = ticket.invocation;
    if (!this.#api.has(requestId)) {
      this.#invocations.run(ticket);
      return;
    }
    ticket.fail(duplicateIdError(requestId));
    this.#slotFreed();
  }

  /** Ends it. What still runs in it is given up: its callers get 503 and may try again. */
  stop(reason: "idle" | "drain"): void {
    this.#invocations.abandonAll();
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

  #slotFreed(): void {
    // Its first call may have been lost while extensions were not ready.
    this.#initDone();
    this.#lookForAbsent();
    if (this.#state === "ready") this.#owner.slotFreed(this);
  }

  /** One that is idle, and in which somebody does not ask for work, would take a place and serve nobody. */
  #lookForAbsent(): void {
    const isIdle = this.#state === "ready" && this.isEmpty;
    if (isIdle && !this.#api.isPolled) this.#absence.begin();
    else this.#absence.end();
    if (isIdle && this.#extensions.absent !== undefined) this.#extensionAbsence.begin();
    else this.#extensionAbsence.end();
  }

  /** An invocation is over, and its runtime is back. */
  #completed(): void {
    if (this.isEmpty && (this.#retiring || this.#memory.nearlyExceeded)) this.#end("recycle");
    this.#slotFreed();
  }

  /** An invocation has passed its deadline. */
  #expired(): void {
    if (this.#options.concurrency === undefined || this.isStarting) return this.#end("timeout");
    // With several at once the others go on, and the runtime lives (spec runtime-api §18).
    if (this.#retiring && this.isEmpty) this.#end("recycle");
    this.#slotFreed();
  }

  /**
   * An extension has lost its call of `event/next` and has not made another one: the HTTP client of some
   * waits for minutes only, and nothing is frozen here. The next invocation would wait for it in vain.
   */
  #extensionLost(): void {
    const name = this.#extensions.absent?.name;
    if (!this.isEmpty) return;
    this.#observer.fault({ level: "warn", event: "ext.absent", name });
    this.#end("recycle");
  }

  /** An extension has registered, or is back in `event/next`. */
  #extensionMoved(): void {
    if (this.isStarting) {
      this.#sandbox.startRuntime();
      this.#initDone();
    } else if (this.#state === "ready") {
      this.#invocations.extensionMoved();
      this.#lookForAbsent();
    }
  }

  #initDone(): void {
    if (!this.isStarting || !this.#init.isComplete || !this.#api.isPolled) return;
    const durationMs = this.#init.end();
    if (this.#init.phase === "init") this.#invocations.initialised(durationMs);
    this.#memory.sample();
    this.#move("initDone");
    this.#telemetry.closeSubscription();
    this.#owner.started(this);
    this.#invocations.releaseBound();
    this.#slotFreed();
  }

  #initError(errorType: string, payload: Payload): void {
    this.#observer.fault({ level: "warn", event: "init.error", errorType });
    this.#failInit({ errorType, payload, text: "" }, "error");
  }

  /** Ends an environment that could not start; the pool decides who hears of it. */
  #failInit(failure: StartFailure, kind: InitFailure["kind"]): void {
    if (!this.isStarting) return;
    this.#init.end({ status: kind, errorType: failure.errorType });
    const answered = !this.isEmpty;
    this.#invocations.failStart(failure);
    this.#owner.initFailed(this, { kind, ...failure, answered, log: this.#log.initTail });
    this.#end("init", kind === "timeout" ? "timeout" : "failure");
  }

  #extensionExited(name: string, exit: ProcessExit): void {
    const extension = this.#extensions.named(name);
    if (this.#isEnding) extension?.apply(exit.code === 0 ? "exited" : "shutdownFailed");
    else this.#collapse(extensionExitCollapse(name, exit, this.#memory), extension);
  }

  #runtimeExited(exit: ProcessExit): void {
    if (this.#isEnding) return;
    const phase = this.isStarting ? "init" : this.isEmpty ? "idle" : "invoke";
    this.#observer.fault({ level: "warn", event: "runtime.exit", ...exitFacts(exit), phase });
  }

  #collapse({ fault, error, reason }: Collapse, culprit?: Extension): void {
    if (fault !== undefined) this.#observer.fault(fault);
    culprit?.failed(error.errorType);
    this.#failInit(platformFailure(error), "error");
    this.#invocations.failAll(error);
    this.#end(reason);
  }

  get #isEnding(): boolean {
    return this.#state === "ending" || this.#state === "gone";
  }

  #move(transition: EnvironmentTransition): boolean {
    const state = nextEnvironmentState(this.#state, transition);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }

  /** Takes no more invocations, and ends what is left of the processes. */
  #end(reason: EnvironmentEndReason, shutdownReason = shutdownReasons[reason]): void {
    const wasStarting = this.isStarting;
    if (!this.#move("end")) return;
    this.#init.stop();
    this.#absence.end();
    this.#extensionAbsence.end();
    this.#memory.stop();
    this.#telemetry.closeSubscription();
    this.#owner.leaving(this, wasStarting ? "init" : reason);
    this.#sandbox.end(shutdownReason);
  }

  #gone(): void {
    this.#move("processesGone");
    this.#telemetry.close();
    this.listener.detach(this.#apis);
    this.#owner.gone(this);
  }
}
