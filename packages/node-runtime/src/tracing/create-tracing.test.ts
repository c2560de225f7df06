import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { HostError } from "@lambdad/core";
import type { DeliveryInfo } from "@lambdad/invoke-amqp";
import { context, propagation, trace } from "@opentelemetry/api";
import { Collector, setVariables } from "./collector-fixture.test.ts";
import { createTracing } from "./create-tracing.ts";
import type { Tracing } from "./tracing-options.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callerId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${callerId}-01`;

const caller = (digit: number) => `0000000000000${digit}00`;

function delivery(
  headers: Readonly<Record<string, string>> = {},
  info: Partial<DeliveryInfo> = {},
): DeliveryInfo {
  return {
    queue: "echo",
    requestId: "5e2a1b6c-0000-4000-8000-000000000001",
    correlationId: "call-1",
    replyTo: "amq.gen-x",
    redelivered: false,
    bodyBytes: 11,
    header: (name) => headers[name],
    ...info,
  };
}

/** Traces one delivery, and returns what was warned of. */
async function traceOne(variables: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const restore = setVariables(variables);
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  const tracing = await createTracing({ shutdownMs: 50, warn });
  const follower = tracing.layer.begin(delivery());
  assert.equal(
    follower.run(() => 7),
    7,
  );
  assert.ok(follower.replying("returned")?.["traceparent"] !== undefined);
  follower.end();
  await tracing.shutdown();
  await tracing.shutdown();
  restore();
  return warnings;
}

