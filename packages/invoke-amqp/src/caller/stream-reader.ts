import type { ResponseStream } from "@lambdad/core";
import type { Channel, ConsumeMessage } from "amqplib";
import type { BrokerLink } from "../broker/broker-link.ts";
import { headerNames, headerText } from "../message/headers.ts";
import { streamStallMs } from "../message/stream-stall.ts";

/** Messages on their way to one reader, in numbers. */
const prefetch = 8;

/** Messages that may wait for a caller: what comes beyond is refused, and sent again. */
const waitingMax = 32;

/** Hears what becomes of a reply; one of them, once. */
export interface StreamReaderEvents {
  /** The last message has come: a whole reply of a host that does not stream, or the end of a stream. */
  readonly ended: (message: ConsumeMessage) => void;
  /** A part is missing, another host has begun anew, or the queue was deleted. */
  readonly broken: () => void;
}

const streamHeader = headerNames.stream.toLowerCase();
const streamIdHeader = headerNames.streamId.toLowerCase();

/** A channel for the readers of a connection. */
export async function openReaderChannel(link: BrokerLink): Promise<Channel> {
  const channel = await link.openChannel();
  await channel.prefetch(prefetch);
  return channel;
}

/**
 * Takes one reply piece by piece, from a queue of its own: short, and refusing what it has no room for,
 * so that a caller that reads slowly holds up the function and nothing else.
 */
export class StreamReader {
  readonly #sink: ResponseStream;
  readonly #stallMs: number;
  #channel: Channel | undefined;
  #consumerTag: string | undefined;
  #queue = "";
  #events: StreamReaderEvents | undefined;
  #id: string | undefined;
  #next = 0;
  /** What has come while the sink was full: no more than the prefetch. */
  readonly #held: ConsumeMessage[] = [];
  #isFull = false;
  #stalled: NodeJS.Timeout | undefined;

  /** @param stallMs - How long the sink may take nothing, in milliseconds. */
  constructor(sink: ResponseStream, stallMs: number = streamStallMs) {
    this.#sink = sink;
    this.#stallMs = stallMs;
  }

  /** Where the pieces are to be sent; empty unless it is open. */
  get queue(): string {
    return this.#queue;
  }

  /** Whether the sink has been given anything. */
  get hasStarted(): boolean {
    return this.#next > 0;
  }

  /** Makes the queue. */
  async open(channel: Channel, events: StreamReaderEvents): Promise<void> {
    const { queue } = await channel.assertQueue("", {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { "x-max-length": waitingMax, "x-overflow": "reject-publish" },
    });
    this.#events = events;
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message === null) this.#end()?.broken();
      else if (this.#events !== undefined) this.#held.push(message);
      else acknowledge(channel, message);
      this.#takeHeld();
    });
    this.#channel = channel;
    this.#consumerTag = consumerTag;
    this.#queue = queue;
  }

  /** Gives the queue up: nothing is heard or taken any more. */
  close(): void {
    const channel = this.#channel;
    this.#end();
    this.#channel = undefined;
    this.#queue = "";
    if (channel === undefined || this.#consumerTag === undefined) return;
    try {
      // The queue goes with its consumer; both are gone already when the connection is.
      channel.cancel(this.#consumerTag).catch(() => undefined);
    } catch {
      // It has just ended.
    }
  }

  #takeHeld(): void {
    while (!this.#isFull) {
      const message = this.#held.shift();
      if (message === undefined) return;
      this.#take(message);
    }
  }

  #take(message: ConsumeMessage): void {
    acknowledge(this.#channel, message);
    const { headers } = message.properties;
    const place = /^(\d{1,15})\/(\d{0,15})$/.exec(headerText(headers, streamHeader) ?? "");
    if (place === null) {
      if (this.hasStarted) this.#end()?.broken();
      else this.#end()?.ended(message);
      return;
    }
    const [, sequenceText, lastText] = place;
    const id = headerText(headers, streamIdHeader);
    const sequence = Number(sequenceText);
    if (!this.hasStarted) this.#id = id;
    if (id !== this.#id || sequence > this.#next) {
      this.#end()?.broken();
      return;
    }
    // A lower number: the confirm was lost with the host's connection, so it was sent again.
    if (sequence === this.#next) this.#takeNext(message, lastText !== "");
  }

  #takeNext(message: ConsumeMessage, isLast: boolean): void {
    if (this.#next === 0) this.#sink.start(contentTypeOf(message));
    this.#next += 1;
    if (isLast) this.#end()?.ended(message);
    else if (!this.#sink.write(message.content)) {
      this.#isFull = true;
      // By then the host has given it up, and has no way to say so: the queue is full.
      this.#stalled = setTimeout(() => this.#end()?.broken(), this.#stallMs);
      this.#sink.onDrain(() => {
        clearTimeout(this.#stalled);
        this.#isFull = false;
        this.#takeHeld();
      });
    }
  }

  /** It is decided: whoever is to be told is told once. */
  #end(): StreamReaderEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    clearTimeout(this.#stalled);
    for (const message of this.#held.splice(0)) acknowledge(this.#channel, message);
    return events;
  }
}

/**
 * Every message is acknowledged, wanted or not: the broker keeps count of the others when their queue has
 * long gone, and ends the channel of all readers half an hour after the first of them (AM-15).
 */
function acknowledge(channel: Channel | undefined, message: ConsumeMessage): void {
  try {
    channel?.ack(message);
  } catch {
    // The connection has just ended, and the call with it.
  }
}

function contentTypeOf({ properties }: ConsumeMessage): string {
  const { contentType } = properties;
  return typeof contentType === "string" ? contentType : "application/octet-stream";
}
