import type { EventCounts } from "@lambdad/core";
import type { EventObservation } from "@lambdad/events";
import { Counter, Gauge, type Registry } from "prom-client";

export interface EventMetricsOptions {
  readonly registry: Registry;
  /** Functions whose events are kept here. */
  readonly functionNames: readonly string[];
  /** The books of the event queue; none while events are off. */
  readonly counts: () => Promise<readonly EventCounts[]>;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

type Counted = "accepted" | "succeeded" | "duplicates";

const counterHelp: Readonly<Record<Counted, string>> = {
  accepted: "Asynchronous invocations that were accepted",
  succeeded: "Asynchronous invocations that succeeded",
  duplicates: "Attempts that are repeated because the host ended while they ran",
};

/** The metrics of asynchronous invocations: the books of INV-2 (spec reliability §13). */
export class EventMetrics {
  readonly #counters: Readonly<Record<Counted, Counter<"function">>>;
  readonly #failed: Counter<"function" | "condition">;

  constructor({ registry, functionNames, counts, now }: EventMetricsOptions) {
    const registers = [registry];
    const counter = (what: Counted): Counter<"function"> => {
      const name = `lambdad_events_${what}_total`;
      const made = new Counter({
        name,
        help: counterHelp[what],
        labelNames: ["function"],
        registers,
      });
      // There from the start: the books balance at zero too.
      for (const functionName of functionNames) made.inc({ function: functionName }, 0);
      return made;
    };
    this.#counters = {
      accepted: counter("accepted"),
      succeeded: counter("succeeded"),
      duplicates: counter("duplicates"),
    };
    this.#failed = new Counter({
      name: "lambdad_events_failed_total",
      help: "Asynchronous invocations that failed for good, by condition",
      labelNames: ["function", "condition"],
      registers,
    });
    this.#registerBooks({ registry, functionNames, counts, now });
  }

  /** What the books say when they are asked. */
  #registerBooks({ registry, functionNames, counts, now }: EventMetricsOptions): void {
    const figures = async (
      read: (books: EventCounts) => number,
    ): Promise<readonly (readonly [string, number])[]> => {
      const all = await counts();
      return functionNames.map((functionName) => {
        const books = all.find((each) => each.functionName === functionName);
        return [functionName, books === undefined ? 0 : read(books)];
      });
    };
    const labelNames = ["function"] as const;
    const gauge = (name: string, help: string, read: (books: EventCounts) => number): void => {
      const figure = new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        async collect() {
          for (const [of, value] of await figures(read)) this.set({ function: of }, value);
        },
      });
      registry.registerMetric(figure);
    };
    const purged = new Counter({
      name: "lambdad_events_purged_total",
      help: "Asynchronous invocations that were taken off the failed shelf",
      labelNames,
      registers: [],
      async collect() {
        const values = await figures((books) => books.purged);
        this.reset();
        for (const [of, value] of values) this.inc({ function: of }, value);
      },
    });
    registry.registerMetric(purged);
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
    switch (observation.kind) {
      case "accepted":
      case "succeeded":
        this.#counters[observation.kind].inc({ function: observation.functionName });
        break;
      case "failed":
        this.#failed.inc({
          function: observation.functionName,
          condition: observation.condition,
        });
        break;
      case "scheduled":
        if (observation.reason === "crashed") {
          this.#counters.duplicates.inc({ function: observation.functionName });
        }
        break;
      case "purged":
      case "refused":
      case "started":
      case "store_fault":
        break;
    }
  }
}
