import type { EventCounts, Invocation, Invoker } from "@lambdad/core";
import { type EventObservation, EventQueue, MemoryEventStore } from "@lambdad/events";
import type { EventsConfiguration } from "../configuration/daemon-configuration.ts";
import type { HostLog } from "./host-log.ts";

export interface AsynchronousEventsOptions {
  readonly configuration: EventsConfiguration;
  /** The functions whose events are kept, with how many of each may run at once. */
  readonly functions: readonly { readonly name: string; readonly concurrency: number }[];
  readonly invoker: Invoker;
  readonly log: HostLog;
  readonly observe: (observation: EventObservation) => void;
}

/** The event queue of a host, with the store that was chosen: `--events=memory`. */
export class AsynchronousEvents {
  readonly #queue: EventQueue;
  readonly #log: HostLog;

  constructor(options: AsynchronousEventsOptions) {
    const { configuration, functions, invoker, log } = options;
    const { retriesMax, ageMsMax, pendingMax } = configuration;
    const settings = new Map(
      functions.map(({ name, concurrency }) => [name, { concurrency, retriesMax, ageMsMax }]),
    );
    this.#log = log;
    this.#queue = new EventQueue({
      store: new MemoryEventStore({ pendingEventsMax: pendingMax }),
      invoker,
      settings: (functionName) => settings.get(functionName),
      observe: (observation) => {
        this.#logObservation(observation);
        options.observe(observation);
      },
    });
  }

  async start(): Promise<void> {
    this.#log.write(
      "warn",
      "events.memory",
      "Events are kept in memory: those that have not been run are lost when this process ends",
    );
    await this.#queue.start();
  }

  /** Resolves when the event is stored: then its caller is told 202. */
  accept(invocation: Invocation): Promise<void> {
    return this.#queue.accept(invocation);
  }

  /** The books, for the metrics (INV-2). */
  counts(): Promise<readonly EventCounts[]> {
    return this.#queue.counts();
  }

  /** Takes and starts no more; what is started may finish within `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    const { pending } = await this.#queue.stop(AbortSignal.timeout(drainMs));
    if (pending === 0) return;
    const text = "Events that had not been run are lost: they were kept in memory";
    this.#log.write("error", "events.lost", text, { pending });
  }

  #logObservation(observation: EventObservation): void {
    if (observation.kind === "scheduled") {
      const { id: requestId, reason, attempt, errorType, dueInMs: ms } = observation;
      this.#log.write("warn", "event.retry", "An event will be tried again", {
        requestId,
        reason,
        attempt,
        errorType,
        ms,
      });
    } else if (observation.kind === "failed") {
      const { id: requestId, condition, attempts, errorType } = observation;
      this.#log.write("error", "event.failed", "An event has failed for good", {
        requestId,
        condition,
        attempts,
        errorType,
      });
    }
  }
}
