import type { EventStore, StoredEvent } from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";
import type { EventObservation } from "./event-observation.ts";
import type { EventTime } from "./event-time.ts";
import { type AttemptOutcome, attemptOf, type EventTransition } from "./event-transition.ts";

export interface EventLedgerOptions {
  readonly store: EventStore;
  readonly time: EventTime;
  readonly observe: (observation: EventObservation) => void;
  /** Aborted when the queue has stopped: a change that the store refuses is not tried again. */
  readonly signal: AbortSignal;
}

/** What an event is settled after; `refused`: it was claimed and may not start. */
export type SettledOutcome = AttemptOutcome["kind"] | "refused";

/** Writes down what became of started events, again and again until the store has taken it. */
export class EventLedger {
  readonly #options: EventLedgerOptions;

  constructor(options: EventLedgerOptions) {
    this.#options = options;
  }

  /** @returns whether the store has taken it; otherwise the event stays started, which a restart finds. */
  async settle(
    event: StoredEvent,
    transition: EventTransition,
    outcome: SettledOutcome,
  ): Promise<boolean> {
    const { storeRetryMsMin, storeRetryMsMax } = eventLimits;
    let delayMs: number = storeRetryMsMin;
    let purged: number | undefined;
    while (purged === undefined) {
      try {
        purged = await this.#write(event, transition);
      } catch (error) {
        this.#options.observe({ kind: "store_fault", change: transition.kind, error });
        if (this.#options.signal.aborted) return false;
        await this.#pause(delayMs);
        delayMs = Math.min(2 * delayMs, storeRetryMsMax);
      }
    }
    this.#tell(event, transition, outcome);
    if (purged > 0) this.#options.observe({ kind: "purged", count: purged, by: "retention" });
    return true;
  }

  async #write({ id }: StoredEvent, transition: EventTransition): Promise<number> {
    const { store, time } = this.#options;
    if (transition.kind === "complete") {
      await store.complete([id]);
      return 0;
    }
    if (transition.kind === "schedule") {
      const { dueAtMs, progress } = transition;
      await store.schedule([{ id, dueAtMs, progress }]);
      return 0;
    }
    const { condition, progress } = transition;
    return store.fail([{ id, condition, failedAtMs: time.nowMs(), progress }]);
  }

  #tell(event: StoredEvent, transition: EventTransition, outcome: SettledOutcome): void {
    const { time, observe } = this.#options;
    const nowMs = time.nowMs();
    const ageMs = nowMs - event.acceptedAtMs;
    const { id, functionName } = event;
    const attempt = attemptOf(event);
    switch (transition.kind) {
      case "complete":
        observe({ kind: "succeeded", id, functionName, attempt, ageMs });
        break;
      case "schedule": {
        const { dueAtMs, progress } = transition;
        const reason = outcome === "refused" || outcome === "succeeded" ? "released" : outcome;
        const errorType = reason === "released" ? undefined : progress.lastError?.errorType;
        const dueInMs = dueAtMs - nowMs;
        observe({ kind: "scheduled", id, functionName, reason, attempt, errorType, dueInMs });
        break;
      }
      case "fail": {
        const { condition, progress } = transition;
        const attempts = progress.functionFaults;
        const errorType = progress.lastError?.errorType;
        observe({ kind: "failed", id, functionName, condition, attempts, errorType, ageMs });
        break;
      }
    }
  }

  /** Resolves after the time, or when the queue has stopped. */
  #pause(ms: number): Promise<void> {
    const { time, signal } = this.#options;
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = time.setAlarm(time.nowMs() + ms, end);
      signal.addEventListener("abort", end);
    });
  }
}
