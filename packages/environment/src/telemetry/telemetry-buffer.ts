import type { Clock } from "@lambdad/core";
import type { DeliveryOutcome, Destination } from "./destination.ts";
import { type Batch, EventBatches, hurried, type Loss } from "./event-batches.ts";
import type { EncodedEvent } from "./event-encoding.ts";
import type { Buffering } from "./subscription-request.ts";

export interface TelemetryBufferOptions {
  readonly buffering: Buffering;
  readonly destination: Destination;
  /** The event that tells a subscriber of a loss; `undefined`: it has not subscribed to such. */
  readonly encodeLoss: ((loss: Loss) => EncodedEvent) | undefined;
  /** Events were lost. Called once for each event, when its loss is final. */
  readonly onDropped: (loss: Loss) => void;
  readonly overflowReason: string;
  readonly clock: Clock;
}

/** Ours: AWS says that it tries again with back-off, and no more. */
const attemptsMax = 10;
const firstRetryMs = 100;
const retryMsMax = 2_000;

/** What may wait, in multiples of a batch; and at least this many bytes (INV-8). */
const waitingBatchesMax = 4;
const waitingBytesMin = 2_097_152;

/** The batch that is being delivered, or waits for another attempt. */
type Delivery =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly batch: Batch; readonly attempt: number }
  | {
      readonly kind: "retrying";
      readonly batch: Batch;
      readonly attempt: number;
      readonly cancel: () => void;
    }
  | { readonly kind: "closed" };

/**
 * The events of one subscriber on their way: gathered into batches, delivered one batch after another
 * and in order, tried again after failures, and dropped when there are too many (EX-5). What was
 * dropped is told where it is missing.
 */
export class TelemetryBuffer {
  readonly #options: TelemetryBufferOptions;
  readonly #batches: EventBatches;
  readonly #nowMs: () => number;
  readonly #itemsMax: number;
  readonly #bytesMax: number;
  #delivery: Delivery = { kind: "idle" };
  #cancelTimer: (() => void) | undefined;
  /** Dropped since there is no room: nothing is accepted before that has been told. */
  #overflow: Loss | undefined;
  /** A loss whose telling was lost as well: told with the next event, not by itself again and again. */
  #untold: Loss | undefined;
  #flushed: (() => void)[] = [];
  #hasFlushed = false;

  constructor(options: TelemetryBufferOptions) {
    this.#options = options;
    const { buffering, clock } = options;
    this.#batches = new EventBatches(buffering);
    this.#nowMs = () => clock.nowMs();
    this.#itemsMax = waitingBatchesMax * buffering.maxItems;
    this.#bytesMax = Math.max(waitingBatchesMax * buffering.maxBytes, waitingBytesMin);
  }

  /** Takes an event, or drops and counts it. */
  push(event: EncodedEvent): void {
    if (this.#overflow !== undefined || !this.#hasRoom(event.bytes)) {
      this.#drop(event);
      return;
    }
    const told = this.#tellUntold();
    const changed = this.#batches.push(event, this.#nowMs);
    if (told || changed !== undefined) this.#advance();
  }

  /** Events that had been dropped before they came here. */
  pushLoss(loss: Loss): void {
    const { encodeLoss, onDropped } = this.#options;
    onDropped(loss);
    if (encodeLoss === undefined) return;
    this.#tellUntold();
    this.#batches.pushLoss(encodeLoss(loss), loss, this.#nowMs);
    this.#advance();
  }

  /** Sends all that is here now; resolves when it has been delivered or given up. */
  flush(): Promise<void> {
    this.#hasFlushed = true;
    this.#batches.hurry();
    const delivery = this.#delivery;
    if (delivery.kind === "running") {
      delivery.batch.dueMs = hurried;
    } else if (delivery.kind === "retrying") {
      delivery.batch.dueMs = hurried;
      delivery.cancel();
      this.#deliver(delivery.batch, delivery.attempt + 1);
    } else {
      this.#advance();
    }
    return new Promise((resolve) => {
      this.#flushed.push(resolve);
      this.#settleFlushed();
    });
  }

