import {
  functionArn,
  type FunctionConfiguration,
  HostError,
  type Invocation,
  type InvokeResult,
  type Payload,
} from "@lambdad/core";
import type { BodyReceiver, Exchange } from "@lambdad/http1";
import type { BodyBudget } from "./body-budget.ts";
import type { InvokeDoorOptions } from "./door-options.ts";
import { renderHostError } from "./error-reply.ts";
import type { InvokeParameters } from "./invoke-parameters.ts";
import type { InvokeTarget } from "./invoke-target.ts";
import { eventLimit, eventTooLarge } from "./event-limit.ts";
import { RequestBody } from "./request-body.ts";
import { renderIds, renderResultHeaders } from "./result-reply.ts";
import { StreamedReply } from "./streamed-reply.ts";

/** A request to run a function, as far as its head tells. */
export interface InvokeRequest {
  readonly target: InvokeTarget;
  readonly requestId: string;
  readonly parameters: InvokeParameters;
  readonly configuration: FunctionConfiguration;
}

/** Receives the body of one request to run a function, has it run, and answers. */
export class InvokeCall implements BodyReceiver {
  readonly #options: InvokeDoorOptions;
  readonly #budget: BodyBudget;
  readonly #exchange: Exchange;
  readonly #request: InvokeRequest;
  readonly #body: RequestBody = new RequestBody();
  readonly #bytesMax: number;
  /** Bytes taken from the budget. */
  #reserved: number;
  #stream: StreamedReply | undefined;
  #signal: AbortSignal | undefined;

  /** `contentLength` bytes have been taken from the budget already; the call gives them back. */
  constructor(
    exchange: Exchange,
    request: InvokeRequest,
    { options, budget }: { readonly options: InvokeDoorOptions; readonly budget: BodyBudget },
  ) {
    this.#exchange = exchange;
    this.#request = request;
    this.#options = options;
    this.#budget = budget;
    this.#bytesMax = eventLimit(request.target.action, request.parameters.type);
    this.#reserved = exchange.contentLength ?? 0;
  }

  data(chunk: Uint8Array): void {
    if (this.#exchange.done) return;
    this.#body.write(chunk);
    const { byteLength } = this.#body;
    if (byteLength <= this.#reserved) return;
    // Chunked: only now it is known how much there is.
    if (byteLength > this.#bytesMax) {
      this.#fail(eventTooLarge(this.#bytesMax));
    } else if (this.#budget.take(byteLength - this.#reserved)) {
      this.#reserved = byteLength;
    } else {
      this.#fail(this.#budget.refusal());
    }
  }

  end(): void {
    if (this.#exchange.done) return;
    const event = this.#body.end();
    if (typeof event === "string") {
      this.#fail(new HostError("InvalidRequestContentException", event));
      return;
    }
    try {
      this.#run(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  aborted(): void {
    this.#release();
  }

  #run(event: Payload): void {
    const { type } = this.#request.parameters;
    switch (type) {
      case "DryRun":
        this.#check();
        return;
      case "Event":
        this.#accept(event);
        return;
      case "RequestResponse":
        this.#invoke(event);
    }
  }

  #invoke(event: Payload): void {
    const { target, requestId, parameters, configuration } = this.#request;
    if (target.action === "stream") {
      const { traceId } = parameters;
      const { version } = configuration;
      this.#stream = new StreamedReply(this.#exchange, { requestId, traceId, version });
    }
    this.#signal = this.#exchange.connection.signal;
    this.#options.invoker.invoke(this.#invocation(event, "RequestResponse"), this.#signal).then(
      (result) => this.#finish(result),
      (error: unknown) => this.#fail(error),
    );
  }

  #check(): void {
    const { check } = this.#options;
    if (check === undefined) {
      this.#replyEmpty(204);
      return;
    }
    const { target, configuration } = this.#request;
    check(configuration, target.writtenName).then(
      () => this.#replyEmpty(204),
      (error: unknown) => this.#fail(error),
    );
  }

  #accept(event: Payload): void {
    const { acceptEvent } = this.#options;
    if (acceptEvent === undefined) throw new TypeError("Cannot accept an event: nothing takes it");
    acceptEvent(this.#invocation(event, "Event")).then(
      () => this.#replyEmpty(202),
      (error: unknown) => this.#fail(error),
    );
  }

  #invocation(payload: Payload, type: Invocation["type"]): Invocation {
    const { target, requestId, parameters, configuration } = this.#request;
    const { qualifier } = target.name;
    return {
      requestId,
      functionName: configuration.name,
      writtenName: target.writtenName,
      qualifier,
      invokedFunctionArn: functionArn(configuration, qualifier),
      type,
      payload,
      // Not the request's: the event is JSON, and Python's runtime parses it only under this name.
      contentType: "application/json",
      traceId: parameters.traceId,
      clientContext: parameters.clientContext,
      cognitoIdentity: undefined,
      tenantId: parameters.tenantId,
      logTail: parameters.logTail,
      expiresAtMs: undefined,
      stream: this.#stream,
    };
  }

  #finish(result: InvokeResult): void {
    this.#release();
    const exchange = this.#exchange;
    if (exchange.done) return;
    if (this.#stream !== undefined) {
      this.#stream.finish(result);
    } else if (result.kind === "streamed") {
      this.#fail(new TypeError("Cannot answer: the response was streamed to nobody"));
    } else {
      const { requestId, parameters } = this.#request;
      const { traceId } = parameters;
      exchange.reply(
        200,
        renderResultHeaders(result, { requestId, traceId }),
        result.payload.chunks,
      );
    }
  }

  #replyEmpty(status: 202 | 204): void {
    this.#release();
    const { requestId, parameters } = this.#request;
    const { traceId } = parameters;
    this.#exchange.reply(status, renderIds({ requestId, traceId }));
  }

  #fail(reason: unknown): void {
    this.#release();
    const { observer } = this.#options;
    if (this.#signal?.aborted === true && reason === this.#signal.reason) {
      observer?.rejected?.(499, "CallerLeft");
      return;
    }
    const { requestId } = this.#request;
    const error = HostError.from(reason);
    if (error.code === "ServiceException") observer?.failed?.(error, requestId);
    if (this.#stream?.started === true) {
      this.#stream.fail(error);
      return;
    }
    const { status, headers, body } = renderHostError(error, requestId);
    observer?.rejected?.(status, error.reason ?? error.code);
    this.#exchange.reply(status, headers, body);
  }

  #release(): void {
    this.#budget.give(this.#reserved);
    this.#reserved = 0;
    this.#body.drop();
  }
}
