import { HostError, type InvokeResult, limits } from "@lambdad/core";
import type { ConsumeMessage } from "amqplib";
import type { AckWindow } from "./ack-window.ts";
import type { AmqpDoorOptions, DeliveryFollower, DeliveryInfo } from "./amqp-door-options.ts";
import { ClientContextError } from "../message/client-context.ts";
import {
  type EventFate,
  eventFate,
  eventRetriesDefault,
  hostFaultFate,
  lastFate,
} from "./event-policy.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import { delayQueueDeclaration, profileOf } from "../queue/function-queue-topology.ts";
import { type HeaderTable, headerNames, headerText, textOf } from "../message/headers.ts";
import { refusalOf, type ReplyMessage, replyOf } from "../message/reply-message.ts";
import type { ReplyPublisher } from "./reply-publisher.ts";
import { ReplyStream } from "./reply-stream.ts";
import { requestSizeError } from "../message/request-size.ts";
import {
  invocationOf,
  readRequest,
  remainingMs,
  type RequestFacts,
} from "../message/request-message.ts";

/** What a delivery needs of its door. */
export interface DeliveryHost {
  readonly options: AmqpDoorOptions;
  readonly queue: FunctionQueue;
  readonly publisher: ReplyPublisher;
  /** Aborted when the door takes nothing new: what has not started is given back then. */
  readonly leaving: AbortSignal;
  /** Of all requests that are held. */
  bytesInFlight: number;
  /** The delivery has been answered for. */
  ended(): void;
}

/** One request between its arrival and its acknowledgement. */
export class Delivery {
  readonly #host: DeliveryHost;
  readonly #window: AckWindow;
  readonly #message: ConsumeMessage;
  readonly #request: RequestFacts;
  readonly #replyTo: string | undefined;
  #expiresAtMs: number | undefined;
  #follower: DeliveryFollower | undefined;
  #stream: ReplyStream | undefined;

  constructor(host: DeliveryHost, window: AckWindow, message: ConsumeMessage) {
    this.#host = host;
    this.#window = window;
    this.#message = message;
    this.#request = readRequest(message);
    const replyTo = textOf(message.properties.replyTo);
    this.#replyTo = replyTo === "" ? undefined : replyTo;
  }

  /** Calls the function, or answers at once. */
  begin(): void {
    const { options, leaving } = this.#host;
    this.#host.bytesInFlight += this.#message.content.byteLength;
    if (this.#message.fields.redelivered) options.observer?.redelivered?.();
    if (this.#hasExpired()) {
      options.observer?.refused?.("expired");
      this.#end(true);
      return;
    }
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    try {
      const invocation = invocationOf(this.#message, this.#request, {
        configuration: options.function,
        type: this.#replyTo === undefined ? "Event" : "RequestResponse",
        contentType: options.contentType ?? "json",
        expiresAtMs: this.#expiresAtMs,
        stream: this.#openStream(),
      });
      this.#follower = options.around?.begin(this.#info());
      const invoke = (): Promise<InvokeResult> => options.invoker.invoke(invocation, leaving);
      const ending = this.#follower === undefined ? invoke() : this.#follower.run(invoke);
      ending.then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  #openStream(): ReplyStream | undefined {
    if (this.#replyTo === undefined || !this.#request.takesStream) return undefined;
    this.#stream = new ReplyStream({
      publisher: this.#host.publisher,
      replyTo: this.#replyTo,
      correlationId: textOf(this.#message.properties.correlationId),
    });
    return this.#stream;
  }

  /** Sets the time at which the caller leaves, and says whether it is over already. */
  #hasExpired(): boolean {
    const { deadlineMs } = this.#request;
    const nowMs = Date.now();
    const restMs = remainingMs(this.#request, nowMs);
    if (restMs === undefined) return false;
    this.#expiresAtMs = performance.now() + restMs;
    if (restMs <= 0) return true;
    const isLate = deadlineMs !== undefined && deadlineMs <= nowMs;
    return isLate && this.#message.fields.redelivered;
  }

  /** Why the function is not called at all. */
  #refusal(): HostError | undefined {
    const { redelivered } = this.#message.fields;
    const isEvent = this.#replyTo === undefined;
    // An event is run again in any case: nobody would hear of its refusal.
    if (redelivered && !isEvent && this.#host.options.redelivered === "refuse") {
      const text =
        "The request was delivered before, and its function runs at most once: it may have run";
      return new HostError("ServiceException", text);
    }
    const tooLarge = requestSizeError(this.#message.content, isEvent);
    if (tooLarge !== undefined) return tooLarge;
    const { bytesInFlightMax = limits.bytesInFlightMax } = this.#host.options;
    if (this.#host.bytesInFlight <= bytesInFlightMax) return undefined;
    const reason = "ConcurrentInvocationLimitExceeded";
    return new HostError("TooManyRequestsException", "Rate Exceeded.", { reason });
  }

  readonly #onResult = (result: InvokeResult): void => {
    if (result.kind === "streamed" && this.#stream !== undefined) {
      this.#follower?.replying(result.error === undefined ? "returned" : "failed");
      this.#stream.end(result, this.#onSent);
      return;
    }
    if (this.#replyTo !== undefined) {
      this.#reply(replyOf(result), result.kind === "failed" ? "failed" : "returned");
      return;
    }
    this.#follower?.replying(result.kind === "failed" ? "failed" : "returned");
    if (result.kind === "failed") this.#eventFailed(result.errorType);
    else this.#end(true);
  };

  readonly #onError = (error: unknown): void => {
    const { leaving } = this.#host;
    if (error instanceof ClientContextError) {
      this.#refuse(error);
      return;
    }
    const hostError =
      leaving.aborted && error === leaving.reason ? undefined : HostError.from(error);
    // A host that stops gives back what it has not run, and what it had to break off (HO-8).
    const isStopping = leaving.aborted && hostError?.code === "ServiceUnavailable";
    if (hostError === undefined || isStopping) this.#giveBack();
    else this.#refuse(hostError);
  };

