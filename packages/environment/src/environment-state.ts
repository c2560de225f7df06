import type { InitPhase } from "./platform-event.ts";

/** The life of an environment; there is no way back. */
export type EnvironmentState =
  | { readonly kind: "starting"; readonly phase: InitPhase; readonly startedAtMs: number }
  | { readonly kind: "ready" }
  | { readonly kind: "ending" }
  | { readonly kind: "gone" };
