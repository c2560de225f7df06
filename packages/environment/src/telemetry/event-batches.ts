import type { Buffering } from "./subscription-request.ts";
import type { EncodedEvent } from "./event-encoding.ts";

/** The time of batches that wait for nothing. */
export const hurried: number = Number.NEGATIVE_INFINITY;

/** Records that a subscriber did not get. */
export interface Loss {
  readonly records: number;
  readonly bytes: number;
  readonly reason: string;
}

/** Events that go together. */
export interface Batch {
  readonly events: EncodedEvent[];
  bytes: number;
  /** When it goes at the latest, on the monotonic clock. */
  dueMs: number;
  /** What its events `platform.logsDropped` tell of; that many of its events are such. */
  readonly losses: Loss[];
  /** Bytes of those. */
  lossBytes: number;
}

/** The batches of one subscriber that have not been delivered yet, oldest first. Pure. */
export class EventBatches {
  readonly #buffering: Buffering;
  readonly #waiting: Batch[] = [];
  #events = 0;
  #bytes = 0;

  constructor(buffering: Buffering) {
    this.#buffering = buffering;
  }

  /** Events in it, and their bytes. */
  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The batch that goes next. */
  get first(): Batch | undefined {
    return this.#waiting[0];
  }

  /** Adds an event. @returns the batch that it has opened, or filled. */
  push(event: EncodedEvent, nowMs: () => number): Batch | undefined {
    const last = this.#waiting.at(-1);
    const isNew = last === undefined || this.isFull(last);
    const batch = isNew ? this.#open(nowMs()) : last;
    this.#add(batch, event);
    batch.events.push(event);
    return isNew || this.isFull(batch) ? batch : undefined;
  }

  /** Adds an event that tells of a loss, behind all others. @returns as {@link push}. */
  pushLoss(event: EncodedEvent, loss: Loss, nowMs: () => number): Batch | undefined {
    const changed = this.push(event, nowMs);
    const batch = this.#waiting.at(-1);
    batch?.losses.push(loss);
    if (batch !== undefined) batch.lossBytes += event.bytes;
    return changed;
  }

  /** Adds an event that tells of the loss of a whole batch, before all others and due as that was. */
  unshiftLoss(event: EncodedEvent, loss: Loss, dueMs: number): void {
    let first = this.#waiting[0];
    if (first === undefined) {
      first = { events: [], bytes: 0, dueMs, losses: [], lossBytes: 0 };
      this.#waiting.push(first);
    }
    this.#add(first, event);
    first.events.unshift(event);
    first.losses.push(loss);
    first.lossBytes += event.bytes;
  }

  /** Whether it goes without waiting for its time. The size is checked after an event was added. */
  isFull(batch: Batch): boolean {
    const { maxItems, maxBytes } = this.#buffering;
    return batch.events.length >= maxItems || batch.bytes >= maxBytes;
  }

  /** Takes the first batch out. */
  shift(): Batch | undefined {
    const batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.#events -= batch.events.length;
    this.#bytes -= batch.bytes;
    return batch;
  }

  /** Makes all of them go without waiting. */
  hurry(): void {
    for (const batch of this.#waiting) batch.dueMs = hurried;
  }

  #open(nowMs: number): Batch {
    const dueMs = nowMs + this.#buffering.timeoutMs;
    const batch: Batch = { events: [], bytes: 0, dueMs, losses: [], lossBytes: 0 };
    this.#waiting.push(batch);
    return batch;
  }

  #add(batch: Batch, event: EncodedEvent): void {
    batch.bytes += event.bytes;
    this.#events += 1;
    this.#bytes += event.bytes;
  }
}
