import { HostError, type InvokeResult, limits } from "@lambdad/core";
import type { ConsumeMessage } from "amqplib";
import type { AckWindow } from "./ack-window.ts";
import type { AmqpDoorOptions, DeliveryFollower, DeliveryInfo } from "./amqp-door-options.ts";
import { ClientContextError } from "./client-context.ts";
import { type EventFate, eventFate, hostFaultDelayMs } from "./event-policy.ts";
import type { FunctionQueue } from "./function-queue.ts";
import { delayQueueDeclaration, profileOf } from "./function-queue-topology.ts";
import { type HeaderTable, headerNames, headerText, textOf } from "./headers.ts";
import { refusalOf, type ReplyMessage, replyOf } from "./reply-message.ts";
import type { ReplyPublisher } from "./reply-publisher.ts";
import { invocationOf, readRequest, remainingMs, type RequestFacts } from "./request-message.ts";

/** Attempts of a failed event after the first (AWS). */
const eventRetriesMaxDefault = 2;

/** What a delivery needs of its door. */
export interface DeliveryHost {
  readonly options: AmqpDoorOptions;
  readonly queue: FunctionQueue;
  readonly publisher: ReplyPublisher;
  /** Aborted when the door takes nothing new: what has not started is given back then. */
  readonly leaving: AbortSignal;
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
      });
      this.#follower = options.around?.begin(this.#info());
      const invoke = (): Promise<InvokeResult> => options.invoker.invoke(invocation, leaving);
      const ending = this.#follower === undefined ? invoke() : this.#follower.run(invoke);
      ending.then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Sets the time at which the caller leaves, and says whether it is over already. */
  #hasExpired(): boolean {
    const { deadlineMs, expirationMs } = this.#request;
    if (deadlineMs === undefined && expirationMs === undefined) return false;
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
    if (redelivered && this.#host.options.redelivered === "refuse") {
      const text =
        "The request was delivered before, and its function runs at most once: it may have run";
      return new HostError("ServiceException", text);
    }
    const isEvent = this.#replyTo === undefined;
    const maxBytes = isEvent ? limits.asyncPayloadBytesMax : limits.syncPayloadBytesMax;
    if (this.#message.content.byteLength <= maxBytes) return undefined;
    const text = `Request must be smaller than ${maxBytes} bytes for the Invoke${isEvent ? " (event)" : ""} operation`;
    return new HostError("RequestTooLargeException", text);
  }

  readonly #onResult = (result: InvokeResult): void => {
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
    else if (this.#replyTo === undefined) this.#hostFailed(hostError);
    else this.#refuse(hostError);
  };

  #refuse(error: HostError | ClientContextError): void {
    const { observer } = this.#host.options;
    observer?.refused?.(error instanceof HostError ? error.code : error.name);
    if (this.#replyTo !== undefined) this.#reply(refusalOf(error), "refused");
    // An event that can never be run is as poisonous as one that fails for ever.
    else this.#eventOver(error instanceof HostError ? error.code : error.name);
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
      persistent: false,
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
    const fate: EventFate = eventFate(
      queue,
      failed,
      options.eventRetriesMax ?? eventRetriesMaxDefault,
    );
    if (fate.kind === "retry") this.#later(fate.delayMs, failed);
    else this.#eventOver(errorType);
  }

  /** No further attempt. */
  #eventOver(errorType: string): void {
    const { options, queue } = this.#host;
    const isKept = profileOf(queue) !== "compat" && queue.deadLetterQueue !== undefined;
    options.observer?.eventFailed?.(this.#request.requestId, errorType, isKept);
    this.#end(!isKept);
  }

  /** The host could not run an event: that is no attempt (AS-3). */
  #hostFailed(error: HostError): void {
    this.#host.options.observer?.refused?.(error.code);
    if (profileOf(this.#host.queue) !== "compat") {
      this.#later(hostFaultDelayMs, this.#request.attempt);
      return;
    }
    // A transient queue counts no deliveries, so giving back is no step towards its end.
    setTimeout(() => this.#giveBack(), hostFaultDelayMs).unref();
  }

  /** A copy waits in a queue of its own; the original is acknowledged after the copy's confirm (AM-14). */
  #later(delayMs: number, attempt: number): void {
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
      persistent: true,
      expiresAtMs: undefined,
      declare,
      sent: this.#onSent,
    });
  }

  #giveBack(): void {
    this.#follower?.end();
    this.#window.nack(this.#message.fields.deliveryTag, true);
    this.#host.ended();
  }

  /** Acknowledges; or rejects, which hands it to the dead-letter queue. */
  #end(acknowledges: boolean): void {
    this.#follower?.end();
    const { deliveryTag } = this.#message.fields;
    if (acknowledges) this.#window.ack(deliveryTag);
    else this.#window.nack(deliveryTag, false);
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
