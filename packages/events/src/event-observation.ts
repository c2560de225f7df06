import type { FailureCondition } from "@lambdad/core";

/** What an event queue tells of, for logs and metrics (spec reliability §13). */
export type EventObservation =
  | (OfEvent & { readonly kind: "accepted" })
  /** Not accepted: `code` of the host error that the caller got. */
  | { readonly kind: "refused"; readonly functionName: string; readonly code: string }
  | (OfEvent & { readonly kind: "started"; readonly attempt: number; readonly ageMs: number })
  | (OfEvent & { readonly kind: "succeeded"; readonly attempt: number; readonly ageMs: number })
  /** Pending again; the next attempt is due in `dueInMs`. */
  | (OfEvent & {
      readonly kind: "scheduled";
      readonly reason: "function_fault" | "throttled" | "host_fault" | "crashed" | "released";
      readonly attempt: number;
      readonly errorType: string | undefined;
      readonly dueInMs: number;
    })
  | (OfEvent & {
      readonly kind: "failed";
      readonly condition: FailureCondition;
      /** Attempts made. */
      readonly attempts: number;
      readonly errorType: string | undefined;
      readonly ageMs: number;
    })
  /** The failed shelf's retention or an operator took events off it. */
  | { readonly kind: "purged"; readonly count: number; readonly by: "retention" | "operator" }
  /** The store could not make a change; it is tried again. */
  | { readonly kind: "store_fault"; readonly change: string; readonly error: unknown };

interface OfEvent {
  /** Request id. */
  readonly id: string;
  readonly functionName: string;
}
