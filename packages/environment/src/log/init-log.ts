import type { FunctionConfiguration } from "@lambdad/core";
import type { Extension } from "../extensions/extension.ts";
import type { InitPhase, InstanceFacts, Status } from "../platform-event.ts";
import type { InvocationLog } from "./invocation-log.ts";

/** How an initialisation ended. */
export interface InitOutcome {
  readonly status: Status;
  readonly errorType: string | undefined;
}

/** What an initialisation tells of its environment. */
export type InitFacts = InstanceFacts & { readonly initializationType: string };

/** Of the environment whose runtime has these variables. */
export function initFacts(
  variables: Readonly<Record<string, string>>,
  { name, version, memorySizeMb }: FunctionConfiguration,
): InitFacts {
  return {
    initializationType: variables["AWS_LAMBDA_INITIALIZATION_TYPE"] ?? "on-demand",
    functionName: name,
    functionVersion: version,
    instanceId: variables["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "",
    memorySizeMb,
  };
}

const success: InitOutcome = { status: "success", errorType: undefined };

/** Tells of one initialisation: its events, in AWS's order (spec telemetry-api §7). */
export class InitLog {
  readonly #log: InvocationLog;
  readonly #facts: InitFacts;
  readonly #phase: InitPhase;
  #isRuntimeDone = false;
  /** When the runtime asked to be restored: milliseconds since the epoch. */
  #restoredTimeMs: number | undefined;

  constructor(log: InvocationLog, facts: InitFacts, phase: InitPhase) {
    this.#log = log;
    this.#facts = facts;
    this.#phase = phase;
  }

  start(): void {
    const phase = this.#phase;
    this.#log.event({ type: "platform.initStart", timeMs: Date.now(), phase, ...this.#facts });
  }

  /** The runtime is ready, or will never be. Only the first call counts. */
  runtimeDone(outcome: InitOutcome = success): void {
    if (this.#isRuntimeDone) return;
    this.#isRuntimeDone = true;
    const { initializationType } = this.#facts;
    this.#log.event({
      type: "platform.initRuntimeDone",
      timeMs: Date.now(),
      initializationType,
      phase: this.#phase,
      ...outcome,
    });
  }

  /** The runtime, made for SnapStart, has asked to be restored. */
  restored(): void {
    this.runtimeDone();
    this.#restoredTimeMs = Date.now();
  }

  /** Everything is ready, or the initialisation has failed. */
  end(durationMs: number, extensions: readonly Extension[], outcome: InitOutcome = success): void {
    this.runtimeDone(outcome);
    const timeMs = Date.now();
    for (const { name, state, events, errorType } of extensions) {
      this.#log.event({ type: "platform.extension", timeMs, name, state, events, errorType });
    }
    const { initializationType } = this.#facts;
    const phase = this.#phase;
    this.#log.event({
      type: "platform.initReport",
      timeMs,
      initializationType,
      phase,
      durationMs,
      ...outcome,
    });
    this.#endRestore(timeMs, outcome);
  }

  #endRestore(timeMs: number, outcome: InitOutcome): void {
    const startTimeMs = this.#restoredTimeMs;
    if (startTimeMs === undefined) return;
    const durationMs = timeMs - startTimeMs;
    const { initializationType: _type, ...facts } = this.#facts;
    this.#log.event({ type: "platform.restoreStart", timeMs: startTimeMs, ...facts });
    this.#log.event({ type: "platform.restoreRuntimeDone", timeMs, ...outcome });
    this.#log.event({ type: "platform.restoreReport", timeMs, durationMs, ...outcome });
  }
}
