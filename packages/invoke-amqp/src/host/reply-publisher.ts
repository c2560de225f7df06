import {
  type Channel,
  type ConfirmChannel,
  IllegalOperationError,
  type Message,
  type Options,
} from "amqplib";
import { BrokerConnection, type StartMode } from "../broker/broker-connection.ts";
import { reasonOf } from "../broker/broker-error.ts";
import { type BrokerLink, isProbe } from "../broker/broker-link.ts";
import type { BrokerObserver, BrokerState } from "../broker/broker-state.ts";
import type { BrokerUri } from "../broker/broker-uri.ts";
import { declareQueue } from "../queue/declare-topology.ts";
import { isNack } from "../broker/nack.ts";
import type { QueueDeclaration } from "../queue/queue-topology.ts";

/**
 * How the wait for a message has ended.
 *
 * - `sent`: the broker has it, as far as that was asked for.
 * - `returned`: it was confirmed, but there is no queue of that name.
 * - `refused`: the queue is full.
 * - `dropped`: nobody waits for it any more, or it cannot be written.
 */
export type SendOutcome = "sent" | "returned" | "refused" | "dropped";

/** A message on its way out of a host. */
export interface OutgoingMessage {
  /** Name of the queue. */
  readonly to: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly correlationId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds since the Unix epoch, where it is to be kept. */
  readonly timestamp: number | undefined;
  /** Survives the broker's restart, on a queue that does; always confirmed. */
  readonly persistent: boolean;
  /** The broker's confirm is waited for. */
  readonly confirmed: boolean;
  /** On the monotonic clock: nobody waits for it after that. */
  readonly expiresAtMs: number | undefined;
  /** To be declared before, when it may not exist. */
  readonly declare: QueueDeclaration | undefined;
  /** Ends the wait for it. */
  sent(outcome: SendOutcome): void;
}

export interface ReplyPublisherOptions {
  readonly broker: BrokerUri;
  /** Shown by the broker. */
  readonly name: string;
  /** Wait for the broker's confirm of every message. */
  readonly confirms: boolean;
  readonly onState: () => void;
  /** A message came back: no queue of that name. */
  readonly onReturned: () => void;
  readonly observer: BrokerObserver;
}

/**
 * Publishes what a host answers, on a connection of its own: a broker that is short of memory stops
 * reading from it, and deliveries and acknowledgements go on (AM-6). What cannot be sent now waits; that
 * is bounded by the prefetch, since a request is acknowledged only after its reply was sent.
 */
export class ReplyPublisher {
  readonly #options: ReplyPublisherOptions;
  readonly #connection: BrokerConnection;
  #plain: Channel | undefined;
  #confirm: ConfirmChannel | undefined;
  #link: BrokerLink | undefined;
  #waiting: OutgoingMessage[] = [];
  /** Handed over, but not confirmed. */
  readonly #unconfirmed = new Set<OutgoingMessage>();
  /** Of those, what came back; the confirm comes after the return (AM-10). */
  readonly #returned = new Set<OutgoingMessage>();
  readonly #declared = new Set<string>();
  /** What the connection was given while it was behind. */
  #behindBytes = 0;

