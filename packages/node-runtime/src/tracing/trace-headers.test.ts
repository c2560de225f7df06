// Trace contexts in headers: what is read, which one wins, and who decides whether to sample.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ROOT_CONTEXT, SpanKind, type TextMapGetter, trace } from "@opentelemetry/api";
import { CompositePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import fc from "fast-check";
import { createSampler } from "./sampler.ts";
import { type TracingSettings, tracingSettingsOf } from "./tracing-settings.ts";
import { parseUberTraceId, uberTraceIdPropagator } from "./uber-trace-id.ts";
import { xrayHeaderPropagator } from "./xray-header.ts";

type Headers = Record<string, string>;

const traceId = "5759e988bd862e3fe1be46a994272793";
const spanId = "53995c3f42cd8ad8";
const xray = (sampled: string) =>
  `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${spanId};Sampled=${sampled}`;

const getter: TextMapGetter<Headers> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name],
};
const setter = {
  set(headers: Headers, name: string, text: string) {
    headers[name] = text;
  },
};
const all = new CompositePropagator({
  propagators: [uberTraceIdPropagator, xrayHeaderPropagator, new W3CTraceContextPropagator()],
});

const hex = (digits: number) =>
  fc.bigInt(1n, 2n ** BigInt(4 * digits) - 1n).map((id) => id.toString(16).padStart(digits, "0"));
const w3cHeader = (flags: string) => `00-${traceId}-${spanId}-${flags}`;
const isSampled = (sampler: TracingSettings["sampler"], headers: Headers, ratio = 1) =>
  createSampler({ ...tracingSettingsOf({}), sampler, ratio }).shouldSample(
    all.extract(ROOT_CONTEXT, headers, getter),
    traceId,
    "process echo",
    SpanKind.CONSUMER,
    {},
    [],
  ).decision === SamplingDecision.RECORD_AND_SAMPLED;

describe("parseUberTraceId()", () => {
  const sampled = { traceFlags: 1, isRemote: true };
  for (const [text, span] of [
    [`${traceId}:${spanId}:0:1`, { traceId, spanId, ...sampled }],
    [`${traceId}:${spanId}:0:0`, { traceId, spanId, ...sampled, traceFlags: 0 }],
    [`${traceId}:${spanId}:0:3`, { traceId, spanId, ...sampled }],
    [`${traceId}%3A${spanId}%3a0%3A1`, { traceId, spanId, ...sampled }],
    [
      "bd862e3fe1be46a9:8ad8:0:1",
      { traceId: `${"0".repeat(16)}bd862e3fe1be46a9`, spanId: "0000000000008ad8", ...sampled },
    ],
    ["0:0:0:1", undefined],
    [`${traceId}:${spanId}:1`, undefined],
    [`${traceId}0:${spanId}:0:1`, undefined],
    ["", undefined],
  ] as const) {
    test(`reads '${text}'`, () => {
      assert.deepEqual(parseUberTraceId(text), span);
    });
  }

  test("takes any text without throwing, and any context that was written", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseUberTraceId(text)));
    fc.assert(
      fc.property(hex(32), hex(16), fc.nat(1), (trace_, span, traceFlags) => {
        assert.deepEqual(parseUberTraceId(`${trace_}:${span}:0:${traceFlags}`), {
          traceId: trace_,
          spanId: span,
          traceFlags,
          isRemote: true,
        });
      }),
    );
  });
});

describe("uberTraceIdPropagator", () => {
  test("answers who speaks it, and nobody else", () => {
    const spoken: Headers = {};
    const uber = { "uber-trace-id": `${traceId}:${spanId}:0:1` };
    all.inject(all.extract(ROOT_CONTEXT, uber, getter), spoken, setter);
    assert.equal(spoken["uber-trace-id"], uber["uber-trace-id"]);
    assert.equal(spoken["traceparent"], `00-${traceId}-${spanId}-01`);

    const silent: Headers = {};
    all.inject(
      all.extract(ROOT_CONTEXT, { traceparent: `00-${traceId}-${spanId}-01` }, getter),
      silent,
      setter,
    );
    assert.deepEqual(Object.keys(silent).sort(), ["X-Amzn-Trace-Id", "traceparent"]);
  });
});

describe("a message with several headers", () => {
  const w3c = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  for (const [name, headers, wanted] of [
    ["X-Ray alone", { "x-amzn-trace-id": xray("1") }, traceId],
    ["W3C before X-Ray", { "x-amzn-trace-id": xray("1"), traceparent: w3c }, "a".repeat(32)],
    [
      "X-Ray before uber-trace-id",
      { "x-amzn-trace-id": xray("1"), "uber-trace-id": "1:2:0:1" },
      traceId,
    ],
    ["X-Ray where W3C is broken", { "x-amzn-trace-id": xray("1"), traceparent: "00-1" }, traceId],
    ["nothing of a broken one", { "x-amzn-trace-id": "Root=1-1;Sampled=1" }, undefined],
  ] as const) {
    test(`gives ${name}`, () => {
      const found = trace.getSpanContext(all.extract(ROOT_CONTEXT, headers, getter));
      assert.equal(found?.traceId, wanted);
    });
  }
});

describe("createSampler()", () => {
  for (const [name, sampler, headers, wanted] of [
    ["takes a new trace", "parentbased_always_on", {}, true],
    ["leaves a new trace", "parentbased_always_off", {}, false],
    ["does as W3C says", "parentbased_always_on", { traceparent: w3cHeader("00") }, false],
    ["does as W3C says", "parentbased_always_off", { traceparent: w3cHeader("01") }, true],
    ["does as X-Ray says", "parentbased_always_off", { "x-amzn-trace-id": xray("1") }, true],
    ["decides where X-Ray says 0", "parentbased_always_on", { "x-amzn-trace-id": xray("0") }, true],
    [
      "decides where X-Ray says 0",
      "parentbased_always_off",
      { "x-amzn-trace-id": xray("0") },
      false,
    ],
    [
      "does as W3C says, whatever X-Ray says",
      "parentbased_always_on",
      { "x-amzn-trace-id": xray("0"), traceparent: w3cHeader("00") },
      false,
    ],
    ["takes all", "always_on", { traceparent: w3cHeader("00") }, true],
    ["leaves all", "always_off", { traceparent: w3cHeader("01") }, false],
  ] as const) {
    test(`${name} with ${sampler} and ${JSON.stringify(headers)}`, () => {
      assert.equal(isSampled(sampler, headers), wanted);
    });
  }

  test("keeps a share of the traces", () => {
    assert.equal(isSampled("traceidratio", {}, 0), false);
    assert.equal(isSampled("parentbased_traceidratio", {}, 0), false);
    assert.equal(isSampled("parentbased_traceidratio", {}, 1), true);
  });
});