describe("createTracing()", () => {
  const collector = new Collector();
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  let tracing: Tracing;
  let restore: () => void;

  async function start(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    restore = setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...variables });
    const broker = { host: "broker.example", port: 5672 };
    tracing = await createTracing({ functionName: "echo", broker, warn, shutdownMs: 5000 });
  }

  async function serve(info: DeliveryInfo, invoke: () => Promise<unknown>): Promise<unknown> {
    const follower = tracing.layer.begin(info);
    const result = await follower.run(invoke).then(
      (value) => value as { readonly kind: "returned" | "failed" },
      () => ({ kind: "refused" as const }),
    );
    const headers = follower.replying(result.kind);
    follower.end();
    return headers;
  }

  before(() => collector.start());
  after(() => collector.stop());
  beforeEach(() => {
    collector.spans.length = 0;
    collector.status = 200;
    warnings.length = 0;
  });
  afterEach(async () => {
    await tracing.shutdown();
    restore();
  });

  test("exports consume, invoke and reply of a delivery as the caller's children", async () => {
    await start();
    await serve(delivery({ traceparent }), async () => ({ kind: "returned" }));
    await tracing.shutdown();

    assert.equal(collector.spans.length, 3);
    const consume = collector.span("process echo");
    const invoke = collector.span("invoke echo");
    const reply = collector.span("reply (temporary)");
    assert.deepEqual([consume.traceId, consume.parentSpanId], [traceId, callerId]);
    assert.deepEqual([invoke.traceId, invoke.parentSpanId], [traceId, consume.spanId]);
    assert.deepEqual([reply.traceId, reply.parentSpanId], [traceId, consume.spanId]);
    assert.deepEqual([consume.kind, invoke.kind, reply.kind], [5, 1, 4]);
    assert.deepEqual([consume.status, invoke.status, reply.status], [0, 0, 0]);
    assert.ok(consume.durationNs >= invoke.durationNs);

    assert.deepEqual(consume.attributes, {
      "messaging.system": "rabbitmq",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": "echo",
      "messaging.rabbitmq.destination.routing_key": "echo",
      "messaging.message.body.size": 11,
      "messaging.message.conversation_id": "call-1",
      "server.address": "broker.example",
      "server.port": 5672,
      "faas.trigger": "pubsub",
      "faas.invocation_id": "5e2a1b6c-0000-4000-8000-000000000001",
    });
    assert.deepEqual(invoke.attributes, {
      "faas.invocation_id": "5e2a1b6c-0000-4000-8000-000000000001",
    });
    assert.equal(reply.attributes["messaging.destination.name"], "amq.gen-x");
    assert.equal(reply.attributes["messaging.destination.temporary"], true);
    assert.equal(consume.resource["service.name"], "echo");
    assert.equal(consume.resource["faas.name"], "echo");
    assert.deepEqual(tracing.counts, { ended: 3, exported: 3 });
    assert.deepEqual(warnings, []);
  });

  test("runs the function within its invoke span, across its waits", async () => {
    await start();
    await serve(delivery({ traceparent }), async () => {
      await turn();
      trace.getTracer("the function").startSpan("SELECT").end();
      return { kind: "returned" };
    });
    await tracing.shutdown();
    const [select, invoke] = [collector.span("SELECT"), collector.span("invoke echo")];
    assert.deepEqual([select.traceId, select.parentSpanId], [traceId, invoke.spanId]);
  });

  test("keeps deliveries that run at the same time apart", async () => {
    await start();
    await Promise.all(
      [1, 2, 3].map((digit) =>
        serve(delivery({ traceparent: `00-${traceId}-${caller(digit)}-01` }), async () => {
          await turn();
          trace.getTracer("the function").startSpan(`inner ${digit}`).end();
          return { kind: "returned" };
        }),
      ),
    );
    await tracing.shutdown();
    for (const digit of [1, 2, 3]) {
      const inner = collector.span(`inner ${digit}`);
      const invoke = collector.spans.find((span) => span.spanId === inner.parentSpanId);
      const consume = collector.spans.find((span) => span.spanId === invoke?.parentSpanId);
      assert.equal(consume?.parentSpanId, caller(digit));
    }
  });

  test("puts the context of the reply into its headers, for W3C and X-Ray", async () => {
    await start();
    const headers = await serve(
      delivery({ traceparent, tracestate: "a=1", baggage: "user=7" }),
      async () => ({ kind: "returned" }),
    );
    await tracing.shutdown();
    const { spanId } = collector.span("reply (temporary)");
    assert.deepEqual(headers, {
      traceparent: `00-${traceId}-${spanId}-01`,
      tracestate: "a=1",
      "X-Amzn-Trace-Id": `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1`,
    });
  });

  test("carries a trace on that is not sampled, and makes no spans", async () => {
    await start();
    const carried: Record<string, string> = {};
    const headers = await serve(
      delivery({ traceparent: traceparent.replace(/1$/, "0") }),
      async () => {
        await turn();
        trace.getTracer("the function").startSpan("SELECT").end();
        propagation.inject(context.active(), carried);
        return { kind: "failed" };
      },
    );
    await tracing.shutdown();
    assert.deepEqual([collector.spans, tracing.counts.ended], [[], 0]);
    const notSampled = new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`);
    assert.match(carried["traceparent"] ?? "", notSampled);
    assert.match((headers as Record<string, string>)["traceparent"] ?? "", notSampled);
  });

  test("makes no reply span for an event", async () => {
    await start();
    const headers = await serve(delivery({}, { replyTo: undefined }), async () => ({
      kind: "returned",
    }));
    await tracing.shutdown();
    assert.equal(headers, undefined);
    assert.deepEqual(collector.spans.map(({ name }) => name).sort(), [
      "invoke echo",
      "process echo",
    ]);
  });

  test("ends the spans of an event that has never told of a reply", async () => {
    await start();
    const follower = tracing.layer.begin(delivery({}, { replyTo: undefined }));
    await follower.run(async () => ({ kind: "failed", errorType: "TypeError" }));
    follower.end();
    await tracing.shutdown();
    assert.equal(collector.span("process echo").attributes["error.type"], "TypeError");
    assert.equal(collector.span("invoke echo").status, 2);
  });

  const failures = [
    {
      name: "a function that fails",
      invoke: async () => ({ kind: "failed", errorType: "Runtime.ExitError" }),
      errorType: "Runtime.ExitError",
    },
    {
      name: "a failure without a type",
      invoke: async () => ({ kind: "failed" }),
      errorType: "_OTHER",
    },
    {
      name: "a host that refuses",
      invoke: () => Promise.reject(new HostError("TooManyRequestsException", "Full")),
      errorType: "TooManyRequestsException",
    },
    {
      name: "an error of the host",
      invoke: () => Promise.reject(new RangeError("1")),
      errorType: "RangeError",
    },
  ];
  for (const { name, invoke, errorType } of failures) {
    test(`marks both spans of ${name} with error.type ${errorType}`, async () => {
      await start();
      await serve(delivery(), invoke);
      await tracing.shutdown();
      for (const span of [collector.span("process echo"), collector.span("invoke echo")]) {
        assert.deepEqual([span.status, span.attributes["error.type"]], [2, errorType]);
      }
      assert.equal(collector.span("reply (temporary)").status, 0);
    });
  }

  test("marks what was refused before it ran", async () => {
    await start();
    const follower = tracing.layer.begin(delivery({}, { redelivered: true }));
    follower.replying("refused");
    follower.end();
    await tracing.shutdown();
    const consume = collector.span("process echo");
    assert.deepEqual([consume.status, consume.attributes["error.type"]], [2, "refused"]);
    assert.equal(consume.attributes["messaging.rabbitmq.message.redelivered"], true);
    assert.equal(collector.spans.length, 2);
  });

  test("makes its context what the function propagates", async () => {
    await start();
    const carried: Record<string, string> = {};
    await serve(delivery({ traceparent, baggage: "user=7" }), async () => {
      propagation.inject(context.active(), carried);
      return { kind: "returned" };
    });
    await tracing.shutdown();
    const { spanId } = collector.span("invoke echo");
    assert.equal(carried["traceparent"], `00-${traceId}-${spanId}-01`);
    assert.equal(carried["baggage"], "user=7");
    assert.ok(carried["X-Amzn-Trace-Id"]?.includes(`Parent=${spanId};Sampled=1`));
  });

  test("obeys OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES", async () => {
    await start({ OTEL_SERVICE_NAME: "shop", OTEL_RESOURCE_ATTRIBUTES: "deployment.stage=test" });
    await serve(delivery(), async () => ({ kind: "returned" }));
    await tracing.shutdown();
    const { resource } = collector.span("process echo");
    assert.equal(resource["service.name"], "shop");
    assert.equal(resource["deployment.stage"], "test");
  });

  test("exports nothing with OTEL_TRACES_EXPORTER=none, and carries the context on", async () => {
    await start({ OTEL_TRACES_EXPORTER: "none" });
    const headers = await serve(delivery({ traceparent }), async () => ({ kind: "returned" }));
    await tracing.shutdown();
    assert.equal(collector.spans.length, 0);
    assert.match(String((headers as Record<string, string>)["traceparent"]), new RegExp(traceId));
  });

  test("tells once of a collector that refuses, again when it takes spans, and of the lost at the end", async () => {
    await start({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "3" });
    collector.status = 400;
    for (let round = 1; round <= 2; round++) {
      const before_ = collector.requests;
      await serve(delivery(), async () => ({ kind: "returned" }));
      while (collector.requests === before_) await turn();
    }
    while (warnings.length === 0) await turn();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^Cannot export spans: .+; they are dropped until/);

    collector.status = 200;
    await serve(delivery(), async () => ({ kind: "returned" }));
    await tracing.shutdown();
    assert.equal(collector.spans.length, 3);
    assert.deepEqual(warnings.slice(1), [
      "Spans are exported again: 6 were lost until now",
      "6 of 9 spans were not exported",
    ]);
    assert.deepEqual(tracing.counts, { ended: 9, exported: 3 });
  });

  test("drops what is over the bound of its queue, and counts it", async () => {
    await start({
      OTEL_BSP_MAX_QUEUE_SIZE: "4",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "4",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    });
    collector.status = 503;
    for (let round = 0; round < 10; round++) {
      await serve(delivery(), async () => ({ kind: "returned" }));
    }
    assert.equal(tracing.counts.ended, 30);
    collector.status = 200;
    await tracing.shutdown();
    assert.ok(tracing.counts.exported <= 8);
    assert.match(warnings.at(-1) ?? "", /^\d+ of 30 spans were not exported$/);
  });
});

describe("createTracing() without a collector that answers", () => {
  test("answers as always where nothing listens, and says what is lost", async () => {
    const warnings = await traceOne({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/v1/traces",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    });
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? "", /^Cannot export spans: .*ECONNREFUSED/);
    assert.equal(warnings[1], "3 of 3 spans were not exported");
  });

  test("does not wait in shutdown() for one that never answers", async (t) => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const warnings = await traceOne({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "900",
    });
    assert.deepEqual(warnings, ["3 of 3 spans were not exported"]);
  });
});
