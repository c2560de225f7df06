import { context, propagation, type TextMapPropagator, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { DeliverySpans } from "./delivery-spans.ts";
import { createSampler } from "./sampler.ts";
import { CountedExporter, CountedSpans } from "./span-export.ts";
import type { SpanCounts, Tracing, TracingOptions } from "./tracing-options.ts";
import {
  type PropagatorName,
  type TracingSettings,
  tracingSettingsOf,
} from "./tracing-settings.ts";
import { uberTraceIdPropagator } from "./uber-trace-id.ts";
import { xrayHeaderPropagator } from "./xray-header.ts";

/** Wait for the last batches, in milliseconds. */
const shutdownMsDefault = 3000;

const propagators: Readonly<Record<PropagatorName, TextMapPropagator>> = {
  jaeger: uberTraceIdPropagator,
  xray: xrayHeaderPropagator,
  tracecontext: new W3CTraceContextPropagator(),
  baggage: new W3CBaggagePropagator(),
};

/**
 * Starts tracing in this process: spans of each delivery, and of everything in the function that uses
 * `@opentelemetry/api`, exported by OTLP over HTTP in batches. Import this file only to trace: what it
 * needs takes 90 ms to load.
 *
 * Where to and how much is said by OpenTelemetry's variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, default
 * `http://localhost:4318`; `OTEL_SERVICE_NAME`; `OTEL_TRACES_SAMPLER`; …). A collector that is down costs
 * one line in the log and the spans.
 *
 * When the function's process has an SDK of its own already (`--import`), its globals stay; the spans of
 * the deliveries are ours, and its spans are their children if it manages contexts.
 */
export async function createTracing(options: TracingOptions = {}): Promise<Tracing> {
  const { warn = warnOnStderr } = options;
  const settings = tracingSettingsOf(process.env);
  for (const warning of settings.warnings) warn(warning);

  const spans = settings.exported ? createSpans(settings, warn) : undefined;
  const provider = new TracerProvider({
    resource: resourceOf(options),
    sampler: createSampler(settings),
    spanProcessors: spans === undefined ? [] : [spans],
  });
  const propagator = new CompositePropagator({
    propagators: settings.propagators.map((name) => propagators[name]),
  });
  const release = register(provider, propagator);
  let stopping: Promise<void> | undefined;

  async function stop(): Promise<void> {
    release();
    await within(options.shutdownMs ?? shutdownMsDefault, provider.shutdown());
    const { ended, exported } = countsOf(spans);
    if (ended > exported) warn(`${ended - exported} of ${ended} spans were not exported`);
  }

  return {
    layer: new DeliverySpans({
      tracer: provider.getTracer("@lambdad/node-runtime"),
      propagator,
      attributes: {
        "messaging.system": "rabbitmq",
        ...(options.broker !== undefined && {
          "server.address": options.broker.host,
          "server.port": options.broker.port,
        }),
      },
    }),
    get counts() {
      return countsOf(spans);
    },
    shutdown() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function createSpans(settings: TracingSettings, warn: (sentence: string) => void): CountedSpans {
  const { maxQueueSize, maxExportBatchSize } = settings.batch;
  // At the end, all batches of the queue leave at once.
  const concurrencyLimit = Math.ceil(maxQueueSize / maxExportBatchSize) + 1;
  const exporter = new CountedExporter(new OTLPTraceExporter({ concurrencyLimit }), warn);
  return new CountedSpans(new BatchSpanProcessor({ exporter, ...settings.batch }), exporter);
}

function countsOf(spans: CountedSpans | undefined): SpanCounts {
  return spans?.counts ?? { ended: 0, exported: 0 };
}

function resourceOf({ functionName }: TracingOptions): Resource {
  const named = resourceFromAttributes(
    functionName === undefined ? {} : { "service.name": functionName, "faas.name": functionName },
  );
  const detectors = [
    serviceInstanceIdDetector,
    resourceAttributesEnvDetector,
    serviceNameEnvDetector,
  ];
  return defaultResource().merge(named).merge(detectResources({ detectors }));
}

/**
 * Makes it what `@opentelemetry/api` uses, where nothing else is already.
 *
 * @returns takes back what it has set.
 */
function register(provider: TracerProvider, propagator: TextMapPropagator): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  const isTracer = trace.setGlobalTracerProvider(provider);
  const isManager = context.setGlobalContextManager(manager);
  const isPropagator = propagation.setGlobalPropagator(propagator);
  return () => {
    if (isTracer) trace.disable();
    if (isManager) context.disable();
    if (isPropagator) propagation.disable();
  };
}

/** Waits for it, but not longer; what goes wrong has been told of where it did. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  work.then(resolve, () => resolve());
  await promise;
  clearTimeout(timer);
}

function warnOnStderr(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
