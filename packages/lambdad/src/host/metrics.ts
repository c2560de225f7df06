import type {
  EnvironmentEndReason,
  PlatformEvent,
  PoolCounts,
  RejectReason,
} from "@lambdad/environment";
import type { EventCounts, Invoker, InvokeResult, Layer } from "@lambdad/core";
import type { EventObservation } from "@lambdad/events";
import type { Page } from "@lambdad/invoke-http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { BrokerMetrics } from "./broker-metrics.ts";
import { EventMetrics } from "./event-metrics.ts";

/** Buckets in seconds: from a warm echo to the longest time-out. */
const durationBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
];

/** A function of this machine, with the figures of its pool. */
export interface HostedFunction {
  readonly name: string;
  readonly counts: () => PoolCounts;
}

/** Figures that are read when `/metrics` is asked for. */
export interface MetricSources {
  /** Functions of this machine. */
  readonly functions: readonly HostedFunction[];
  /** Names of other functions that are known; what has neither name is `unknown` in a label (§13). */
  readonly otherFunctions?: readonly string[];
  /** Whether there is a broker. Default: false. */
  readonly broker?: boolean;
  readonly bodyBytesInFlight: () => number;
  readonly logLinesDropped: () => number;
  readonly eventLoopDelaySeconds: () => number;
  /** `undefined`: this system does not tell. */
  readonly openFiles: () => number | undefined;
  readonly eventCounts: () => Promise<readonly EventCounts[]>;
}

