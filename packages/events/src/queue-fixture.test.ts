import type { TestContext } from "node:test";

import {
  type EventCounts,
  type EventStore,
  HostError,
  type Invocation,
  type Invoker,
  type InvokeResult,
  payloadOf,
} from "@lambdad/core";
import { invocationOf, ManualClock } from "@lambdad/testkit";

import type { EventSettings } from "./event-lanes.ts";
import type { EventObservation } from "./event-observation.ts";
import { EventQueue } from "./event-queue.ts";
import { MemoryEventStore } from "./memory-event-store.ts";

/** One attempt that the queue made; the test ends it. */
export interface Attempt {
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
  /** On the manual clock. */
  readonly atMs: number;
  readonly succeed: () => void;
  /** The function fails. */
  readonly fail: (errorType?: string) => void;
  /** The invoker throws. */
  readonly refuse: (error: unknown) => void;
}

/** An invoker that does as `answer` says; without an answer an attempt runs for ever. */
export class ScriptedInvoker implements Invoker {
  readonly #clock: ManualClock;
  readonly #answer: (attempt: Attempt) => void;
  readonly attempts: Attempt[] = [];
  running = 0;
  runningMax = 0;

  constructor(clock: ManualClock, answer: (attempt: Attempt) => void) {
    this.#clock = clock;
    this.#answer = answer;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    this.running += 1;
    this.runningMax = Math.max(this.runningMax, this.running);
    try {
      return await new Promise((resolve, reject) => {
        const common = { executedVersion: "$LATEST", logTail: undefined };
        const contentType = "application/json";
        const attempt: Attempt = {
          invocation,
          signal,
          atMs: this.#clock.nowMs(),
          succeed: () =>
            resolve({ ...common, kind: "returned", payload: payloadOf("1"), contentType }),
          fail: (errorType = "Function.Bad") => {
            const payload = payloadOf(JSON.stringify({ errorType }));
            resolve({ ...common, kind: "failed", payload, contentType, errorType });
          },
          refuse: reject,
        };
        this.attempts.push(attempt);
        this.#answer(attempt);
      });
    } finally {
      this.running -= 1;
    }
  }
}

export interface QueueFixtureOptions {
  /** Default: the function `one` with concurrency 10; of other names there is none. */
  readonly settings?: (functionName: string) => EventSettings | undefined;
  /** Default: every attempt succeeds at once. */
  readonly answer?: (attempt: Attempt) => void;
  readonly store?: EventStore;
  readonly clock?: ManualClock;
  readonly startedMax?: number;
  /** Default 0: the shortest back-off. */
  readonly random?: () => number;
}

export interface QueueFixture {
  readonly clock: ManualClock;
  readonly store: EventStore;
  readonly invoker: ScriptedInvoker;
  readonly queue: EventQueue;
  readonly observations: readonly EventObservation[];
  /** Accepts an event, of function `one` unless told otherwise. @returns its id. */
  readonly accept: (members?: Partial<Invocation>) => Promise<string>;
  /** When attempts were made, on the manual clock. */
  readonly times: () => readonly number[];
  readonly kinds: () => readonly string[];
  /** Books of one function. */
  readonly counts: (functionName?: string) => Promise<EventCounts | undefined>;
}

/** A running queue over a memory store, a manual clock and a scripted invoker. */
export async function startQueue(
  t: TestContext,
  options: QueueFixtureOptions = {},
): Promise<QueueFixture> {
  const clock = options.clock ?? new ManualClock();
  const store = options.store ?? new MemoryEventStore();
  const invoker = new ScriptedInvoker(clock, options.answer ?? ((attempt) => attempt.succeed()));
  const observations: EventObservation[] = [];
  const queue = new EventQueue({
    store,
    invoker,
    clock,
    settings: options.settings ?? ((name) => (name === "one" ? { concurrency: 10 } : undefined)),
    random: options.random ?? (() => 0),
    observe: (observation) => observations.push(observation),
    ...(options.startedMax !== undefined && { startedMax: options.startedMax }),
  });
  await queue.start();
  t.after(() => queue.stop(AbortSignal.abort()));
  return {
    clock,
    store,
    invoker,
    queue,
    observations,
    accept: async (members = {}) => {
      const invocation = invocationOf({ do: "context" }, { functionName: "one", ...members });
      await queue.accept(invocation);
      return invocation.requestId;
    },
    times: () => invoker.attempts.map(({ atMs }) => atMs),
    kinds: () => observations.map(({ kind }) => kind),
    counts: async (functionName = "one") => {
      const all = await store.counts();
      return all.find((entry) => entry.functionName === functionName);
    },
  };
}

/** What a pool throws that has no room. */
export function throttle(): HostError {
  return new HostError("TooManyRequestsException", "Rate Exceeded.");
}
