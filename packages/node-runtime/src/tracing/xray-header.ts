import {
  type Context,
  createContextKey,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";

const undecided = createContextKey("lambdad X-Ray undecided");

const xray = new AWSXRayPropagator();

/**
 * `X-Amzn-Trace-Id`, written as the contract of AMQP-RPC spells it: the Go host compares letter by letter.
 *
 * AWS, and lambdad, give the header to every invocation, with `Sampled=0` where nothing traces. So 0 does
 * not forbid to trace here: it leaves the decision to this process (`isUndecided`).
 */
export const xrayHeaderPropagator: TextMapPropagator = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    xray.inject(context, carrier, {
      set(target, _name, text) {
        setter.set(target, "X-Amzn-Trace-Id", text);
      },
    });
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = xray.extract(context, carrier, getter);
    if (extracted === context) return context;
    const span = trace.getSpanContext(extracted);
    if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) !== 0) return extracted;
    return extracted.setValue(undecided, span);
  },
  fields(): string[] {
    return xray.fields();
  },
};

/** The parent is that of an X-Ray header, which does not decide whether to sample. */
export function isUndecided(context: Context): boolean {
  const span = context.getValue(undecided);
  return span !== undefined && span === trace.getSpanContext(context);
}