/** The Prometheus metrics of a host: names and labels are those of spec reliability §13. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #names: ReadonlySet<string>;
  /** `undefined`: there is no broker. */
  readonly broker: BrokerMetrics | undefined;
  readonly #invocations: Counter<"function" | "type" | "result">;
  readonly #durations: Histogram<"function">;
  readonly #inits: Histogram<"function">;
  readonly #queues: Histogram<"function">;
  readonly #ends: Counter<"function" | "reason">;
  readonly #runtimeRejects: Counter<"reason">;
  readonly #httpRejects: Counter<"status" | "reason">;
  readonly #telemetryDrops: Counter;
  readonly #events: EventMetrics;

  constructor(sources: MetricSources) {
    const hosted = sources.functions.map(({ name }) => name);
    this.#names = new Set([...hosted, ...(sources.otherFunctions ?? [])]);
    const registers = [this.#registry];
    const histogram = (name: string, help: string): Histogram<"function"> =>
      new Histogram({ name, help, labelNames: ["function"], buckets: durationBuckets, registers });
    this.#invocations = new Counter({
      name: "lambdad_invocations_total",
      help: "Invocations that ended, by result",
      labelNames: ["function", "type", "result"],
      registers,
    });
    this.#durations = histogram("lambdad_invocation_seconds", "Duration of invocations");
    this.#inits = histogram("lambdad_init_seconds", "Duration of initialisations");
    this.#queues = histogram("lambdad_queue_seconds", "Wait for an environment");
    this.#ends = new Counter({
      name: "lambdad_environment_ends_total",
      help: "Environments that ended, by reason",
      labelNames: ["function", "reason"],
      registers,
    });
    this.#runtimeRejects = new Counter({
      name: "lambdad_rapi_rejects_total",
      help: "Calls of the Runtime API that were refused or unusual",
      labelNames: ["reason"],
      registers,
    });
    this.#httpRejects = new Counter({
      name: "lambdad_http_rejects_total",
      help: "Requests of the Invoke API that were refused",
      labelNames: ["status", "reason"],
      registers,
    });
    this.#telemetryDrops = new Counter({
      name: "lambdad_telemetry_dropped_total",
      help: "Records that subscribers of telemetry did not get: they were too slow, or failed",
      registers,
    });
    this.#events = new EventMetrics({
      registry: this.#registry,
      functionNames: hosted,
      counts: sources.eventCounts,
      now: Date.now,
    });
    if (sources.broker === true) this.broker = new BrokerMetrics(this.#registry);
    this.#registerGauges(sources);
    this.#registerLogCounter(sources.logLinesDropped);
  }

  #registerGauges(sources: MetricSources): void {
    const { functions } = sources;
    const states = new Gauge({
      name: "lambdad_environments",
      help: "Environments by state",
      labelNames: ["function", "state"],
      registers: [],
      collect() {
        for (const { name, counts } of functions) {
          const { starting, idle, busy } = counts();
          this.set({ function: name, state: "starting" }, starting);
          this.set({ function: name, state: "idle" }, idle);
          this.set({ function: name, state: "busy" }, busy);
        }
      },
    });
    this.#registry.registerMetric(states);
    const gauge = (name: string, help: string, read: () => number): void => {
      const figure = new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      });
      this.#registry.registerMetric(figure);
    };
    gauge("lambdad_queue_length", "Invocations that wait for an environment", () => {
      return functions.reduce((sum, { counts }) => sum + counts().waiting, 0);
    });
    gauge("lambdad_body_bytes_in_flight", "Bytes of events held", sources.bodyBytesInFlight);
    if (sources.openFiles() !== undefined) {
      gauge("lambdad_open_fds", "Open files", () => sources.openFiles() ?? 0);
    }
    gauge(
      "lambdad_event_loop_delay_seconds",
      "99th percentile of the event loop's delay",
      sources.eventLoopDelaySeconds,
    );
  }

  #registerLogCounter(linesDropped: () => number): void {
    const counter = new Counter({
      name: "lambdad_log_dropped_total",
      help: "Log lines that were dropped: their reader was too slow, or has gone",
      registers: [],
      collect() {
        this.reset();
        this.inc(linesDropped());
      },
    });
    this.#registry.registerMetric(counter);
  }

  /** Counts invocations by what came of them. */
  readonly layer: Layer = (next: Invoker): Invoker => ({
    // Not an async function: that would hold the invocation, and so its event, until the end.
    invoke: (invocation, signal) => {
      const { functionName, type } = invocation;
      return next.invoke(invocation, signal).then(
        (result) => {
          this.#count(functionName, type, resultLabel(result));
          return result;
        },
        (error: unknown) => {
          this.#count(functionName, type, errorLabel(error, signal));
          throw error;
        },
      );
    },
  });

  #count(functionName: string, type: string, result: string): void {
    const label = this.#names.has(functionName) ? functionName : "unknown";
    this.#invocations.inc({ function: label, type, result });
  }

  platformEvent(functionName: string, event: PlatformEvent): void {
    const labels = { function: functionName };
    if (event.type === "platform.report") this.#durations.observe(labels, event.durationMs / 1000);
    if (event.type === "platform.initReport") this.#inits.observe(labels, event.durationMs / 1000);
    if (event.type === "platform.start") this.#queues.observe(labels, event.queueMs / 1000);
  }

  eventObserved(observation: EventObservation): void {
    this.#events.observed(observation);
  }

  environmentEnded(functionName: string, reason: EnvironmentEndReason): void {
    this.#ends.inc({ function: functionName, reason });
  }

  runtimeRejected(reason: RejectReason): void {
    this.#runtimeRejects.inc({ reason });
  }

  telemetryDropped(records: number): void {
    this.#telemetryDrops.inc(records);
  }

  /** A reason that is no code is a sentence for the log, and no label: there is no end of them. */
  httpRejected(status: number, reason: string): void {
    const label = /^[A-Za-z]{1,64}$/.test(reason) ? reason : "Http";
    this.#httpRejects.inc({ status: String(status), reason: label });
  }

  /** The text that Prometheus reads. */
  async page(): Promise<Page> {
    const body = await this.#registry.metrics();
    return { status: 200, contentType: this.#registry.contentType, body };
  }
}

function resultLabel(result: InvokeResult): string {
  const errorType = errorTypeOf(result);
  if (errorType === undefined) return "success";
  return errorType === "Sandbox.Timedout" ? "timeout" : "error";
}

function errorTypeOf(result: InvokeResult): string | undefined {
  switch (result.kind) {
    case "returned":
      return undefined;
    case "failed":
      return result.errorType;
    case "streamed":
      return result.error?.errorType;
    default:
      return result satisfies never;
  }
}

function errorLabel(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "cancelled";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "TooManyRequestsException" ? "throttled" : "host_error";
}
