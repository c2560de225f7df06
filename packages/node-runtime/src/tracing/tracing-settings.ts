/** Samplers that OpenTelemetry's specification names and that need nothing from outside. */
export const samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export type SamplerName = (typeof samplerNames)[number];

/** Formats of a trace context in headers. */
export const propagatorNames = ["jaeger", "xray", "tracecontext", "baggage"] as const;

export type PropagatorName = (typeof propagatorNames)[number];

/** What the variables of OpenTelemetry say, as far as its SDK does not read them itself. */
export interface TracingSettings {
  readonly sampler: SamplerName;
  /** Share of the traces that are kept, 0 to 1; of the two samplers by ratio. */
  readonly ratio: number;
  /** In the order of reading: where a message has several, the last one wins. */
  readonly propagators: readonly PropagatorName[];
  readonly batch: BatchSettings;
  /** Spans are made, carried on and dropped: `OTEL_TRACES_EXPORTER=none`. */
  readonly exported: boolean;
  /** Settings without effect: one sentence each. */
  readonly warnings: readonly string[];
}

/** Spans, and milliseconds. */
export interface BatchSettings {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/**
 * Reads `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`, `OTEL_PROPAGATORS`, `OTEL_BSP_…`,
 * `OTEL_TRACES_EXPORTER`, `OTEL_SDK_DISABLED` and `OTEL_EXPORTER_OTLP_PROTOCOL`.
 *
 * Their names, their defaults, and that a bad value is warned of and not obeyed: "Environment Variable
 * Specification" of OpenTelemetry. The queue is larger than its default of 2048 spans, which a thousand
 * messages at once would overrun.
 */
export function tracingSettingsOf(
  env: Readonly<Record<string, string | undefined>>,
): TracingSettings {
  const warnings: string[] = [];

  function warn(name: string, effect: string): void {
    warnings.push(`${name}=${env[name] ?? ""} has no effect: ${effect}`);
  }
  function integer(name: string, fallback: number): number {
    const text = (env[name] ?? "").trim();
    if (text === "") return fallback;
    const value = Number(text);
    if (Number.isSafeInteger(value) && value > 0) return value;
    warn(name, `it must be a whole number above 0, so ${fallback} is used`);
    return fallback;
  }

  const sampler = samplerOf(env["OTEL_TRACES_SAMPLER"]);
  if (sampler === undefined) warn("OTEL_TRACES_SAMPLER", `known are ${samplerNames.join(", ")}`);
  const ratio = ratioOf(env["OTEL_TRACES_SAMPLER_ARG"]);
  if (ratio === undefined) warn("OTEL_TRACES_SAMPLER_ARG", "it must be a number from 0 to 1");

  const wanted = listOf(env["OTEL_PROPAGATORS"]);
  const unknown = wanted.filter((name) => name !== "none" && !isPropagator(name));
  if (unknown.length > 0) {
    const known = propagatorNames.join(", ");
    warn("OTEL_PROPAGATORS", `'${unknown.join("', '")}' is not one of ${known}`);
  }
  const propagators =
    wanted.length === 0
      ? propagatorNames
      : propagatorNames.filter((name) => wanted.includes(name) && !wanted.includes("none"));

  const exporter = (env["OTEL_TRACES_EXPORTER"] ?? "").trim();
  if (!["", "otlp", "none"].includes(exporter)) {
    warn("OTEL_TRACES_EXPORTER", "known are otlp and none, so otlp is used");
  }
  for (const name of ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]) {
    if (!["", "http/protobuf"].includes((env[name] ?? "").trim())) {
      warn(name, "spans are sent as http/protobuf");
    }
  }
  const maxQueueSize = integer("OTEL_BSP_MAX_QUEUE_SIZE", 16_384);
  return {
    sampler: sampler ?? "parentbased_always_on",
    ratio: ratio ?? 1,
    propagators,
    batch: {
      maxQueueSize,
      maxExportBatchSize: Math.min(integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512), maxQueueSize),
      scheduledDelayMillis: integer("OTEL_BSP_SCHEDULE_DELAY", 5000),
      exportTimeoutMillis: integer("OTEL_BSP_EXPORT_TIMEOUT", 30_000),
    },
    exported: exporter !== "none" && env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() !== "true",
    warnings,
  };
}

function samplerOf(text = ""): SamplerName | undefined {
  if (text.trim() === "") return "parentbased_always_on";
  return samplerNames.find((name) => name === text.trim());
}

function ratioOf(text = ""): number | undefined {
  if (text.trim() === "") return 1;
  const ratio = Number(text);
  return ratio >= 0 && ratio <= 1 ? ratio : undefined;
}

function listOf(text = ""): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function isPropagator(name: string): name is PropagatorName {
  return propagatorNames.some((known) => known === name);
}
