/** A request of `BatchWriteItem`, with values of JavaScript. */
export type WriteRequest<Item extends object = object, Key extends object = object> =
  | { readonly PutRequest: { readonly Item: Item }; readonly DeleteRequest?: never }
  | { readonly DeleteRequest: { readonly Key: Key }; readonly PutRequest?: never };

/** A write that was accepted and has not been confirmed. */
export interface Write {
  request: WriteRequest;
  bytes: number;
  /** Text of the item's key; absent: the names of the key's attributes are not known. */
  readonly key: string | undefined;
  /** In the order in which they were accepted; that of the oldest write that this one has replaced. */
  sequence: number;
  /** Only writes of the same group go into one request. */
  group: number;
  /** It was sent before: it goes again without waiting for a full request. */
  returned: boolean;
}

/** What a request may have. */
export interface QueueLimits {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * The writes of a batch writer, from being accepted to being confirmed. It sends nothing and never
 * waits; it says what the next request has.
 *
 * Where keys are known there is at most one write of a key in the queue, the latest, and at most one
 * under way; the one in the queue is not taken before that has ended. So no write is overtaken by an
 * earlier one of its key, with any number of requests under way.
 */
export class WriteQueue {
  readonly #limits: QueueLimits;
  #waiting: Write[] = [];
  readonly #waitingByKey = new Map<string, Write>();
  readonly #underWay = new Set<Write>();
  readonly #keysUnderWay = new Set<string>();
  #sequence = 0;
  #group = 0;
  #waitingBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Writes that are not confirmed. */
  get size(): number {
    return this.#waiting.length + this.#underWay.size;
  }

  /** Bytes of the writes that have not been sent. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The number of the write that was accepted last. */
  get lastSequence(): number {
    return this.#sequence;
  }

  /** The number of the oldest write that is not confirmed. */
  get oldestSequence(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { sequence } of this.#waiting) oldest = Math.min(oldest, sequence);
    for (const { sequence } of this.#underWay) oldest = Math.min(oldest, sequence);
    return oldest;
  }

  /** Accepts a write. One that waits for the same key is replaced, and keeps its place. */
  add(request: WriteRequest, bytes: number, key: string | undefined): void {
    this.#sequence += 1;
    const before = key === undefined ? undefined : this.#waitingByKey.get(key);
    if (before !== undefined) {
      this.#waitingBytes += bytes - before.bytes;
      before.request = request;
      before.bytes = bytes;
      return;
    }
    const write = { request, bytes, key, sequence: this.#sequence, group: 0, returned: false };
    this.#waiting.push(write);
    this.#waitingBytes += bytes;
    if (key !== undefined) this.#waitingByKey.set(key, write);
  }

  /**
   * Takes the writes of the next request.
   * @param isDraining a request that is not full will do
   * @returns `undefined`: nothing is to be sent now.
   */
  take(isDraining: boolean): readonly Write[] | undefined {
    if (!isDraining && this.#isShort()) return undefined;
    const taken: Write[] = [];
    let bytes = 0;
    let isFull = false;
    for (const write of this.#waiting) {
      if (write.key !== undefined && this.#keysUnderWay.has(write.key)) continue;
      const [first] = taken;
      if (first !== undefined && first.group !== write.group) {
        isFull = true;
        break;
      }
      // One that is too large by itself goes alone: DynamoDB says what it thinks of it.
      if (first !== undefined && bytes + write.bytes > this.#limits.bytes) {
        isFull = true;
        break;
      }
      taken.push(write);
      bytes += write.bytes;
      if (taken.length === this.#limits.writes || bytes >= this.#limits.bytes) {
        isFull = true;
        break;
      }
    }
    const [first] = taken;
    if (first === undefined || !(isFull || isDraining || first.returned)) return undefined;
    this.#remove(taken);
    for (const write of taken) {
      this.#underWay.add(write);
      if (write.key !== undefined) this.#keysUnderWay.add(write.key);
    }
    return taken;
  }

  /** A request has ended: some of its writes are to be sent again, before all others. */
  end(taken: readonly Write[], unprocessed: readonly Write[]): void {
    this.#leave(taken);
    if (unprocessed.length === 0) return;
    // Without known keys a later write may be of the same key, and two of them in one request are an error.
    const group = unprocessed[0]?.key === undefined ? this.#newGroup(unprocessed) : undefined;
    this.#putBack(unprocessed, () => group);
  }

  /** A request was refused as a whole: its halves are sent one by one. */
  split(taken: readonly Write[]): void {
    this.#leave(taken);
    const half = Math.ceil(taken.length / 2);
    const groups = [++this.#group, ++this.#group];
    this.#putBack(taken, (index) => groups[index < half ? 0 : 1]);
  }

  /** Gives everything up that waits. */
  clear(): readonly Write[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#waitingByKey.clear();
    this.#waitingBytes = 0;
    return all;
  }

  /** Whether what waits makes no full request. */
  #isShort(): boolean {
    const { writes, bytes } = this.#limits;
    return (
      this.#waiting.length < writes &&
      this.#waitingBytes < bytes &&
      this.#waiting[0]?.returned !== true
    );
  }

  #leave(taken: readonly Write[]): void {
    for (const write of taken) {
      this.#underWay.delete(write);
      if (write.key !== undefined) this.#keysUnderWay.delete(write.key);
    }
  }

  #putBack(writes: readonly Write[], groupOf: (index: number) => number | undefined): void {
    const back: Write[] = [];
    for (const [index, write] of writes.entries()) {
      const later = write.key === undefined ? undefined : this.#waitingByKey.get(write.key);
      if (later !== undefined) {
        // It is the one that counts; who waits for this one waits for it.
        later.sequence = Math.min(later.sequence, write.sequence);
        continue;
      }
      write.returned = true;
      write.group = groupOf(index) ?? write.group;
      back.push(write);
      this.#waitingBytes += write.bytes;
      if (write.key !== undefined) this.#waitingByKey.set(write.key, write);
    }
    this.#waiting.unshift(...back);
  }

  #newGroup(writes: readonly Write[]): number {
    // What is in a group already stays in it: its half of a request that was refused.
    const current = writes[0]?.group ?? 0;
    return current === 0 ? ++this.#group : current;
  }

  #remove(taken: readonly Write[]): void {
    const gone = new Set(taken);
    this.#waiting = this.#waiting.filter((write) => !gone.has(write));
    for (const write of taken) {
      this.#waitingBytes -= write.bytes;
      if (write.key !== undefined) this.#waitingByKey.delete(write.key);
    }
  }
}