  constructor(options: ReplyPublisherOptions) {
    this.#options = options;
    this.#connection = new BrokerConnection({
      broker: options.broker,
      name: options.name,
      observer: options.observer,
      setUp: (link) => this.#setUp(link),
      onLost: () => this.#lost(),
      onState: (state) => {
        if (state.kind === "up") this.#flush();
        options.onState();
      },
    });
  }

  get state(): BrokerState {
    return this.#connection.state;
  }

  /** @throws {BrokerError} as {@link BrokerConnection.start} does. */
  async start(mode: StartMode): Promise<void> {
    return this.#connection.start(mode);
  }

  /** Sends a message, now or when the broker takes messages again. */
  publish(message: OutgoingMessage): void {
    if (!this.#takes || !this.#send(message)) this.#waiting.push(message);
  }

  get #takes(): boolean {
    return this.#connection.state.kind === "up" && this.#behindBytes < behindBytesMax;
  }

  /** Whether something is still to be sent or confirmed. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#unconfirmed.size === 0;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  async #setUp(link: BrokerLink): Promise<void> {
    const { plain, confirm } = await link.openPublishing({ highWaterMark: framesMax });
    plain.on("return", this.#options.onReturned);
    plain.on("drain", () => {
      this.#behindBytes = 0;
      this.#flush();
    });
    confirm.on("return", this.#onReturn);
    this.#declared.clear();
    this.#behindBytes = 0;
    this.#plain = plain;
    this.#confirm = confirm;
    this.#link = link;
  }

  /** What was not confirmed is sent again: a reply twice is better than none. */
  #lost(): void {
    this.#plain = undefined;
    this.#confirm = undefined;
    this.#link = undefined;
    this.#waiting.push(...this.#unconfirmed);
    this.#unconfirmed.clear();
    this.#returned.clear();
  }

  readonly #onReturn = ({ fields, properties }: Message): void => {
    if (isProbe(fields.routingKey)) return;
    this.#options.onReturned();
    for (const message of this.#unconfirmed) {
      const isIt = message.to === fields.routingKey;
      if (isIt && message.correlationId === properties.correlationId) this.#returned.add(message);
    }
  };

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) {
      const { expiresAtMs } = message;
      if (expiresAtMs !== undefined && expiresAtMs <= performance.now()) message.sent("dropped");
      else this.publish(message);
    }
  }

  /** `false`: the channel has just ended, a moment before anybody is told. */
  #send(message: OutgoingMessage): boolean {
    try {
      if (message.declare !== undefined && !this.#declared.has(message.to)) {
        void this.#declareAndSend(message, message.declare);
        return true;
      }
      if (this.#options.confirms || message.confirmed) return this.#sendConfirmed(message);
      if (this.#plain === undefined) return false;
      const isWritten = this.#plain.publish("", message.to, message.body, optionsOf(message));
      if (!isWritten) this.#behindBytes += message.body.byteLength;
    } catch (error) {
      if (error instanceof IllegalOperationError) return false;
      this.#drop(message, error);
      return true;
    }
    message.sent("sent");
    return true;
  }

  /**
   * A message that the protocol cannot carry: a peer's correlation id that is no text, for example, gets
   * longer than the limit when it is written again.
   */
  #drop(message: OutgoingMessage, error: unknown): void {
    this.#options.observer.fault?.({
      event: "reply.dropped",
      level: "warn",
      message: `Cannot send a message to the queue '${message.to}': ${reasonOf(error)}`,
      queue: message.to,
    });
    message.sent("dropped");
  }

  #sendConfirmed(message: OutgoingMessage): boolean {
    const channel = this.#confirm;
    if (channel === undefined) return false;
    channel.publish("", message.to, message.body, optionsOf(message), (error: unknown) => {
      const isConfirmed = error === null || error === undefined;
      // The channel has ended: the message is put back, or it has been already.
      if (!isConfirmed && !isNack(error)) return;
      if (channel !== this.#confirm || !this.#unconfirmed.delete(message)) return;
      if (isConfirmed) this.#confirmed(message, this.#returned.delete(message));
      else if (message.persistent) this.#refused(message);
      // A reply queue that is full belongs to a caller that does not read.
      else message.sent("refused");
    });
    this.#unconfirmed.add(message);
    return true;
  }

  #confirmed(message: OutgoingMessage, isReturned: boolean): void {
    if (isReturned && message.declare !== undefined) {
      // The queue was there when it was declared, and somebody has deleted it.
      this.#declared.delete(message.to);
      this.publish(message);
      return;
    }
    message.sent(isReturned ? "returned" : "sent");
  }

  /** The queue is full, or cannot be declared: once more, later. */
  #refused(message: OutgoingMessage): void {
    this.#waiting.push(message);
    setTimeout(() => this.#connection.state.kind === "up" && this.#flush(), refusedMs).unref();
  }

  async #declareAndSend(message: OutgoingMessage, declaration: QueueDeclaration): Promise<void> {
    const link = this.#link;
    try {
      if (link === undefined) throw new Error("The connection was lost");
      await declareQueue(link, declaration);
      this.#declared.add(message.to);
      this.publish(message);
    } catch (error) {
      this.#options.observer.fault?.({
        event: "queue.undeclared",
        level: "error",
        message: `Cannot declare the queue '${message.to}': ${reasonOf(error)}`,
        queue: message.to,
      });
      this.#refused(message);
    }
  }
}

/** A frame has 128 KiB at most: the library keeps some 16 to 32 MiB before it says that it is behind. */
const framesMax = 128;

/**
 * What a connection that is read too slowly may be given before further replies wait, and with them the
 * acknowledgements of their requests, so that nothing new comes (INV-8). In bytes.
 */
const behindBytesMax = 16 * 1024 * 1024;

/** Before a message that was refused is sent again, in milliseconds. */
const refusedMs = 1_000;

/** Names that the broker makes from `amq.rabbitmq.reply-to` for callers without a reply queue. */
const directReplyPrefix = "amq.rabbitmq.reply-to.";

function optionsOf(message: OutgoingMessage): Options.Publish {
  const { to, contentType, correlationId, headers, persistent, timestamp } = message;
  // No queue has such a name: brokers deliver the reply, and some return it all the same.
  const mandatory = !to.startsWith(directReplyPrefix);
  const options: Options.Publish = { contentType, headers, persistent, mandatory };
  if (correlationId !== undefined) options.correlationId = correlationId;
  if (timestamp !== undefined) options.timestamp = timestamp;
  return options;
}
