import type { EnvironmentObserver } from "./environment-observer.ts";
import type { Extension } from "./extensions/extension.ts";
import type { ExtensionsApi } from "./extensions/extensions-api.ts";
import { InitLog, type InitOutcome, type InitFacts } from "./log/init-log.ts";
import type { InvocationLog } from "./log/invocation-log.ts";
import { lateExtensionError, type PlatformError, timedOutError } from "./platform-error.ts";
import type { InitPhase } from "./platform-event.ts";
import { initTimeoutFailure, type StartFailure } from "./start-failure.ts";

export interface InitializationOptions {
  readonly extensions: ExtensionsApi;
  readonly log: InvocationLog;
  /** Limit of an initialisation before an invocation, in milliseconds. */
  readonly limitMs: number;
  /** Whether the runtime has been started, and not only the extensions. */
  readonly hasRuntime: () => boolean;
  readonly observer: EnvironmentObserver;
  readonly onTimeout: (failure: StartFailure) => void;
}

/**
 * The initialisation of an environment: its barriers, its clock and its events. It is over when the
 * runtime and every extension wait in their `next` (spec extensions-api §6).
 */
export class Initialization {
  readonly #options: InitializationOptions;
  #phase: InitPhase = "init";
  #startedAtMs = performance.now();
  #events: InitLog | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRuntimeReady = false;

  constructor(options: InitializationOptions) {
    this.#options = options;
  }

  get phase(): InitPhase {
    return this.#phase;
  }

  /** Before `start`: it is a part of an invocation, whose time-out is its limit. */
  bind(): void {
    this.#phase = "invoke";
  }

  start(facts: InitFacts): void {
    const { log, limitMs } = this.#options;
    this.#startedAtMs = performance.now();
    this.#events = new InitLog(log, facts, this.#phase);
    this.#events.start();
    if (this.#phase === "init") this.#timer = setTimeout(() => this.#timedOut(), limitMs);
  }

  /** The runtime has asked for its first invocation: nobody can register any more. */
  runtimeReady(): void {
    this.#isRuntimeReady = true;
    this.#options.extensions.closeRegistration();
    this.#events?.runtimeDone();
  }

  /** The runtime has asked to be restored: the same, before its first invocation. */
  restored(): void {
    this.#options.extensions.closeRegistration();
    this.#events?.restored();
  }

  /** Whether all have done what it waits for. */
  get isComplete(): boolean {
    return this.#isRuntimeReady && this.#options.extensions.unready === undefined;
  }

  #timedOut(): void {
    const { limitMs, onTimeout } = this.#options;
    onTimeout(initTimeoutFailure(limitMs, this.#tellWhoIsLate()));
  }

  /**
   * The invocation that it is a part of has come to its deadline.
   *
   * @returns the error of the extension that it waited for, if it was one (EX-1).
   */
  expire(limitMs: number): PlatformError | undefined {
    const late = this.#tellWhoIsLate();
    const error = timedOutError(limitMs);
    const extensionError = late === undefined ? undefined : lateExtensionError(error.text, late);
    this.end({ status: "timeout", errorType: (extensionError ?? error).errorType });
    return extensionError;
  }

  /** The extension that it waits for, when it does not wait for the runtime. */
  #tellWhoIsLate(): Extension | undefined {
    const { extensions, hasRuntime, observer } = this.#options;
    observer.fault({ level: "warn", event: "init.timeout", phase: this.#phase });
    const waitsForExtension = this.#isRuntimeReady ? extensions.unready : undefined;
    const late = hasRuntime() ? waitsForExtension : extensions.unregistered;
    if (late !== undefined) {
      observer.fault({ level: "warn", event: "ext.register_timeout", name: late.name });
    }
    return late;
  }

  /** Stops its clock. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** It is over, well or not: tells of it. Returns its duration in milliseconds. */
  end(outcome?: InitOutcome): number {
    this.stop();
    const durationMs = performance.now() - this.#startedAtMs;
    this.#events?.end(durationMs, this.#options.extensions.all, outcome);
    return durationMs;
  }
}
