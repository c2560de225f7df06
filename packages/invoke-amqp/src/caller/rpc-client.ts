import { HostError, type ResponseStream } from "@lambdad/core";
import {
  type Channel,
  type ConfirmChannel,
  type ConsumeMessage,
  IllegalOperationError,
  type Message,
} from "amqplib";
import { BrokerConnection, type StartMode } from "../broker/broker-connection.ts";
import { placeOf } from "../broker/broker-error.ts";
import { type BrokerLink, isProbe } from "../broker/broker-link.ts";
import { type BrokerState, worseOf } from "../broker/broker-state.ts";
import type { BrokerUri } from "../broker/broker-uri.ts";
import { isNack } from "../broker/nack.ts";
import { PendingCalls } from "./pending-calls.ts";
import { QueueQuestions, UnansweredError } from "./queue-questions.ts";
import { renderRequest, timeoutMsDefault } from "./render-request.ts";
import { bufferOf } from "../message/reply-message.ts";
import { RpcCall, type RpcCallParts, WaitingCall } from "./rpc-call.ts";
import type { RpcCallOptions, RpcInvokeOptions, RpcOptions } from "./rpc-options.ts";
import { bytesOf, callOptionsOf, eventOptionsOf } from "./rpc-payload.ts";
import { badCallError, notFoundError, noRoomError, unavailableText } from "./rpc-refusals.ts";
import { functionErrorOf, type RpcReply, valueOf } from "./rpc-reply.ts";
import { brokenReplyOf, brokenStreamError, type RpcStreamReply } from "./rpc-stream-reply.ts";
import { openReaderChannel, StreamReader } from "./stream-reader.ts";

/** Wait for a publisher confirm (reliability §3). */
const confirmMs = 30_000;

const unavailableMsDefault = 5_000;

/**
 * Calls functions behind queues. Thousands of calls share two connections: one takes the replies, the
 * other sends the requests, since a broker that is short of memory stops reading from senders.
 *
 * Lost connections come back by themselves. The calls that were in flight fail at once, since nobody can
 * know whether they were run (AM-3); new ones wait for a moment before they fail.
 */
export class RpcClient {
  readonly #broker: BrokerUri;
  readonly #options: RpcOptions;
  readonly #consumer: BrokerConnection;
  readonly #publisher: BrokerConnection;
  readonly #pending = new PendingCalls<RpcCall>();
  readonly #waiting = new PendingCalls<WaitingCall>();
  /** Calls that need something of the broker before they can be sent. */
  readonly #preparing = new PendingCalls<RpcCall>();
  readonly #timeoutMs: number;
  #link: BrokerLink | undefined;
  readonly #queues: QueueQuestions;
  /** Of the replies that are taken piece by piece; opened for the first. */
  #streams: Promise<Channel> | undefined;
  #replyQueue = "";
  #plain: Channel | undefined;
  #confirm: ConfirmChannel | undefined;
  #state: BrokerState = { kind: "connecting", reason: undefined };

