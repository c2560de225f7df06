import {
  type AcceptedEvent,
  type Clock,
  type EventCounts,
  type EventStore,
  HostError,
  type Invocation,
  type Invoker,
  limits,
  type StoredEvent,
  systemClock,
} from "@lambdad/core";

import { invocationOfEvent, outcomeOfError, outcomeOfResult } from "./event-attempt.ts";
import { EventLanes, type EventSettings } from "./event-lanes.ts";
import { EventLedger } from "./event-ledger.ts";
import { eventLimits } from "./event-limits.ts";
import type { EventObservation } from "./event-observation.ts";
import { EventShelf } from "./event-shelf.ts";
import { EventTime } from "./event-time.ts";
import { type AttemptOutcome, attemptOf, refuseStart, transition } from "./event-transition.ts";

export interface EventQueueOptions {
  readonly store: EventStore;
  /** Runs the attempts. */
  readonly invoker: Invoker;
  /** Of a function, asked at each use; `undefined`: there is no such function now (AS-12). */
  readonly settings: (functionName: string) => EventSettings | undefined;
  /** Events started at once, all functions together. Default 1000. */
  readonly startedMax?: number;
  /** Called with everything that happens, for logs and metrics. Must not throw. */
  readonly observe?: (observation: EventObservation) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** For the jitter of back-offs. Default `Math.random`. */
  readonly random?: () => number;
}

/** What a stop left behind. */
export interface EventQueueStop {
  /** Events that are pending in the store now; one in memory loses them with the process. */
  readonly pending: number;
}

/** A page of the store when it is read from end to end. */
const pageCount = 100;

/**
 * Runs asynchronous invocations: takes them over from their callers, runs each until it succeeds or
 * its retries or its time are used up (spec reliability §6). The store remembers, {@link transition}
 * decides, this class only carries out.
 */
