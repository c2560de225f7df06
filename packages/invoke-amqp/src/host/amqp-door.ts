import { HostError } from "@lambdad/core";
import type { Channel, ConsumeMessage } from "amqplib";
import { AckWindow } from "./ack-window.ts";
import type { AmqpDoorOptions } from "./amqp-door-options.ts";
import { checkFunctionQueue } from "./check-function-queue.ts";
import { reasonOf } from "../broker/broker-error.ts";
import { BrokerConnection, type StartMode } from "../broker/broker-connection.ts";
import type { BrokerLink } from "../broker/broker-link.ts";
import { type BrokerState, worseOf } from "../broker/broker-state.ts";
import { declareQueue, declareTopology } from "../queue/declare-topology.ts";
import { Delivery, type DeliveryHost } from "./delivery.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import {
  deadLetterDeclaration,
  functionQueueTopology,
  isTransientRefusal,
  refusesTransientQueues,
} from "../queue/function-queue-topology.ts";
import type { QueueTopology } from "../queue/queue-topology.ts";
import { ReplyPublisher } from "./reply-publisher.ts";

/** Consumers of this process, for their tags, which have 255 bytes at most. */
let consumers = 0;

/** How long the last replies and acknowledgements may take to leave, in milliseconds. */
const lastMessagesMs = 1_000;

/**
 * AMQP-RPC as a door: takes requests from the queue of a function, has them run, sends the replies, and
 * acknowledges each request once its reply was handed over.
 *
 * Contract: AMQP-RPC, §3 to §12. Requests are delivered at least once: one that a host has not answered
 * for goes to another when the host, its connection or its channel ends.
 */
export class AmqpDoor {
  readonly #options: AmqpDoorOptions;
  readonly #queue: FunctionQueue;
  readonly #consumer: BrokerConnection;
  readonly #publisher: ReplyPublisher;
  readonly #leaving = new AbortController();
  readonly #host: DeliveryHost;
  #transientRefused = false;
  #channel: Channel | undefined;
  #consumerTag: string | undefined;
  #window: AckWindow | undefined;
  #running = 0;
  #idle: (() => void) | undefined;
  #state: BrokerState = { kind: "connecting", reason: undefined };

