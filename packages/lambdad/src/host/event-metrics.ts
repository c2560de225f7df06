import type { EventCounts } from "@lambdad/core";
import type { EventObservation } from "@lambdad/events";
import { Counter, Gauge, type Registry } from "prom-client";

export interface EventMetricsOptions {
  readonly registry: Registry;
  readonly functionName: string;
  /** The books of the event queue; none while events are off. */
  readonly counts: () => Promise<readonly EventCounts[]>;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

type Counted = "accepted" | "succeeded" | "purged" | "duplicates";

const counterHelp: Readonly<Record<Counted, string>> = {
  accepted: "Asynchronous invocations that were accepted",
  succeeded: "Asynchronous invocations that succeeded",
  purged: "Asynchronous invocations that were taken off the failed shelf",
  duplicates: "Attempts that are repeated because the host ended while they ran",
};

/** The metrics of asynchronous invocations: the books of INV-2 (spec reliability §13). */
export class EventMetrics {
  readonly #labels: { readonly function: string };
  readonly #counters: Readonly<Record<Counted, Counter<"function">>>;
  readonly #failed: Counter<"function" | "condition">;

  constructor({ registry, functionName, counts, now }: EventMetricsOptions) {
    const registers = [registry];
    const labels = { function: functionName };
    this.#labels = labels;
    const counter = (what: Counted): Counter<"function"> => {
      const name = `lambdad_events_${what}_total`;
      const made = new Counter({
        name,
        help: counterHelp[what],
        labelNames: ["function"],
        registers,
      });
      // There from the start: the books balance at zero too.
      made.inc(labels, 0);
      return made;
    };
    this.#counters = {
      accepted: counter("accepted"),
      succeeded: counter("succeeded"),
      purged: counter("purged"),
      duplicates: counter("duplicates"),
    };
    this.#failed = new Counter({
      name: "lambdad_events_failed_total",
      help: "Asynchronous invocations that failed for good, by condition",
      labelNames: ["function", "condition"],
      registers,
    });
    const gauge = (name: string, help: string, read: (books: EventCounts) => number): void => {
      const figure = new Gauge({
        name,
        help,
        labelNames: ["function"],
        registers: [],
        async collect() {
          const books = (await counts()).find((each) => each.functionName === functionName);
          this.set(labels, books === undefined ? 0 : read(books));
        },
      });
      registry.registerMetric(figure);
    };
    gauge(
      "lambdad_events_pending",
      "Asynchronous invocations that wait or run",
      ({ pending, started }) => pending + started,
    );
    gauge(
      "lambdad_events_oldest_age_seconds",
      "Age of the oldest asynchronous invocation that waits or runs",
      ({ oldestAcceptedAtMs: at }) => (at === undefined ? 0 : Math.max(0, now() - at) / 1000),
    );
    gauge(
      "lambdad_failed_shelf",
      "Asynchronous invocations that failed and are kept",
      ({ failed }) => failed,
    );
  }

  observed(observation: EventObservation): void {
    const labels = this.#labels;
    switch (observation.kind) {
      case "accepted":
      case "succeeded":
        this.#counters[observation.kind].inc(labels);
        break;
      case "purged":
        this.#counters.purged.inc(labels, observation.count);
        break;
      case "failed":
        this.#failed.inc({ ...labels, condition: observation.condition });
        break;
      case "scheduled":
        if (observation.reason === "crashed") this.#counters.duplicates.inc(labels);
        break;
      case "refused":
      case "started":
      case "store_fault":
        break;
    }
  }
}