  /**
   * Lets go of everything that is here, and counts it as lost; but not what has come since the last
   * flush. Then the subscriber was told to end: the last words of extensions are for nobody.
   */
  close(): void {
    const delivery = this.#delivery;
    if (delivery.kind === "closed") return;
    if (delivery.kind === "retrying") delivery.cancel();
    this.#delivery = { kind: "closed" };
    this.#cancelTimer?.();
    this.#options.destination.close();
    const reason = "the environment has ended";
    let records = 0;
    let bytes = 0;
    let batch = delivery.kind === "idle" ? this.#batches.shift() : delivery.batch;
    for (; batch !== undefined; batch = this.#batches.shift()) {
      if (this.#hasFlushed && batch.dueMs !== hurried) continue;
      records += batch.events.length - batch.losses.length;
      bytes += batch.bytes - batch.lossBytes;
    }
    if (records > 0) this.#options.onDropped({ records, bytes, reason });
    if (this.#overflow !== undefined) this.#options.onDropped(this.#overflow);
    this.#settleFlushed();
  }

  #hasRoom(bytes: number): boolean {
    const delivery = this.#delivery;
    let events = this.#batches.events;
    let total = this.#batches.bytes + bytes;
    if (delivery.kind === "running" || delivery.kind === "retrying") {
      events += delivery.batch.events.length;
      total += delivery.batch.bytes;
    }
    return events === 0 || (events < this.#itemsMax && total <= this.#bytesMax);
  }

  #drop(event: EncodedEvent): void {
    if (this.#delivery.kind === "closed") return;
    const { records, bytes } = this.#overflow ?? { records: 0, bytes: 0 };
    const reason = this.#options.overflowReason;
    this.#overflow = { records: records + 1, bytes: bytes + event.bytes, reason };
  }

  /** Sends the first batch, or waits until it is due. */
  #advance(): void {
    if (this.#delivery.kind !== "idle") return;
    const { first } = this.#batches;
    if (first === undefined) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const waitMs = this.#batches.isFull(first) ? 0 : first.dueMs - this.#nowMs();
    if (waitMs > 0) {
      this.#cancelTimer = this.#options.clock.setTimer(waitMs, () => this.#advance());
      return;
    }
    this.#batches.shift();
    this.#deliver(first, 1);
  }

  #deliver(batch: Batch, attempt: number): void {
    this.#delivery = { kind: "running", batch, attempt };
    const texts = batch.events.map((event) => event.json);
    void this.#options.destination.deliver(texts).then((outcome) => this.#concluded(outcome));
  }

  #concluded(outcome: DeliveryOutcome): void {
    if (this.#delivery.kind !== "running") return;
    const { batch, attempt } = this.#delivery;
    if (outcome.kind === "failed" && attempt < attemptsMax) {
      const retry = (): void => this.#deliver(batch, attempt + 1);
      const waitMs = Math.min(firstRetryMs * 2 ** (attempt - 1), retryMsMax);
      const cancel = this.#options.clock.setTimer(waitMs, retry);
      this.#delivery = { kind: "retrying", batch, attempt, cancel };
      return;
    }
    this.#delivery = { kind: "idle" };
    if (outcome.kind !== "delivered") this.#lose(batch, outcome.reason);
    this.#tellOverflow();
    this.#settleFlushed();
    this.#advance();
  }

  /** A batch is given up. What its events had told of is still to be told. */
  #lose(batch: Batch, cause: string): void {
    const { encodeLoss, onDropped } = this.#options;
    const reason = `could not send events: ${cause}`;
    const records = batch.events.length - batch.losses.length;
    const bytes = batch.bytes - batch.lossBytes;
    if (records > 0) onDropped({ records, bytes, reason });
    if (encodeLoss === undefined) return;
    const loss = joined({ records, bytes, reason }, batch.losses);
    if (records === 0 && this.#batches.first === undefined) this.#untold = loss;
    else this.#batches.unshiftLoss(encodeLoss(loss), loss, batch.dueMs);
  }

  /** There is room again: the loss is told behind the last event that had room. */
  #tellOverflow(): void {
    const loss = this.#overflow;
    if (loss === undefined || !this.#hasRoom(0)) return;
    this.#overflow = undefined;
    this.pushLoss(loss);
    if (this.#flushed.length > 0) this.#batches.hurry();
  }

  /** @returns whether there was something to tell. */
  #tellUntold(): boolean {
    const { encodeLoss } = this.#options;
    const loss = this.#untold;
    if (loss === undefined || encodeLoss === undefined) return false;
    this.#untold = undefined;
    this.#batches.pushLoss(encodeLoss(loss), loss, this.#nowMs);
    return true;
  }

  /** A flush is over when nothing is left that it had hurried. */
  #settleFlushed(): void {
    const { kind } = this.#delivery;
    if (this.#flushed.length === 0 || kind === "running" || kind === "retrying") return;
    if (this.#batches.first?.dueMs === hurried) return;
    const waiting = this.#flushed;
    this.#flushed = [];
    for (const resolve of waiting) resolve();
  }
}

function joined(loss: Loss, others: readonly Loss[]): Loss {
  let { records, bytes } = loss;
  for (const other of others) {
    records += other.records;
    bytes += other.bytes;
  }
  return { records, bytes, reason: loss.reason };
}
