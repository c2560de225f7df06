/** What became of a batch. `failed` may be tried again, `refused` not. */
export type DeliveryOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Where a subscriber wants its events. */
export interface Destination {
  /**
   * Sends one batch of JSON texts, and waits until it has been taken. Not called again before it has
   * resolved. It never rejects, and takes no longer than its limits.
   */
  deliver(events: readonly string[]): Promise<DeliveryOutcome>;
  /** Ends the connection; a delivery that is under way fails. */
  close(): void;
}

/** Limits of one delivery. */
export interface DeliveryLimits {
  /** Until there is a connection, in milliseconds. */
  readonly connectMs: number;
  /** Until the batch is taken or answered, in milliseconds, without the time to connect. */
  readonly answerMs: number;
}

/** Ours: AWS has published none. */
export const deliveryLimits: DeliveryLimits = { connectMs: 10_000, answerMs: 10_000 };

/** The same outcome for every batch that was taken. */
export const delivered: DeliveryOutcome = { kind: "delivered" };