  /** @throws {AddressError} when the queue cannot have its name. */
  constructor(options: AmqpDoorOptions) {
    this.#options = options;
    const { broker, observer = {} } = options;
    const name = options.topology?.queue.name ?? options.function.name;
    this.#queue = options.queue ?? { name };
    // An address was checked when it was read.
    if (options.topology === undefined) {
      checkFunctionQueue(this.#queue, options.eventRetryDelaysMs);
    }
    this.#publisher = new ReplyPublisher({
      broker,
      name: `lambdad ${options.function.name} replies`,
      confirms: options.confirmReplies ?? false,
      onState: () => this.#changed(),
      onReturned: () => observer.replyReturned?.(),
      observer,
    });
    this.#consumer = new BrokerConnection({
      broker,
      name: `lambdad ${options.function.name} requests`,
      setUp: (link) => this.#setUp(link),
      retriesAtOnce: (reason) => this.#learnsFrom(reason),
      onLost: () => this.#lost(),
      onState: () => this.#changed(),
      observer,
    });
    this.#host = {
      options,
      queue: this.#queue,
      publisher: this.#publisher,
      leaving: this.#leaving.signal,
      bytesInFlight: 0,
      ended: () => this.#ended(),
    };
  }

  /** Both connections together: `up` only when requests come and replies can go. */
  get state(): BrokerState {
    return this.#state;
  }

  /**
   * Connects, declares the queue and consumes it. Once.
   *
   * @throws {BrokerError} when the broker refuses; with `required` also when there is none after the
   * attempts of the URI.
   */
  async start(mode: StartMode): Promise<void> {
    try {
      await this.#publisher.start(mode);
      await this.#consumer.start(mode);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Takes nothing new, and gives back what has not started. What runs goes on. */
  drain(): void {
    if (this.#leaving.signal.aborted) return;
    const text = "The host is shutting down. Try again.";
    this.#leaving.abort(new HostError("ServiceUnavailable", text));
    const channel = this.#channel;
    const tag = this.#consumerTag;
    // The channel may end at the same time; then nothing comes any more either.
    if (tag !== undefined) channel?.cancel(tag).catch(() => undefined);
  }

  /** Drains, waits until what runs has ended or `drainMs` are over, and closes the connections. */
  async stop(drainMs: number): Promise<void> {
    this.drain();
    await this.#whenIdle(drainMs);
    const endMs = performance.now() + lastMessagesMs;
    while (!this.#publisher.isIdle && performance.now() < endMs) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // Replies first: a request that is acknowledged must have been answered.
    await this.#publisher.close();
    this.#window?.flush();
    await this.#consumer.close();
  }

  /** Ends both connections now; the broker gives what is not acknowledged to others. */
  kill(): void {
    this.#publisher.destroy();
    this.#consumer.destroy();
  }

  async #setUp(link: BrokerLink): Promise<void> {
    // A consumer would only give back what it is sent, and a quorum queue counts that (AM-12).
    if (this.#leaving.signal.aborted) return;
    const { observer, prefetch } = this.#options;
    this.#transientRefused ||= refusesTransientQueues(link.version);
    const topology = this.#topology();
    const deadLetters = deadLetterDeclaration(this.#queue);
    if (deadLetters !== undefined) await declareQueue(link, deadLetters);
    const { name, mismatch } = await declareTopology(link, topology);
    if (mismatch !== undefined) {
      const message = `The queue '${name}' exists with other flags, which hold: ${mismatch}`;
      observer?.fault?.({ event: "queue.mismatch", level: "warn", message, queue: name });
    }
    const channel = await link.openChannel();
    await channel.prefetch(prefetch);
    const window = new AckWindow(channel);
    this.#channel = channel;
    this.#window = window;
    await this.#consume(link, { channel, window, queue: name, topology });
  }

  #topology(): QueueTopology {
    return this.#options.topology ?? functionQueueTopology(this.#queue, this.#transientRefused);
  }

  async #consume(link: BrokerLink, consuming: Consuming): Promise<void> {
    const { channel, window, queue, topology } = consuming;
    consumers += 1;
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        if (message === null) void this.#cancelled(link, consuming);
        else this.#deliver(window, message);
      },
      {
        consumerTag: `lambda:${this.#options.function.name.slice(0, 60)}:${process.pid}-${consumers}`,
        noAck: false,
        exclusive: topology.consume.exclusive,
        arguments: topology.consume.arguments,
      },
    );
    this.#consumerTag = consumerTag;
    if (this.#leaving.signal.aborted) await channel.cancel(consumerTag);
    else this.#options.observer?.consuming?.(queue);
  }

  #deliver(window: AckWindow, message: ConsumeMessage): void {
    window.delivered();
    if (this.#leaving.signal.aborted) {
      window.nack(message.fields.deliveryTag, true);
      return;
    }
    this.#running += 1;
    new Delivery(this.#host, window, message).begin();
  }

  /** The broker has cancelled the consumer: the queue was deleted, or its node has gone (AM-8). */
  async #cancelled(link: BrokerLink, consuming: Consuming): Promise<void> {
    const { queue, topology } = consuming;
    if (this.#leaving.signal.aborted) return;
    const isDurable = topology.queue.durable;
    this.#options.observer?.fault?.({
      event: "queue.deleted",
      level: isDurable ? "error" : "warn",
      message: `The queue '${queue}' was deleted, with the requests in it; declaring it again`,
      queue,
    });
    try {
      const { name } = await declareTopology(link, topology);
      await this.#consume(link, { ...consuming, queue: name });
    } catch (error) {
      link.fail(reasonOf(error));
    }
  }

  #lost(): void {
    this.#window?.close();
    this.#window = undefined;
    this.#channel = undefined;
    this.#consumerTag = undefined;
  }

  /** Whether what a connection died of is known now, and another one will live. */
  #learnsFrom(reason: string): boolean {
    if (this.#transientRefused || !isTransientRefusal(reason)) return false;
    this.#transientRefused = true;
    return true;
  }

  #ended(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#idle?.();
  }

  async #whenIdle(limitMs: number): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #changed(): void {
    const state = worseOf(this.#publisher.state, this.#consumer.state);
    if (state === this.#state) return;
    this.#state = state;
    this.#options.observer?.stateChanged?.(state);
  }
}

interface Consuming {
  readonly channel: Channel;
  readonly window: AckWindow;
  readonly queue: string;
  readonly topology: QueueTopology;
}