  #refuse(error: HostError | ClientContextError): void {
    const { observer } = this.#host.options;
    if (this.#replyTo === undefined && error instanceof HostError) {
      this.#hostFailed(error);
      return;
    }
    observer?.refused?.(error instanceof HostError ? error.code : error.name);
    if (this.#replyTo !== undefined) this.#reply(refusalOf(error), "refused");
    else this.#eventOver(lastFate(this.#host.queue), error.name);
  }

  #reply(reply: ReplyMessage, outcome: "returned" | "failed" | "refused"): void {
    const { publisher } = this.#host;
    const added = this.#follower?.replying(outcome);
    publisher.publish({
      to: this.#replyTo ?? "",
      body: reply.body,
      contentType: reply.contentType,
      correlationId: textOf(this.#message.properties.correlationId),
      headers: added === undefined ? reply.headers : { ...reply.headers, ...added },
      timestamp: undefined,
      persistent: false,
      confirmed: false,
      expiresAtMs: this.#expiresAtMs,
      declare: undefined,
      sent: this.#onSent,
    });
  }

  readonly #onSent = (): void => {
    this.#end(true);
  };

  #eventFailed(errorType: string): void {
    const { options, queue } = this.#host;
    const failed = this.#request.attempt + 1;
    const { retriesMax, delaysMs } = eventRetriesDefault;
    const fate = eventFate(queue, failed, {
      retriesMax: options.eventRetriesMax ?? retriesMax,
      delaysMs: options.eventRetryDelaysMs ?? delaysMs,
    });
    if (fate.kind === "retry") this.#later(fate.delayMs, failed, errorType);
    else this.#eventOver(fate, errorType);
  }

  /** No further attempt. */
  #eventOver(fate: EventFate, errorType: string): void {
    const isKept = fate.kind === "deadLetter";
    this.#host.options.observer?.eventFailed?.(this.#request.requestId, errorType, isKept);
    this.#end(!isKept);
  }

  /** The host could not run an event: that is no attempt (AS-3). */
  #hostFailed({ code }: HostError): void {
    const { options, queue } = this.#host;
    const sentMs = Number(this.#message.properties.timestamp ?? Number.NaN) * 1000;
    // Without a time stamp it counts as new: the queue's own time to live is the bound then.
    const ageMs = Number.isNaN(sentMs) ? 0 : Date.now() - sentMs;
    const fate = passing.has(code) ? hostFaultFate(queue, ageMs) : lastFate(queue);
    options.observer?.refused?.(code);
    if (fate.kind !== "retry") this.#eventOver(fate, code);
    else if (profileOf(queue) !== "compat") this.#later(fate.delayMs, this.#request.attempt, code);
    // A transient queue counts no deliveries, so giving back is no step towards its end.
    else setTimeout(() => this.#giveBack(), fate.delayMs).unref();
  }

  /** A copy waits in a queue of its own; the original is acknowledged after the copy's confirm (AM-14). */
  #later(delayMs: number, attempt: number, errorType: string): void {
    const { queue, publisher } = this.#host;
    const declare = delayQueueDeclaration(queue, delayMs);
    publisher.publish({
      to: declare.name,
      body: this.#message.content,
      contentType: textOf(this.#message.properties.contentType) ?? "application/json",
      correlationId: textOf(this.#message.properties.correlationId),
      headers: {
        ...textHeadersOf(this.#message.properties.headers),
        [headerNames.requestId]: this.#request.requestId,
        [headerNames.attempt]: String(attempt),
      },
      timestamp: this.#message.properties.timestamp as number | undefined,
      persistent: true,
      confirmed: true,
      expiresAtMs: undefined,
      declare,
      sent: (outcome) => {
        // A copy that cannot be written, over its headers for example: what has come is all there is.
        if (outcome === "dropped") this.#eventOver(lastFate(queue), errorType);
        else this.#end(true);
      },
    });
  }

  #giveBack(): void {
    this.#window.nack(this.#message.fields.deliveryTag, true);
    this.#ended();
  }

  /** Acknowledges; or rejects, which hands it to the dead-letter queue. */
  #end(acknowledges: boolean): void {
    const { deliveryTag } = this.#message.fields;
    if (acknowledges) this.#window.ack(deliveryTag);
    else this.#window.nack(deliveryTag, false);
    this.#ended();
  }

  #ended(): void {
    this.#follower?.end();
    this.#host.bytesInFlight -= this.#message.content.byteLength;
    this.#host.ended();
  }

  #info(): DeliveryInfo {
    const { properties, fields, content } = this.#message;
    return {
      queue: fields.routingKey,
      requestId: this.#request.requestId,
      correlationId: textOf(properties.correlationId),
      replyTo: this.#replyTo,
      redelivered: fields.redelivered,
      bodyBytes: content.byteLength,
      header: (name) => headerText(properties.headers, name),
    };
  }
}

/** Errors of a host that may be gone at the next attempt. */
const passing: ReadonlySet<string> = new Set([
  // The event is still running here: its connection was lost, and it came again.
  "InvalidParameterValueException",
  "TooManyRequestsException",
  "ServiceException",
  "ServiceUnavailable",
]);

/** Those of our own are replaced, whatever their case. */
function textHeadersOf(table: HeaderTable): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const key in table) {
    const text = textOf(table[key]);
    const name = key.toLowerCase();
    if (text === undefined || name === "x-lambda-attempt" || name === "x-amzn-requestid") continue;
    headers[key] = text;
  }
  return headers;
}
