import type { ClaimWant, NextDue } from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";

/** How the events of one function are run. */
export interface EventSettings {
  /** Events of it that are started at once. 0: reserved concurrency 0, each fails unrun. */
  readonly concurrency: number;
  /** `MaximumRetryAttempts`, 0 to 2. Default 2. Holds for events accepted from now on. */
  readonly retriesMax?: number;
  /** `MaximumEventAgeInSeconds`, in milliseconds, 60000 to 21600000. Default 21600000. As above. */
  readonly ageMsMax?: number;
}

/** One function's share of the work. */
interface Lane {
  readonly functionName: string;
  /** Events that were claimed and are not settled. */
  running: number;
  /** From when on a claim may give something; `undefined`: not before it is told. */
  dueAtMs: number | undefined;
}

export interface EventLanesOptions {
  /** `undefined`: there is no such function now. */
  readonly settings: (functionName: string) => EventSettings | undefined;
  /** Events started at once, all functions together. */
  readonly startedMax: number;
}

/**
 * Shares claims out among functions: each has its own concurrency, and where the limit of all together
 * is short they take turns (AS-9).
 */
export class EventLanes {
  readonly #options: EventLanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #running = 0;
  /** Function that was served last when there was not enough for all. */
  #served: string | undefined;

  constructor(options: EventLanesOptions) {
    this.#options = options;
  }

  /** A claim for this function may give something at this time. */
  due(functionName: string, atMs: number): void {
    const lane = this.#lane(functionName);
    lane.dueAtMs = Math.min(lane.dueAtMs ?? Infinity, atMs);
  }

  /** The same for all functions: settings have changed. */
  allDue(atMs: number): void {
    for (const functionName of this.#lanes.keys()) this.due(functionName, atMs);
  }

  /** What to claim now. What becomes due while the claim runs is remembered apart. */
  take(nowMs: number): readonly ClaimWant[] {
    const lanes = Array.from(this.#lanes.values()).filter(
      (lane) => lane.dueAtMs !== undefined && lane.dueAtMs <= nowMs && this.#freeSlots(lane) > 0,
    );
    const counts = this.#share(lanes);
    const wants: ClaimWant[] = [];
    for (const lane of lanes) {
      const count = counts.get(lane) ?? 0;
      if (count === 0) continue;
      lane.dueAtMs = undefined;
      const { functionName } = lane;
      const expiredOnly = this.#options.settings(functionName) === undefined;
      wants.push({ functionName, count, expiredOnly });
    }
    return wants;
  }

  /** What a claim told of the time after it. */
  claimed(nextDue: readonly NextDue[]): void {
    for (const { functionName, dueAtMs } of nextDue) {
      if (dueAtMs !== undefined) this.due(functionName, dueAtMs);
    }
  }

  began(functionName: string): void {
    this.#lane(functionName).running += 1;
    this.#running += 1;
  }

  ended(functionName: string): void {
    this.#lane(functionName).running -= 1;
    this.#running -= 1;
  }

  /** When {@link take} has something, as far as is known now; `undefined`: not before it is told. */
  get nextDueMs(): number | undefined {
    if (this.#running >= this.#options.startedMax) return undefined;
    let first: number | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.dueAtMs === undefined || this.#freeSlots(lane) <= 0) continue;
      first = Math.min(first ?? Infinity, lane.dueAtMs);
    }
    return first;
  }

  #lane(functionName: string): Lane {
    let lane = this.#lanes.get(functionName);
    if (lane === undefined) {
      lane = { functionName, running: 0, dueAtMs: undefined };
      this.#lanes.set(functionName, lane);
    }
    return lane;
  }

  #freeSlots({ functionName, running }: Lane): number {
    const concurrency = this.#options.settings(functionName)?.concurrency;
    // Events that only fail take no environment: as many as one claim may bring.
    if (concurrency === undefined || concurrency === 0) return eventLimits.claimedMax - running;
    return Math.min(concurrency - running, eventLimits.claimedMax);
  }

  /** How many each may claim: one for each in turn until there is no more, or all have what they need. */
  #share(lanes: readonly Lane[]): ReadonlyMap<Lane, number> {
    let left = this.#options.startedMax - this.#running;
    const counts = new Map<Lane, number>();
    const served = lanes.findIndex(({ functionName }) => functionName === this.#served);
    const turns = [...lanes.slice(served + 1), ...lanes.slice(0, served + 1)];
    for (let gave = true; gave && left > 0;) {
      gave = false;
      for (const lane of turns) {
        const count = counts.get(lane) ?? 0;
        if (left <= 0 || count >= this.#freeSlots(lane)) continue;
        counts.set(lane, count + 1);
        left -= 1;
        gave = true;
        this.#served = lane.functionName;
      }
    }
    return counts;
  }
}