  constructor(broker: BrokerUri, options: RpcOptions = {}) {
    this.#broker = broker;
    this.#options = options;
    this.#queues = new QueueQuestions(() => this.#link, broker.connectTimeoutMs);
    this.#timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const { connectionName = "lambdad caller", observer = {} } = options;
    const common = { broker, observer, onState: () => this.#changed() };
    this.#consumer = new BrokerConnection({
      ...common,
      name: `${connectionName} replies`,
      setUp: (link) => this.#consumeReplies(link),
      onLost: (reason) => this.#failPending(reason),
    });
    this.#publisher = new BrokerConnection({
      ...common,
      name: `${connectionName} requests`,
      setUp: (link) => this.#openChannels(link),
      onLost: (reason) => this.#failPending(reason),
    });
  }

  /** Both connections together. */
  get state(): BrokerState {
    return this.#state;
  }

  /** Calls that wait for their reply. */
  get inFlight(): number {
    return this.#pending.size + this.#waiting.size + this.#preparing.size;
  }

  /**
   * Connects. Once; `connect` does it.
   *
   * @throws {BrokerError} when the broker refuses; with `required` also when there is none.
   */
  async start(mode: StartMode): Promise<void> {
    try {
      await this.#consumer.start(mode);
      await this.#publisher.start(mode);
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /**
   * Calls a function and gives what it returned: JSON as a value, anything else as a `Buffer`.
   *
   * @param payload - A `Uint8Array` is sent as it is, any other value as JSON; without one, `{}`.
   * @throws {FunctionError} when the function failed.
   * @throws {HostError} when it was not run, or nobody knows: `ResourceNotFoundException` (no queue of
   * that name), `TooManyRequestsException`, `ServiceUnavailable` (the broker is away) and others.
   * @throws {RpcTimeoutError} when the reply did not come in time.
   */
  async invoke<Result = unknown>(
    functionName: string,
    payload: unknown = {},
    options: RpcInvokeOptions = {},
  ): Promise<Result> {
    const reply = await this.call(functionName, bytesOf(payload), callOptionsOf(payload, options));
    if (reply.functionError !== undefined) throw functionErrorOf(reply);
    return valueOf(reply) as Result;
  }

  /**
   * Calls a function in bytes. A function that failed is a reply, too.
   *
   * @throws as {@link invoke} does, but no `FunctionError`.
   */
  call(functionName: string, body: Uint8Array, options: RpcCallOptions = {}): Promise<RpcReply> {
    return this.#request({ functionName, body: bufferOf(body), options });
  }

  /**
   * Calls a function whose reply is taken piece by piece, as fast as `sink` takes it. A host that does
   * not stream answers with a whole reply, which `sink` does not get.
   *
   * @throws as {@link call} does, as long as `sink` has not been given anything.
   */
  stream(
    functionName: string,
    body: Uint8Array,
    sink: ResponseStream,
    options: RpcCallOptions = {},
  ): Promise<RpcStreamReply> {
    const reader = new StreamReader(sink);
    return this.#request({ functionName, body: bufferOf(body), options, reader }).then(
      (reply) => ({ reply, isStreamed: reader.hasStarted }),
      (error: unknown) => {
        if (!reader.hasStarted) throw error;
        return { reply: brokenReplyOf(error), isStreamed: true };
      },
    );
  }

  /**
   * Hands an event over and resolves when the broker has it. It is as safe as the queue: with the
   * profile `durable` or `quorum` it survives the broker's restart (INV-1).
   *
   * @throws {HostError} `ResourceNotFoundException`, `TooManyRequestsException` when the queue is full,
   * `ServiceUnavailable` when the broker does not confirm.
   */
  async send(
    functionName: string,
    payload: unknown = {},
    options: RpcInvokeOptions = {},
  ): Promise<void> {
    await this.sendBytes(functionName, bytesOf(payload), eventOptionsOf(payload, options));
  }

  /** {@link send} in bytes. */
  async sendBytes(
    functionName: string,
    body: Uint8Array,
    options: RpcCallOptions = {},
  ): Promise<void> {
    await new Promise<RpcReply | undefined>((resolve, reject) => {
      const timeoutMs = options.timeoutMs ?? confirmMs;
      const kind = "event";
      const parts = { functionName, body: bufferOf(body), kind, options, timeoutMs } as const;
      this.#begin(new RpcCall({ ...parts, resolve, reject }));
    });
  }

  /**
   * Whether there is a queue for a function: somebody may consume it.
   *
   * @throws {HostError} `ServiceUnavailable` when the broker is away.
   */
  async exists(functionName: string): Promise<boolean> {
    try {
      return await this.#queues.exists(functionName);
    } catch (cause) {
      throw this.#unavailable(cause);
    }
  }

  /** Fails what is in flight, and ends the connections in order. */
  async close(): Promise<void> {
    this.#stopCalls();
    await Promise.all([this.#publisher.close(), this.#consumer.close()]);
  }

  /** Ends the connections at once. */
  destroy(): void {
    this.#stopCalls();
    this.#publisher.destroy();
    this.#consumer.destroy();
  }

  #stopCalls(): void {
    const error = new HostError("ServiceUnavailable", "The connection to the broker was closed");
    for (const call of [...this.#pending.takeAll(), ...this.#preparing.takeAll()]) call.fail(error);
    for (const { call } of this.#waiting.takeAll()) call.fail(error);
    for (const table of [this.#pending, this.#preparing, this.#waiting]) table.close();
  }

  #request(
    parts: Pick<RpcCallParts, "functionName" | "body" | "options" | "reader">,
  ): Promise<RpcReply> {
    const timeoutMs = parts.options.timeoutMs ?? this.#timeoutMs;
    return new Promise<RpcReply | undefined>((resolve, reject) => {
      this.#begin(new RpcCall({ ...parts, kind: "request", timeoutMs, resolve, reject }));
    }) as Promise<RpcReply>;
  }

  #begin(call: RpcCall): void {
    const refusal = this.#refusal(call);
    if (refusal !== undefined) {
      call.fail(refusal);
      return;
    }
    if (!call.follow()) return;
    if (this.#state.kind !== "up" || !this.#send(call)) this.#wait(call);
  }

  #refusal(call: RpcCall): HostError | undefined {
    if (this.#state.kind === "closed") return this.#unavailable();
    const bytes = this.#pending.byteLength + this.#waiting.byteLength + this.#preparing.byteLength;
    return badCallError(call) ?? noRoomError({ calls: this.inFlight, bytes }, this.#options);
  }

  #wait(call: RpcCall): void {
    if (this.#state.kind === "closed") {
      call.fail(this.#unavailable());
      return;
    }
    call.reader?.close();
    const { blockedTimeoutMs } = this.#broker;
    const defaultMs = this.#state.kind === "blocked" ? blockedTimeoutMs : unavailableMsDefault;
    const waitMs = this.#options.unavailableMs ?? defaultMs;
    const waiting = new WaitingCall(call, performance.now() + waitMs, () =>
      unavailableText(this.#broker, this.#state),
    );
    call.registered(this.#waiting, this.#waiting.add(waiting));
  }

  /** @returns `false` when the connection has just ended, a moment before anybody is told. */
  #send(call: RpcCall): boolean {
    const profile = this.#options.profileOf?.(call.functionName) ?? "compat";
    const persistent = profile !== "compat";
    const isConfirmed = persistent || call.kind === "event";
    const channel = isConfirmed ? this.#confirm : this.#plain;
    if (channel === undefined) return false;
    if (call.reader?.queue === "") {
      void this.#sendAfter(call, this.#openReader(call, call.reader));
      return true;
    }
    if (call.kind === "event" && persistent && !this.#queues.isKept(call.functionName)) {
      // An event goes only to a queue that keeps it.
      void this.#sendAfter(call, this.#queues.checkKept(call.functionName, profile));
      return true;
    }
    // Before it is published: a reply may come before `publish` returns to us.
    const id = this.#pending.add(call);
    call.registered(this.#pending, id);
    try {
      const properties = renderRequest(call, {
        correlationId: id,
        replyTo: call.reader?.queue ?? this.#replyQueue,
        persistent,
        headers: this.#options.headersOf?.(),
      });
      if (channel === this.#confirm) {
        this.#confirm.publish("", call.functionName, call.body, properties, (error: unknown) =>
          this.#confirmed(id, error),
        );
      } else channel.publish("", call.functionName, call.body, properties);
    } catch (error) {
      if (this.#pending.take(id) === undefined) return true;
      if (error instanceof IllegalOperationError) return false;
      // A header or a property that the protocol cannot carry.
      call.fail(error);
    }
    return true;
  }

  async #consumeReplies(link: BrokerLink): Promise<void> {
    const channel = await link.openChannel();
    // A new one for each connection; exclusive queues are allowed by every version (AM-18).
    const flags = { exclusive: true, autoDelete: true, durable: false };
    const { queue } = await channel.assertQueue("", flags);
    const onReply = (message: ConsumeMessage | null): void => {
      if (message === null) link.fail("the reply queue was deleted");
      else this.#replied(message);
    };
    await channel.consume(queue, onReply, { noAck: true });
    this.#replyQueue = queue;
    this.#streams = undefined;
    this.#queues.forget();
    this.#link = link;
  }

  /** Sends a call after something that it waits for as for its reply. */
  async #sendAfter(call: RpcCall, preparation: Promise<void>): Promise<void> {
    const id = this.#preparing.add(call);
    call.registered(this.#preparing, id);
    try {
      await preparation;
    } catch (error) {
      if (this.#preparing.take(id) === undefined) return;
      // The connection has ended: the call waits for the next one.
      if (error instanceof UnansweredError) this.#wait(call);
      else call.fail(error);
      return;
    }
    if (this.#preparing.take(id) === undefined) call.reader?.close();
    else if (this.#state.kind !== "up" || !this.#send(call)) this.#wait(call);
  }

  /** A queue of its own for the reply. */
  async #openReader(call: RpcCall, reader: StreamReader): Promise<void> {
    try {
      if (this.#link === undefined) throw this.#unavailable();
      this.#streams ??= openReaderChannel(this.#link);
      await reader.open(await this.#streams, {
        ended: (message) => this.#replied(message),
        broken: () => this.#pending.take(call.id)?.fail(brokenStreamError()),
      });
    } catch (cause) {
      throw new UnansweredError("Cannot make a queue for the reply", { cause });
    }
  }

  async #openChannels(link: BrokerLink): Promise<void> {
    const { plain, confirm } = await link.openPublishing();
    plain.on("return", this.#onReturn);
    confirm.on("return", this.#onReturn);
    this.#plain = plain;
    this.#confirm = confirm;
  }

  #replied(message: ConsumeMessage): void {
    const call = this.#pending.take(message.properties.correlationId);
    if (call === undefined) this.#options.observer?.lateReply?.();
    else call.replied(message);
  }

  /** No queue of that name. The broker also confirms such a message, but the return comes first. */
  readonly #onReturn = ({ properties, fields }: Message): void => {
    const { routingKey } = fields;
    if (isProbe(routingKey)) return;
    this.#options.observer?.returned?.(routingKey);
    this.#pending.take(properties.correlationId)?.fail(notFoundError(routingKey));
  };

  #confirmed(id: string, error: unknown): void {
    if (error === null || error === undefined) {
      this.#pending.takeIf(id, ({ kind }) => kind === "event")?.confirmed();
      return;
    }
    // When its channel ends, everything that is in flight fails.
    if (!isNack(error)) return;
    const call = this.#pending.take(id);
    if (call === undefined) return;
    this.#options.observer?.nacked?.(call.functionName);
    const text = `The queue of function '${call.functionName}' is full`;
    const reason = "ConcurrentInvocationLimitExceeded";
    call.fail(new HostError("TooManyRequestsException", text, { reason }));
  }

  #failPending(reason: string): void {
    const text = `The connection to the broker at ${placeOf(this.#broker)} was lost (${reason}): whether the function ran is not known`;
    const error = new HostError("ServiceUnavailable", text);
    for (const call of this.#pending.takeAll()) call.fail(error);
  }

  #changed(): void {
    const state = worseOf(this.#consumer.state, this.#publisher.state);
    if (state === this.#state) return;
    this.#state = state;
    if (state.kind === "up") {
      for (const { call } of this.#waiting.takeAll()) if (!this.#send(call)) this.#wait(call);
    }
    this.#options.observer?.stateChanged?.(state);
  }

  #unavailable(cause?: unknown): HostError {
    const text = unavailableText(this.#broker, this.#state);
    return new HostError("ServiceUnavailable", text, cause === undefined ? {} : { cause });
  }
}
