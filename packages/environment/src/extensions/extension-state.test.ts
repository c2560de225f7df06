import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ExtensionState,
  type ExtensionTransition,
  nextExtensionState,
  refusedExtensionMessage,
} from "./extension-state.ts";

const transitions: readonly ExtensionTransition[] = [
  "register",
  "next",
  "initError",
  "exitError",
  "released",
  "launchFailed",
  "exited",
  "shutdownFailed",
];

type Row = Readonly<Record<ExtensionTransition, ExtensionState | undefined>>;

/** The columns of a row in the order of `transitions`; a dash is 403, or a fact that cannot be. */
function row(cells: string): Row {
  const targets = cells.trim().split(/\s+/);
  assert.equal(targets.length, transitions.length);
  const entries = transitions.map((transition, index) => [transition, targets[index]]);
  return Object.fromEntries(entries.map(([name, to]) => [name, to === "-" ? undefined : to]));
}

/** Every pair of spec extensions-api §5. */
const oracle: Readonly<Record<ExtensionState, Row>> = {
  //                    register   next  initError exitError released launchFailed exited shutdownFailed
  Started: row("        Registered -     -         -         -        LaunchError  -      -"),
  Registered: row("     -          Ready InitError ExitError -        -            -      -"),
  Ready: row("          -          -     -         ExitError Running  -            -      -"),
  Running: row(
    "        -          Ready -         ExitError -        -            Exited ShutdownFailed",
  ),
  InitError: row("      -          -     InitError -         -        -            -      -"),
  ExitError: row("      -          -     -         ExitError -        -            -      -"),
  LaunchError: row("    -          -     -         -         -        -            -      -"),
  Exited: row("         -          -     -         -         -        -            -      -"),
  ShutdownFailed: row(" -          -     -         -         -        -            -      -"),
};

describe("nextExtensionState()", () => {
  for (const [state, targets] of Object.entries(oracle) as [ExtensionState, Row][]) {
    for (const transition of transitions) {
      const target = targets[transition];
      test(`${state} + ${transition} is ${target ?? "refused"}`, () => {
        assert.equal(nextExtensionState(state, transition), target);
      });
    }
  }
});

describe("refusedExtensionMessage()", () => {
  const cases: readonly (readonly [ExtensionState, ExtensionTransition, string])[] = [
    ["Ready", "register", "Registered"],
    ["Ready", "next", "Ready"],
    ["Running", "initError", "InitError"],
    ["InitError", "exitError", "Exited"],
    ["LaunchError", "register", "Registered"],
  ];
  for (const [state, transition, target] of cases) {
    test(`names ${state} and ${target} for ${transition}`, () => {
      assert.equal(
        refusedExtensionMessage(state, transition, "agent.sh"),
        `State transition from ${state} to ${target} failed for extension agent.sh. Error: State transition is not allowed`,
      );
    });
  }
});
