import { ManualClock, settled } from "@lambdad/testkit";
import type { DeliveryOutcome, Destination } from "../telemetry/destination.ts";
import type { Loss } from "../telemetry/event-batches.ts";
import type { EncodedEvent } from "../telemetry/event-encoding.ts";
import type { Buffering } from "../telemetry/subscription-request.ts";
import { TelemetryBuffer } from "../telemetry/telemetry-buffer.ts";

/** A destination whose answers the test gives. */
export class ManualDestination implements Destination {
  /** Every attempt, in order. */
  readonly attempts: (readonly string[])[] = [];
  /** What was taken, in order. */
  readonly taken: string[] = [];
  closed = false;
  #resolve: ((outcome: DeliveryOutcome) => void) | undefined;

  deliver(events: readonly string[]): Promise<DeliveryOutcome> {
    if (this.#resolve !== undefined) throw new Error("Cannot deliver: one batch after another");
    this.attempts.push(events);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  close(): void {
    this.closed = true;
  }

  /** Whether a batch waits for its answer. */
  get isBusy(): boolean {
    return this.#resolve !== undefined;
  }

  async answer(outcome: DeliveryOutcome): Promise<void> {
    const resolve = this.#resolve;
    if (resolve === undefined) throw new Error("Cannot answer: nothing was sent");
    this.#resolve = undefined;
    if (outcome.kind === "delivered") this.taken.push(...(this.attempts.at(-1) ?? []));
    resolve(outcome);
    await settled();
  }

  take(): Promise<void> {
    return this.answer({ kind: "delivered" });
  }

  fail(reason = "down"): Promise<void> {
    return this.answer({ kind: "failed", reason });
  }

  refuse(reason = "HTTP status 400"): Promise<void> {
    return this.answer({ kind: "refused", reason });
  }
}

export interface BufferFixture {
  readonly clock: ManualClock;
  readonly destination: ManualDestination;
  readonly buffer: TelemetryBuffer;
  /** Losses that were counted. */
  readonly dropped: Loss[];
}

/** A buffer in front of a destination of the test's own. A loss is told as `lost RECORDS BYTES REASON`. */
export function bufferFixture(
  buffering: Partial<Buffering> = {},
  options: { readonly tellsLoss?: boolean } = {},
): BufferFixture {
  const clock = new ManualClock();
  const destination = new ManualDestination();
  const dropped: Loss[] = [];
  const buffer = new TelemetryBuffer({
    buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 1_000, ...buffering },
    destination,
    encodeLoss:
      options.tellsLoss === false
        ? undefined
        : ({ records, bytes, reason }) => encoded(`lost ${records} ${bytes} ${reason}`),
    onDropped: (loss) => dropped.push(loss),
    overflowReason: "slow",
    clock,
  });
  return { clock, destination, buffer, dropped };
}

/** An event, maybe of a certain size. */
export function encoded(json: string, bytes: number = json.length): EncodedEvent {
  return { json, bytes };
}
