/**
 * The life of one runtime, as the Runtime API sees it. The names are those that AWS puts into the
 * messages of a refused call.
 *
 * Source: aws-lambda-runtime-interface-emulator, `internal/lambda/core/states.go`; spec runtime-api §8.
 */
export type RuntimeState =
  | "Started"
  | "RestoreReady"
  | "Restoring"
  | "Ready"
  | "Running"
  | "InvocationResponse"
  | "InvocationErrorResponse"
  | "RuntimeResponseSentState"
  | "InitError"
  | "RuntimeRestoreErrorState";

/** What the runtime does (the first six), and what the host does to it (the rest). */
export type RuntimeEvent =
  | "next"
  | "restoreNext"
  | "response"
  | "error"
  | "initError"
  | "restoreError"
  | "released"
  | "restored"
  | "answered";

/** The state that a call leads to when it is allowed: the target in the message of a refusal. */
const targets: Readonly<Record<RuntimeEvent, RuntimeState>> = {
  next: "Ready",
  restoreNext: "Ready",
  response: "InvocationResponse",
  error: "InvocationErrorResponse",
  initError: "InitError",
  restoreError: "RuntimeRestoreErrorState",
  released: "Running",
  restored: "Restoring",
  answered: "RuntimeResponseSentState",
};

/** A transition that is not written here is illegal. */
const transitions: Readonly<
  Record<RuntimeState, Readonly<Partial<Record<RuntimeEvent, RuntimeState>>>>
> = {
  Started: { next: "Ready", restoreNext: "RestoreReady", initError: "InitError" },
  RestoreReady: { restored: "Restoring" },
  Restoring: {
    next: "Ready",
    restoreError: "RuntimeRestoreErrorState",
    initError: "RuntimeRestoreErrorState",
  },
  // Several calls of next may wait: each is woken with an event of its own.
  Ready: { next: "Ready", released: "Running" },
  // Asking again before answering gives the same event again (RT-15).
  Running: { next: "Running", response: "InvocationResponse", error: "InvocationErrorResponse" },
  InvocationResponse: { answered: "RuntimeResponseSentState" },
  InvocationErrorResponse: { answered: "RuntimeResponseSentState" },
  RuntimeResponseSentState: { next: "Ready" },
  InitError: {},
  RuntimeRestoreErrorState: {},
};

/** Pure. The state after the event, or `undefined` when the event is not allowed in this state. */
export function nextRuntimeState(
  state: RuntimeState,
  event: RuntimeEvent,
): RuntimeState | undefined {
  return transitions[state][event];
}

/** The message of the 403 that answers a call which is not allowed in this state. */
export function refusedTransitionMessage(state: RuntimeState, event: RuntimeEvent): string {
  return `State transition from ${state} to ${targets[event]} failed for runtime. Error: State transition is not allowed`;
}
