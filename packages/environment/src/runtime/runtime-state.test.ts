import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  nextRuntimeState,
  refusedTransitionMessage,
  type RuntimeEvent,
  type RuntimeState,
} from "./runtime-state.ts";

const events: readonly RuntimeEvent[] = [
  "next",
  "restoreNext",
  "response",
  "error",
  "initError",
  "restoreError",
  "released",
  "restored",
  "answered",
];

/** Every legal transition of spec runtime-api §8; all others are illegal. */
const legal: Readonly<Record<RuntimeState, Readonly<Partial<Record<RuntimeEvent, RuntimeState>>>>> =
  {
    Started: { next: "Ready", restoreNext: "RestoreReady", initError: "InitError" },
    RestoreReady: { restored: "Restoring" },
    Restoring: {
      next: "Ready",
      initError: "RuntimeRestoreErrorState",
      restoreError: "RuntimeRestoreErrorState",
    },
    Ready: { next: "Ready", released: "Running" },
    Running: { next: "Running", response: "InvocationResponse", error: "InvocationErrorResponse" },
    InvocationResponse: { answered: "RuntimeResponseSentState" },
    InvocationErrorResponse: { answered: "RuntimeResponseSentState" },
    RuntimeResponseSentState: { next: "Ready" },
    InitError: {},
    RuntimeRestoreErrorState: {},
  };

describe("nextRuntimeState()", () => {
  for (const [state, targets] of Object.entries(legal) as [
    RuntimeState,
    (typeof legal)["Ready"],
  ][]) {
    for (const event of events) {
      const target = targets[event];
      test(`${state} + ${event} is ${target ?? "refused"}`, () => {
        assert.equal(nextRuntimeState(state, event), target);
      });
    }
  }
});

describe("refusedTransitionMessage()", () => {
  const cases: readonly (readonly [RuntimeState, RuntimeEvent, string])[] = [
    ["RuntimeResponseSentState", "response", "InvocationResponse"],
    ["Ready", "error", "InvocationErrorResponse"],
    ["Running", "initError", "InitError"],
    ["Ready", "restoreNext", "Ready"],
    ["Started", "restoreError", "RuntimeRestoreErrorState"],
    ["InitError", "next", "Ready"],
  ];
  for (const [state, event, target] of cases) {
    test(`names ${state} and ${target} for ${event}`, () => {
      assert.equal(
        refusedTransitionMessage(state, event),
        `State transition from ${state} to ${target} failed for runtime. Error: State transition is not allowed`,
      );
    });
  }
});
