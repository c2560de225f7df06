import type { DeliveryLayer } from "@lambdad/invoke-amqp";

/** Options of `createTracing`; the rest comes from OpenTelemetry's own variables (`OTEL_…`). */
export interface TracingOptions {
  /** `service.name` and `faas.name` of the spans, unless `OTEL_SERVICE_NAME` says otherwise. */
  readonly functionName?: string;
  /** `server.address` and `server.port` of the spans: the broker. */
  readonly broker?: { readonly host: string; readonly port: number };
  /** Wait for the last batches in `shutdown`, in milliseconds. Default 3000. */
  readonly shutdownMs?: number;
  /** Takes one sentence for the log: a setting without effect, spans that were lost. Default: stderr. */
  readonly warn?: (sentence: string) => void;
}

/** Tracing that runs: in this process, for this thread. */
export interface Tracing {
  /** Gives each delivery its spans; `AmqpDoorOptions.around`. */
  readonly layer: DeliveryLayer;
  /** What became of the spans so far. */
  readonly counts: SpanCounts;
  /**
   * Sends what has ended, within the limit, and takes the globals of OpenTelemetry back. Never rejects.
   * A request to a collector that does not answer may be under way when it resolves.
   */
  shutdown(): Promise<void>;
}

/** Sampled spans of this thread, those of the function among them. */
export interface SpanCounts {
  readonly ended: number;
  readonly exported: number;
}
