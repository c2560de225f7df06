import { HostError } from "@lambdad/core";
import type { DeliveryFollower, DeliveryInfo, DeliveryLayer } from "@lambdad/invoke-amqp";
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapPropagator,
  trace,
  type Tracer,
} from "@opentelemetry/api";

type Outcome = Parameters<DeliveryFollower["replying"]>[0];

/** What the spans of one function have in common. */
export interface DeliverySpansOptions {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** On each span that stands for a message, e.g. `server.address`. */
  readonly attributes: Attributes;
}

/**
 * Three spans for a delivery: `process <queue>` from its coming to the end, with the trace context of
 * its headers; in it `invoke <queue>` while the function runs, which runs within it; and
 * `reply (temporary)`, whose context goes into the headers of the reply.
 *
 * Names and attributes: "Semantic Conventions for Messaging Spans", "… for RabbitMQ" and "… for FaaS" of
 * OpenTelemetry. A reply queue lives as long as its caller: its name is an attribute, and not in the
 * name of a span.
 */
export class DeliverySpans implements DeliveryLayer {
  readonly #options: DeliverySpansOptions;
  readonly #getter: TextMapGetter<DeliveryInfo>;

  constructor(options: DeliverySpansOptions) {
    this.#options = options;
    this.#getter = infoGetter(options.propagator.fields());
  }

  begin(info: DeliveryInfo): DeliveryFollower {
    const { tracer, propagator, attributes } = this.#options;
    const caller = propagator.extract(ROOT_CONTEXT, info, this.#getter);
    const span = tracer.startSpan(
      `process ${info.queue}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: { ...attributes, ...consumeAttributes(info) },
      },
      caller,
    );
    return new FollowedDelivery(this.#options, info, trace.setSpan(caller, span), span);
  }
}

class FollowedDelivery implements DeliveryFollower {
  readonly #options: DeliverySpansOptions;
  readonly #info: DeliveryInfo;
  readonly #context: Context;
  readonly #consume: Span;
  #invoke: Span | undefined;
  #reply: Span | undefined;
  /** Low-cardinality name of what went wrong; `error.type`. */
  #errorType: string | undefined;

  constructor(options: DeliverySpansOptions, info: DeliveryInfo, delivery: Context, span: Span) {
    this.#options = options;
    this.#info = info;
    this.#context = delivery;
    this.#consume = span;
  }

  run<Result>(invoke: () => Result): Result {
    // A trace that is not sampled is only carried on.
    if (!this.#consume.isRecording()) return context.with(this.#context, invoke);
    const span = this.#options.tracer.startSpan(
      `invoke ${this.#info.queue}`,
      { attributes: { "faas.invocation_id": this.#info.requestId } },
      this.#context,
    );
    this.#invoke = span;
    let result: Result;
    try {
      result = context.with(trace.setSpan(this.#context, span), invoke);
    } catch (error) {
      this.#threw(error);
      throw error;
    }
    this.#watch(result);
    return result;
  }

  replying(outcome: Outcome): Readonly<Record<string, string>> | undefined {
    this.#endInvoke(outcome);
    if (this.#info.replyTo === undefined) return undefined;
    const headers: Record<string, string> = {};
    // What the caller has told with the request, it need not be told again.
    const own = propagation.deleteBaggage(this.#replyContext(this.#info.replyTo));
    this.#options.propagator.inject(own, headers, headerSetter);
    return headers;
  }

  end(): void {
    this.#endInvoke(this.#errorType === undefined ? "returned" : "failed");
    this.#reply?.end();
    this.#consume.end();
  }

  #replyContext(replyTo: string): Context {
    if (!this.#consume.isRecording()) return this.#context;
    const { tracer, attributes } = this.#options;
    this.#reply = tracer.startSpan(
      "reply (temporary)",
      {
        kind: SpanKind.PRODUCER,
        attributes: { ...attributes, ...replyAttributes(this.#info, replyTo) },
      },
      this.#context,
    );
    return trace.setSpan(this.#context, this.#reply);
  }

  #endInvoke(outcome: Outcome): void {
    if (outcome !== "returned") {
      this.#errorType ??= outcome === "refused" ? "refused" : "_OTHER";
      fail(this.#consume, this.#errorType);
      if (this.#invoke !== undefined) fail(this.#invoke, this.#errorType);
    }
    this.#invoke?.end();
    this.#invoke = undefined;
  }

  /** Notes why it failed, before the one who waits for it goes on: `replying` tells only that it did. */
  #watch(result: unknown): void {
    if (!isThenable(result)) {
      this.#noteResult(result);
      return;
    }
    result.then(
      (value) => this.#noteResult(value),
      (error: unknown) => this.#threw(error),
    );
  }

  #noteResult(result: unknown): void {
    if (typeof result !== "object" || result === null) return;
    const { kind, errorType } = result as { readonly kind?: unknown; readonly errorType?: unknown };
    if (kind === "failed" && typeof errorType === "string") this.#errorType = errorType;
  }

  #threw(error: unknown): void {
    if (error instanceof HostError) this.#errorType = error.code;
    else this.#errorType = error instanceof Error ? error.name : "_OTHER";
    if (error instanceof Error) this.#invoke?.recordException(error);
  }
}

function consumeAttributes(info: DeliveryInfo): Attributes {
  return {
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    // The default exchange has no name, and its routing key is the queue.
    "messaging.destination.name": info.queue,
    "messaging.rabbitmq.destination.routing_key": info.queue,
    "messaging.message.body.size": info.bodyBytes,
    "faas.trigger": "pubsub",
    "faas.invocation_id": info.requestId,
    ...correlation(info),
    ...(info.redelivered && { "messaging.rabbitmq.message.redelivered": true }),
  };
}

function replyAttributes(info: DeliveryInfo, replyTo: string): Attributes {
  return {
    "messaging.operation.name": "reply",
    "messaging.operation.type": "send",
    "messaging.destination.name": replyTo,
    "messaging.destination.temporary": true,
    "messaging.rabbitmq.destination.routing_key": replyTo,
    ...correlation(info),
  };
}

function correlation({ correlationId }: DeliveryInfo): Attributes {
  return correlationId === undefined ? {} : { "messaging.message.conversation_id": correlationId };
}

function fail(span: Span, errorType: string): void {
  span.setAttribute("error.type", errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

const headerSetter = {
  set(headers: Record<string, string>, name: string, text: string): void {
    headers[name] = text;
  },
};

/** Reads the headers of a delivery, which can be asked for but not listed. */
function infoGetter(fields: readonly string[]): TextMapGetter<DeliveryInfo> {
  return {
    keys: (info) => fields.filter((name) => info.header(name.toLowerCase()) !== undefined),
    get: (info, name) => info.header(name.toLowerCase()),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function"
  );
}
