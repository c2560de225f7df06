import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  TraceFlags,
} from "@opentelemetry/api";

/** Header of Jaeger's own clients, which the existing Python runtimes use. */
const header = "uber-trace-id";

const spoken = createContextKey("lambdad uber-trace-id");

/** `{trace}:{span}:{parent}:{flags}` in hexadecimal; text maps may escape the colons. */
const pattern = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:([0-9a-f]{1,2})$/i;

/**
 * Reads `uber-trace-id`, and writes it only in answer to it: newer callers do not know it.
 *
 * Source: "Propagation Format" of Jaeger's client libraries.
 */
export const uberTraceIdPropagator: TextMapPropagator = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || context.getValue(spoken) !== true) return;
    const flags = span.traceFlags & TraceFlags.SAMPLED;
    setter.set(carrier, header, `${span.traceId}:${span.spanId}:0:${flags}`);
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const text = getter.get(carrier, header);
    const span = typeof text === "string" ? parseUberTraceId(text) : undefined;
    if (span === undefined) return context;
    return trace.setSpanContext(context.setValue(spoken, true), span);
  },
  fields(): string[] {
    return [header];
  },
};

/** `undefined`: not the header's form, or ids of zeros only. */
export function parseUberTraceId(text: string): SpanContext | undefined {
  const match = pattern.exec(text.trim().replaceAll(/%3a/gi, ":"));
  if (match === null) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = match;
  const span: SpanContext = {
    // Leading zeros may be left out.
    traceId: traceId.toLowerCase().padStart(32, "0"),
    spanId: spanId.toLowerCase().padStart(16, "0"),
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(span) ? span : undefined;
}
