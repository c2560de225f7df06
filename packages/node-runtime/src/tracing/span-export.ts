import { TraceFlags } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { SpanCounts } from "./tracing-options.ts";

/**
 * Counts what is exported, and tells once of a collector that does not take it, until it does again.
 *
 * Nothing of it reaches the batch processor: a span that is lost is lost, and the function goes on.
 */
export class CountedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #warn: (sentence: string) => void;
  #exported = 0;
  #lost = 0;
  #failing = false;

  constructor(exporter: SpanExporter, warn: (sentence: string) => void) {
    this.#exporter = exporter;
    this.#warn = warn;
  }

  get exported(): number {
    return this.#exported;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.#taken(spans.length);
      else this.#refused(spans.length, result.error);
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #taken(spans: number): void {
    this.#exported += spans;
    if (!this.#failing) return;
    this.#failing = false;
    this.#warn(`Spans are exported again: ${this.#lost} were lost until now`);
  }

  #refused(spans: number, error: Error | undefined): void {
    this.#lost += spans;
    if (this.#failing) return;
    this.#failing = true;
    const reason =
      error === undefined || error.message === "" ? "no reason given" : reasonOf(error);
    this.#warn(`Cannot export spans: ${reason}; they are dropped until the collector takes them`);
  }
}

/** Passes each span on to a processor, and counts those that are to be exported. */
export class CountedSpans implements SpanProcessor {
  readonly #processor: SpanProcessor;
  readonly #exporter: CountedExporter;
  #ended = 0;

  constructor(processor: SpanProcessor, exporter: CountedExporter) {
    this.#processor = processor;
    this.#exporter = exporter;
  }

  get counts(): SpanCounts {
    return { ended: this.#ended, exported: this.#exporter.exported };
  }

  onStart(...started: Parameters<SpanProcessor["onStart"]>): void {
    this.#processor.onStart(...started);
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#ended += 1;
    this.#processor.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown();
  }
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== ""
    ? `${error.message} (${error.cause.message})`
    : error.message;
}
