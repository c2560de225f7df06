import { randomUUID } from "node:crypto";

import type {
  AcceptedEvent,
  EventPage,
  EventQuery,
  EventStore,
  PurgeSelection,
  StoredEvent,
} from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";
import type { EventObservation } from "./event-observation.ts";
import type { EventTime } from "./event-time.ts";

export interface EventShelfOptions {
  readonly store: EventStore;
  readonly time: EventTime;
  readonly observe: (observation: EventObservation) => void;
  /** Accepts a new event as if a caller had sent it. */
  readonly accept: (event: AcceptedEvent) => Promise<void>;
}

/** Events that failed: kept with their last error for 7 days, or until an operator deals with them (AS-7). */
export class EventShelf {
  readonly #options: EventShelfOptions;
  #cancelSweep: () => void = () => {};

  constructor(options: EventShelfOptions) {
    this.#options = options;
  }

  list(query: Omit<EventQuery, "state">): Promise<EventPage> {
    return this.#options.store.list({ ...query, state: "failed" });
  }

  /** `undefined` when there is no such event on the shelf. */
  async find(id: string): Promise<StoredEvent | undefined> {
    const { events } = await this.list({ ids: [id], count: 1 });
    return events[0];
  }

  /**
   * Accepts a new event like the failed one, with a new id that names the old one, and takes the old
   * one off the shelf.
   *
   * @returns the new id; `undefined` when there is no such event on the shelf.
   * @throws {HostError} when no event is accepted now; the failed one stays.
   */
  async replay(id: string): Promise<string | undefined> {
    const failed = await this.find(id);
    if (failed === undefined) return undefined;
    const { progress: _progress, state: _state, ...event } = failed;
    const acceptedAtMs = this.#options.time.nowMs();
    const newId = randomUUID();
    await this.#options.accept({
      ...event,
      id: newId,
      acceptedAtMs,
      expiresAtMs: acceptedAtMs + (event.expiresAtMs - event.acceptedAtMs),
      replayOf: id,
    });
    await this.purge({ ids: [id] });
    return newId;
  }

  /** Takes events off the shelf for good. @returns how many. */
  purge(selection: PurgeSelection): Promise<number> {
    return this.#purge(selection, "operator");
  }

  /** Begins to purge what is older than the retention, every hour. */
  startSweeping(): void {
    const sweep = async (): Promise<void> => {
      const failedBeforeMs = this.#options.time.nowMs() - eventLimits.shelfAgeMsMax;
      try {
        await this.#purge({ failedBeforeMs }, "retention");
      } catch (error) {
        this.#options.observe({ kind: "store_fault", change: "purge", error });
      }
    };
    const atMs = this.#options.time.nowMs() + eventLimits.shelfSweepMs;
    this.#cancelSweep = this.#options.time.setAlarm(atMs, () => {
      void sweep();
      this.startSweeping();
    });
  }

  stopSweeping(): void {
    this.#cancelSweep();
  }

  async #purge(selection: PurgeSelection, by: "operator" | "retention"): Promise<number> {
    const count = await this.#options.store.purge(selection);
    if (count > 0) this.#options.observe({ kind: "purged", count, by });
    return count;
  }
}
