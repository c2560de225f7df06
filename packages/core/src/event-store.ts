import type { Payload } from "./payload.ts";

/** What a caller wants done asynchronously. It never changes. */
export interface AcceptedEvent {
  /** Request id of the 202, and of every attempt. */
  readonly id: string;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** As the caller addressed the function: what the function sees. */
  readonly invokedFunctionArn: string;
  readonly payload: Payload;
  readonly contentType: string;
  readonly traceId: string;
  readonly tenantId: string | undefined;
  /** Unix time in milliseconds. */
  readonly acceptedAtMs: number;
  /** No attempt starts after this: Unix time in milliseconds. */
  readonly expiresAtMs: number;
  /** `MaximumRetryAttempts`: attempts after the first that fails. */
  readonly retriesMax: number;
  /** Id of the failed event that an operator replayed. */
  readonly replayOf: string | undefined;
}

/** What has happened to an event so far. */
export interface EventProgress {
  /** Attempts that ended in a fault of the function. */
  readonly functionFaults: number;
  /** Throttles and host faults in a row: the exponent of the back-off. */
  readonly hostFaults: number;
  /** How often the host ended while the event was started. */
  readonly crashes: number;
  readonly lastError: EventError | undefined;
}

/** How an attempt ended, if not well. */
export interface EventError {
  /** Of the function or the platform: `Runtime.ExitError`; of the host: `TooManyRequestsException`. */
  readonly errorType: string;
  /** What a synchronous caller would have got; `undefined` when the function was not run. */
  readonly payload: Payload | undefined;
  /** `undefined` when the function was not run. */
  readonly executedVersion: string | undefined;
}

/** Why an event failed: AWS's conditions of an invocation record. */
export type FailureCondition = "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";

/** Where an event is. One that succeeded or was purged is gone, and only counted. */
export type EventState =
  | { readonly kind: "pending"; readonly dueAtMs: number }
  /** Committed before its bytes go to the runtime. */
  | { readonly kind: "started" }
  /** On the failed shelf. */
  | { readonly kind: "failed"; readonly condition: FailureCondition; readonly failedAtMs: number };

export interface StoredEvent extends AcceptedEvent {
  readonly progress: EventProgress;
  readonly state: EventState;
}

/** How many events of one function a claim may take. */
export interface ClaimWant {
  readonly functionName: string;
  /** At most. */
  readonly count: number;
  /** Only such as are past their age limit, due or not: the function takes none now (AS-12). */
  readonly expiredOnly: boolean;
}

export interface ClaimRequest {
  readonly nowMs: number;
  readonly wants: readonly ClaimWant[];
}

export interface Claim {
  /** They are started now. */
  readonly events: readonly StoredEvent[];
  /**
   * For each want, when its function has something to claim next in the same way; `undefined`: not
   * before something is appended or scheduled.
   */
  readonly nextDue: readonly NextDue[];
}

export interface NextDue {
  readonly functionName: string;
  readonly dueAtMs: number | undefined;
}

/** Puts a started event back. */
export interface Scheduling {
  readonly id: string;
  readonly dueAtMs: number;
  readonly progress: EventProgress;
}

/** Puts a started event on the failed shelf. */
export interface Failing {
  readonly id: string;
  readonly condition: FailureCondition;
  readonly failedAtMs: number;
  readonly progress: EventProgress;
}

export interface EventQuery {
  readonly state: EventState["kind"];
  readonly functionName?: string;
  readonly ids?: readonly string[];
  /** `cursor` of the page before. */
  readonly cursor?: string;
  /** Events of one page, at most. */
  readonly count: number;
}

export interface EventPage {
  /** In order of acceptance. */
  readonly events: readonly StoredEvent[];
  /** `undefined` after the last page. */
  readonly cursor: string | undefined;
}

/** Which events of the failed shelf an operator, or the retention, purges. */
export type PurgeSelection =
  | { readonly ids: readonly string[] }
  | { readonly failedBeforeMs: number; readonly functionName?: string };

/** Books of one function: accepted = pending + started + succeeded + failed + purged (INV-2). */
export interface EventCounts {
  readonly functionName: string;
  readonly accepted: number;
  readonly pending: number;
  readonly started: number;
  readonly succeeded: number;
  /** On the failed shelf, or delivered to a destination. */
  readonly failed: number;
  /** Were on the failed shelf, and were taken off by an operator or the retention. */
  readonly purged: number;
  /** `acceptedAtMs` of the oldest event that is pending or started. */
  readonly oldestAcceptedAtMs: number | undefined;
}

/**
 * Where events are kept while they wait, run and fail (spec reliability, ST-13). It remembers and
 * selects; what happens to an event is decided by the state machine of `@lambdad/events`.
 *
 * Every promise resolves when the change is as durable as the store makes it, and nothing is changed
 * when it rejects. Batches are one transaction. Times are given: a store has no clock. Ids that are
 * not in the state that a change starts from are passed over: their change was made before, and the
 * caller did not hear of it.
 */
export interface EventStore {
  /**
   * Takes new events: pending, due at `acceptedAtMs`.
   *
   * @throws {HostError} `TooManyRequestsException` when the backlog is full (AS-10),
   *   `ServiceUnavailable` when there is no durable place for it (AS-11).
   */
  append(events: readonly AcceptedEvent[]): Promise<void>;
  /** Starts pending events: of each want those due longest, or expired; at most its count. */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Started events have succeeded. They are forgotten and counted. */
  complete(ids: readonly string[]): Promise<void>;
  /** Started events become pending. */
  schedule(schedulings: readonly Scheduling[]): Promise<void>;
  /**
   * Started events go to the failed shelf. What no longer fits on it is purged, oldest failure first.
   *
   * @returns how many were purged.
   */
  fail(failings: readonly Failing[]): Promise<number>;
  /** Takes events off the failed shelf. @returns how many. */
  purge(selection: PurgeSelection): Promise<number>;
  list(query: EventQuery): Promise<EventPage>;
  /** Of every function that ever had an event here. */
  counts(): Promise<readonly EventCounts[]>;
  /**
   * Calls back with the name of a function that something has become due for without the caller's
   * doing. Only of stores that others put events into.
   */
  watch?(listener: (functionName: string) => void): void;
}