export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #time: EventTime;
  readonly #lanes: EventLanes;
  readonly #ledger: EventLedger;
  readonly #random: () => number;
  readonly #observe: (observation: EventObservation) => void;
  /** Aborted at the end of {@link stop}'s patience. */
  readonly #cut = new AbortController();
  /** Gives started events back, one each. */
  readonly #releases = new Set<() => void>();
  #state: "new" | "running" | "stopping" = "new";
  #running = 0;
  /** The claim under way. */
  #claiming: Promise<void> | undefined;
  /** Something may be claimable that was not when the claim under way was made. */
  #stale = false;
  #cancelAlarm: () => void = () => {};
  #onQuiet: () => void = () => {};
  #stopped: Promise<EventQueueStop> | undefined;
  /** What operators do with failed events. */
  readonly shelf: EventShelf;

  constructor(options: EventQueueOptions) {
    const { store, settings, startedMax = eventLimits.startedMax } = options;
    this.#options = options;
    this.#observe = options.observe ?? (() => {});
    this.#random = options.random ?? Math.random;
    const time = new EventTime(options.clock ?? systemClock);
    this.#time = time;
    this.#lanes = new EventLanes({ settings, startedMax });
    const shared = { store, time, observe: this.#observe };
    this.#ledger = new EventLedger({ ...shared, signal: this.#cut.signal });
    this.shelf = new EventShelf({ ...shared, accept: (event) => this.#append(event) });
  }

  /**
   * Takes up what the store holds, and begins to run it. Events that were started when the host ended
   * come back with a host fault (AS-6).
   */
  async start(): Promise<void> {
    const { store } = this.#options;
    let cursor: string | undefined;
    do {
      const page = await store.list({
        state: "started",
        count: pageCount,
        ...(cursor !== undefined && { cursor }),
      });
      cursor = page.cursor;
      for (const event of page.events) await this.#settle(event, { kind: "crashed" });
    } while (cursor !== undefined);
    const nowMs = this.#time.nowMs();
    for (const { functionName } of await store.counts()) this.#lanes.due(functionName, nowMs);
    store.watch?.((functionName) => {
      this.#lanes.due(functionName, this.#time.nowMs());
      this.#wake();
    });
    if (this.#stopped !== undefined) return;
    this.#state = "running";
    this.shelf.startSweeping();
    this.#wake();
  }

  /**
   * Takes an asynchronous invocation over. Resolves when its event is stored: now the caller may be
   * told 202 (INV-1). Its execution is never throttled here (AS-1).
   *
   * @throws {HostError} `RequestTooLargeException` over 1 MiB, `ResourceNotFoundException` when there
   *   is no such function, `TooManyRequestsException` when the backlog is full (AS-10),
   *   `ServiceUnavailable` when the store fails or the queue does not run (AS-11).
   */
  async accept(invocation: Invocation): Promise<void> {
    try {
      await this.#append(this.#eventOf(invocation));
    } catch (reason) {
      const error = refusal(reason);
      const { functionName } = invocation;
      this.#observe({ kind: "refused", functionName, code: error.code });
      throw error;
    }
  }

  /** Settings have changed: a function was created, removed, or got another concurrency. */
  refresh(): void {
    this.#lanes.allDue(this.#time.nowMs());
    this.#wake();
  }

  /** The books, per function (INV-2). */
  counts(): Promise<readonly EventCounts[]> {
    return this.#options.store.counts();
  }

  /**
   * Accepts and claims no more, waits for what is started until `deadline` is aborted, and then gives
   * it back: those attempts do not count. Calling it again gives the same promise.
   */
  stop(deadline: AbortSignal): Promise<EventQueueStop> {
    this.#stopped ??= this.#stop(deadline);
    return this.#stopped;
  }

  async #stop(deadline: AbortSignal): Promise<EventQueueStop> {
    this.#state = "stopping";
    this.#cancelAlarm();
    this.shelf.stopSweeping();
    await this.#claiming;
    const cut = (): void => {
      this.#cut.abort();
      for (const release of this.#releases) release();
    };
    if (deadline.aborted) cut();
    deadline.addEventListener("abort", cut);
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
    }
    deadline.removeEventListener("abort", cut);
    const counts = await this.#options.store.counts();
    return { pending: counts.reduce((sum, { pending }) => sum + pending, 0) };
  }

  #eventOf(invocation: Invocation): AcceptedEvent {
    const { requestId, functionName, qualifier, invokedFunctionArn, payload } = invocation;
    if (payload.byteLength > limits.asyncPayloadBytesMax) {
      const message = `Request must be smaller than ${limits.asyncPayloadBytesMax} bytes for the InvokeFunction operation`;
      throw new HostError("RequestTooLargeException", message);
    }
    const settings = this.#options.settings(functionName);
    if (settings === undefined) {
      const message = `Function not found: ${invokedFunctionArn}`;
      throw new HostError("ResourceNotFoundException", message);
    }
    const acceptedAtMs = this.#time.nowMs();
    return {
      id: requestId,
      functionName,
      qualifier,
      invokedFunctionArn,
      payload,
      contentType: invocation.contentType,
      traceId: invocation.traceId,
      tenantId: invocation.tenantId,
      acceptedAtMs,
      expiresAtMs: acceptedAtMs + (settings.ageMsMax ?? eventLimits.ageMsMax),
      retriesMax: settings.retriesMax ?? eventLimits.retriesMax,
      replayOf: undefined,
    };
  }

  async #append(event: AcceptedEvent): Promise<void> {
    if (this.#state !== "running") {
      throw new HostError("ServiceUnavailable", "The event queue does not run; try again later.");
    }
    await this.#options.store.append([event]);
    const { id, functionName } = event;
    this.#observe({ kind: "accepted", id, functionName });
    this.#lanes.due(functionName, event.acceptedAtMs);
    this.#wake();
  }

  /** Looks for something to claim, now or when it becomes due. One claim at a time. */
  #wake(): void {
    this.#stale = true;
    if (this.#state !== "running" || this.#claiming !== undefined) return;
    this.#cancelAlarm();
    this.#claiming = this.#claimAll().then(() => {
      this.#claiming = undefined;
      this.#setAlarm();
    });
  }

  #setAlarm(): void {
    const dueAtMs = this.#lanes.nextDueMs;
    if (dueAtMs === undefined || this.#state !== "running") return;
    this.#cancelAlarm = this.#time.setAlarm(dueAtMs, () => {
      this.#wake();
    });
  }

  async #claimAll(): Promise<void> {
    while (this.#stale && this.#state === "running") {
      this.#stale = false;
      const nowMs = this.#time.nowMs();
      const wants = this.#lanes.take(nowMs);
      if (wants.length === 0) return;
      try {
        const { events, nextDue } = await this.#options.store.claim({ nowMs, wants });
        this.#lanes.claimed(nextDue);
        for (const event of events) this.#begin(event);
      } catch (error) {
        this.#observe({ kind: "store_fault", change: "claim", error });
        const dueAtMs = nowMs + eventLimits.storeRetryMsMin;
        for (const { functionName } of wants) this.#lanes.due(functionName, dueAtMs);
      }
    }
  }

  #begin(event: StoredEvent): void {
    const { functionName } = event;
    this.#running += 1;
    this.#lanes.began(functionName);
    void this.#run(event).then(() => {
      this.#running -= 1;
      this.#lanes.ended(functionName);
      if (this.#running === 0) this.#onQuiet();
      this.#wake();
    });
  }

  async #run(event: StoredEvent): Promise<void> {
    // Claimed while the queue was told to stop.
    if (this.#state !== "running") return this.#settle(event, { kind: "released" });
    const concurrency = this.#options.settings(event.functionName)?.concurrency;
    const refused = refuseStart(event, this.#time.nowMs(), concurrency);
    if (refused === undefined) return this.#settle(event, await this.#attempt(event));
    await this.#ledger.settle(event, refused, "refused");
    if (refused.kind === "schedule") this.#lanes.due(event.functionName, refused.dueAtMs);
  }

  /** Runs the function once. Never rejects. */
  #attempt(event: StoredEvent): Promise<AttemptOutcome> {
    const { id, functionName, acceptedAtMs } = event;
    const ageMs = this.#time.nowMs() - acceptedAtMs;
    this.#observe({ kind: "started", id, functionName, attempt: attemptOf(event), ageMs });
    const gone = new AbortController();
    return new Promise((resolve) => {
      const release = (): void => {
        this.#releases.delete(release);
        resolve({ kind: "released" });
        gone.abort(new HostError("ServiceUnavailable", "The event queue stops."));
      };
      this.#releases.add(release);
      void this.#invoke(event, gone.signal).then((outcome) => {
        this.#releases.delete(release);
        resolve(outcome);
      });
    });
  }

  async #invoke(event: StoredEvent, signal: AbortSignal): Promise<AttemptOutcome> {
    try {
      return outcomeOfResult(await this.#options.invoker.invoke(invocationOfEvent(event), signal));
    } catch (reason) {
      return outcomeOfError(reason);
    }
  }

  async #settle(event: StoredEvent, outcome: AttemptOutcome): Promise<void> {
    const time = { nowMs: this.#time.nowMs(), random: this.#random };
    const next = transition(event, outcome, time);
    const written = await this.#ledger.settle(event, next, outcome.kind);
    if (written && next.kind === "schedule") this.#lanes.due(event.functionName, next.dueAtMs);
  }
}

function refusal(reason: unknown): HostError {
  if (reason instanceof HostError) return reason;
  const message = "The event could not be stored; try again later.";
  return new HostError("ServiceUnavailable", message, { cause: reason });
}
