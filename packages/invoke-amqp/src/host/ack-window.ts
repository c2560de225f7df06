/** The part of a channel that answers for deliveries. */
export interface AckChannel {
  ack(message: { readonly fields: { readonly deliveryTag: number } }, allUpTo?: boolean): void;
  nack(
    message: { readonly fields: { readonly deliveryTag: number } },
    allUpTo?: boolean,
    requeue?: boolean,
  ): void;
}

/**
 * Acknowledges the deliveries of one channel, each exactly once, and as few times as possible: when all
 * that have come are done, one acknowledgement covers them; what is done beside something that still
 * runs is acknowledged by itself, at the end of the event loop's turn.
 *
 * A channel that has ended takes nothing any more: its tags mean nothing on another one, and the broker
 * delivers again what was not acknowledged (AM-4).
 */
export class AckWindow {
  #channel: AckChannel | undefined;
  #running = 0;
  #done: number[] = [];
  #scheduled = false;

  constructor(channel: AckChannel) {
    this.#channel = channel;
  }

  /** Deliveries that are neither acknowledged nor given back. */
  get running(): number {
    return this.#running;
  }

  /** Whether the channel has ended. */
  get isClosed(): boolean {
    return this.#channel === undefined;
  }

  /** A message has come. */
  delivered(): void {
    this.#running += 1;
  }

  /** Its work is done. */
  ack(tag: number): void {
    if (this.#channel === undefined) return;
    this.#running -= 1;
    this.#done.push(tag);
    if (this.#running === 0) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#onTurnEnd);
    }
  }

  /** Gives a message back: to the queue, or (`requeue` false) to the dead-letter queue, if there is one. */
  nack(tag: number, requeue: boolean): void {
    if (this.#channel === undefined) return;
    this.#running -= 1;
    this.#send((channel) => channel.nack(fieldsOf(tag), false, requeue));
  }

  /** Sends what is to be sent. */
  flush(): void {
    if (this.#done.length > 0) this.#flush();
  }

  /** The channel has ended. */
  close(): void {
    this.#channel = undefined;
    this.#done = [];
    this.#running = 0;
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #flush(): void {
    const done = this.#done;
    this.#done = [];
    this.#send((channel) => {
      // Of those that are not answered for, none is above the highest that is done: one covers them all.
      if (this.#running === 0 && done.length > 1) channel.ack(fieldsOf(highestOf(done)), true);
      else for (const tag of done) channel.ack(fieldsOf(tag));
    });
  }

  /** A channel that has just ended throws, a moment before anybody is told of its end. */
  #send(work: (channel: AckChannel) => void): void {
    if (this.#channel === undefined) return;
    try {
      work(this.#channel);
    } catch {
      this.close();
    }
  }
}

function highestOf(tags: readonly number[]): number {
  let highest = 0;
  for (const tag of tags) if (tag > highest) highest = tag;
  return highest;
}

function fieldsOf(deliveryTag: number): { fields: { deliveryTag: number } } {
  return { fields: { deliveryTag } };
}
