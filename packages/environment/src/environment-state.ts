/**
 * The life of an environment; there is no way back. `starting`: until the runtime and every extension
 * wait in their `next`; `ending`: it takes nothing more, and its processes are being ended.
 */
export type EnvironmentState = "starting" | "ready" | "ending" | "gone";

/** What happens to it. */
export type EnvironmentTransition = "initDone" | "end" | "processesGone";

/** A transition that is not written here is illegal. */
const transitions: Readonly<
  Record<EnvironmentState, Readonly<Partial<Record<EnvironmentTransition, EnvironmentState>>>>
> = {
  starting: { initDone: "ready", end: "ending" },
  ready: { end: "ending" },
  ending: { processesGone: "gone" },
  gone: {},
};

/** Pure. The state after the transition, or `undefined` when it is not allowed in this state. */
export function nextEnvironmentState(
  state: EnvironmentState,
  transition: EnvironmentTransition,
): EnvironmentState | undefined {
  return transitions[state][transition];
}
