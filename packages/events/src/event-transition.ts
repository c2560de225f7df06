import type { EventError, EventProgress, FailureCondition, StoredEvent } from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";

/** How an attempt of an event ended. */
export type AttemptOutcome =
  | { readonly kind: "succeeded" }
  /** The function failed, timed out, crashed or answered too much. Counts as an attempt. */
  | { readonly kind: "function_fault"; readonly error: EventError }
  /** No environment took it. Not an attempt. */
  | { readonly kind: "throttled"; readonly error: EventError }
  /** The host could not run it. Not an attempt. */
  | { readonly kind: "host_fault"; readonly error: EventError }
  /** The host ended while the event was started; found when it started again. Not an attempt. */
  | { readonly kind: "crashed" }
  /** The host gave it back because it stops. Not an attempt. */
  | { readonly kind: "released" };

/** What becomes of a started event. */
export type EventTransition =
  | { readonly kind: "complete" }
  | { readonly kind: "schedule"; readonly dueAtMs: number; readonly progress: EventProgress }
  | {
      readonly kind: "fail";
      readonly condition: FailureCondition;
      readonly progress: EventProgress;
    };

/** What a transition depends on besides the event. */
export interface TransitionTime {
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** Progress of an event that was just accepted. */
export const noProgress: EventProgress = {
  functionFaults: 0,
  hostFaults: 0,
  crashes: 0,
  lastError: undefined,
};

/** The host ended with the event in hand (runtime-api §10: any other platform failure). */
const hostCrash: EventError = {
  errorType: "Sandbox.Failure",
  payload: undefined,
  executedVersion: undefined,
};

/** Number of the attempt that starts now: 1, 2 or 3. */
export function attemptOf({ progress }: StoredEvent): number {
  return progress.functionFaults + 1;
}

/**
 * Whether a claimed event may start. `concurrency` is the function's, `undefined` when there is no
 * such function now.
 *
 * @returns what becomes of it instead; `undefined`: it starts.
 */
export function refuseStart(
  event: StoredEvent,
  nowMs: number,
  concurrency: number | undefined,
): EventTransition | undefined {
  const { progress } = event;
  // AWS: no attempt at all with a reserved concurrency of 0 (invoke-api §11).
  if (concurrency === 0) return { kind: "fail", condition: "ZeroReservedConcurrency", progress };
  // A broker counts crashes by itself, so they are looked at here too (AS-6).
  if (progress.crashes >= eventLimits.crashesMax) return poisoned(progress);
  if (nowMs > event.expiresAtMs) return { kind: "fail", condition: "EventAgeExceeded", progress };
  if (concurrency === undefined) return { kind: "schedule", dueAtMs: nowMs, progress };
  return undefined;
}

/** What becomes of a started event when its attempt has ended (AS-2, AS-3, AS-6). */
export function transition(
  event: StoredEvent,
  outcome: AttemptOutcome,
  time: TransitionTime,
): EventTransition {
  const { progress } = event;
  switch (outcome.kind) {
    case "succeeded":
      return { kind: "complete" };
    case "released":
      return { kind: "schedule", dueAtMs: time.nowMs, progress };
    case "function_fault":
      return afterFunctionFault(event, outcome.error, time.nowMs);
    case "throttled":
    case "host_fault":
      return afterHostFault(event, { ...progress, lastError: outcome.error }, time);
    case "crashed":
      break;
  }
  const crashed = { ...progress, crashes: progress.crashes + 1, lastError: hostCrash };
  if (crashed.crashes >= eventLimits.crashesMax) return poisoned(crashed);
  return afterHostFault(event, crashed, time);
}

function afterFunctionFault(
  event: StoredEvent,
  lastError: EventError,
  nowMs: number,
): EventTransition {
  const functionFaults = event.progress.functionFaults + 1;
  // The function ran: the back-off starts anew.
  const progress = { ...event.progress, functionFaults, hostFaults: 0, lastError };
  const delayMs = eventLimits.retryDelaysMs[functionFaults - 1];
  if (functionFaults > event.retriesMax || delayMs === undefined) {
    return { kind: "fail", condition: "RetriesExhausted", progress };
  }
  return startAt(event, nowMs + delayMs, progress);
}

function afterHostFault(
  event: StoredEvent,
  soFar: EventProgress,
  { nowMs, random }: TransitionTime,
): EventTransition {
  const { backoffMsMin, backoffMsMax } = eventLimits;
  const boundMs = Math.min(backoffMsMax, backoffMsMin * 2 ** soFar.hostFaults);
  const delayMs = Math.max(backoffMsMin, Math.ceil(random() * boundMs));
  return startAt(event, nowMs + delayMs, { ...soFar, hostFaults: soFar.hostFaults + 1 });
}

/** AWS drops an event at once when its next start would be past its age limit (invoke-api §11). */
function startAt(event: StoredEvent, dueAtMs: number, progress: EventProgress): EventTransition {
  if (dueAtMs > event.expiresAtMs) {
    return { kind: "fail", condition: "EventAgeExceeded", progress };
  }
  return { kind: "schedule", dueAtMs, progress };
}

function poisoned(progress: EventProgress): EventTransition {
  return {
    kind: "fail",
    condition: "RetriesExhausted",
    progress: { ...progress, lastError: hostCrash },
  };
}
