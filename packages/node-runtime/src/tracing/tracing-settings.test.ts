import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { samplerNames, tracingSettingsOf } from "./tracing-settings.ts";

describe("tracingSettingsOf()", () => {
  test("has OpenTelemetry's defaults, with a larger queue", () => {
    assert.deepEqual(tracingSettingsOf({}), {
      sampler: "parentbased_always_on",
      ratio: 1,
      propagators: ["jaeger", "xray", "tracecontext", "baggage"],
      batch: {
        maxQueueSize: 16_384,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 5000,
        exportTimeoutMillis: 30_000,
      },
      exported: true,
      warnings: [],
    });
  });

  for (const sampler of samplerNames) {
    test(`knows the sampler ${sampler}`, () => {
      const settings = tracingSettingsOf({
        OTEL_TRACES_SAMPLER: sampler,
        OTEL_TRACES_SAMPLER_ARG: "0.25",
      });
      assert.deepEqual([settings.sampler, settings.ratio, settings.warnings], [sampler, 0.25, []]);
    });
  }

  test("takes a list of propagators, and keeps its own order of reading", () => {
    const { propagators } = tracingSettingsOf({ OTEL_PROPAGATORS: "tracecontext, xray" });
    assert.deepEqual(propagators, ["xray", "tracecontext"]);
    assert.deepEqual(tracingSettingsOf({ OTEL_PROPAGATORS: "none" }).propagators, []);
  });

  test("takes the sizes and times of the batches", () => {
    const { batch } = tracingSettingsOf({
      OTEL_BSP_MAX_QUEUE_SIZE: "100",
      OTEL_BSP_SCHEDULE_DELAY: "10",
      OTEL_BSP_EXPORT_TIMEOUT: "20",
    });
    assert.deepEqual(batch, {
      maxQueueSize: 100,
      maxExportBatchSize: 100,
      scheduledDelayMillis: 10,
      exportTimeoutMillis: 20,
    });
  });

  for (const [name, text] of [
    ["OTEL_TRACES_EXPORTER", "none"],
    ["OTEL_SDK_DISABLED", "TRUE"],
  ] as const) {
    test(`exports nothing with ${name}=${text}`, () => {
      assert.equal(tracingSettingsOf({ [name]: text }).exported, false);
    });
  }

  for (const [name, text, reason] of [
    ["OTEL_TRACES_SAMPLER", "sometimes", "known are always_on, "],
    ["OTEL_TRACES_SAMPLER_ARG", "half", "it must be a number from 0 to 1"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5", "it must be a number from 0 to 1"],
    ["OTEL_PROPAGATORS", "xray,b3", "'b3' is not one of "],
    ["OTEL_BSP_MAX_QUEUE_SIZE", "-1", "it must be a whole number above 0, so 16384 is used"],
    ["OTEL_BSP_SCHEDULE_DELAY", "soon", "it must be a whole number above 0, so 5000 is used"],
    ["OTEL_TRACES_EXPORTER", "zipkin", "known are otlp and none"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "spans are sent as http/protobuf"],
  ] as const) {
    test(`warns of ${name}=${text} and does without`, () => {
      const { warnings, ...settings } = tracingSettingsOf({ [name]: text });
      assert.equal(warnings.length, 1);
      const sentence = `${name}=${text} has no effect: ${reason}`;
      assert.ok(warnings[0]?.startsWith(sentence), warnings[0]);
      const { warnings: _, ...defaults } = tracingSettingsOf({});
      const wanted =
        name === "OTEL_PROPAGATORS" ? { ...defaults, propagators: ["xray"] } : defaults;
      assert.deepEqual(settings, wanted);
    });
  }
});
