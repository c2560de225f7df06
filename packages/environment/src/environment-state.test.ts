import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type EnvironmentState,
  type EnvironmentTransition,
  nextEnvironmentState,
} from "./environment-state.ts";

const states: readonly EnvironmentState[] = ["starting", "ready", "ending", "gone"];
const transitions: readonly EnvironmentTransition[] = ["initDone", "end", "processesGone"];

/** The oracle: everything else is illegal. */
const legal: Readonly<Record<string, EnvironmentState>> = {
  "starting initDone": "ready",
  "starting end": "ending",
  "ready end": "ending",
  "ending processesGone": "gone",
};

describe("nextEnvironmentState()", () => {
  for (const state of states) {
    for (const transition of transitions) {
      const expected = legal[`${state} ${transition}`];
      test(`${state}, ${transition}: ${expected ?? "illegal"}`, () => {
        assert.equal(nextEnvironmentState(state, transition), expected);
      });
    }
  }
});
