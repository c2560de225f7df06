/**
 * What a function's queue promises.
 *
 * - `compat`: what the existing projects declare: it goes with its last consumer, and with the broker.
 * - `durable`: a classic queue that survives both, for messages that do.
 * - `quorum`: durable and replicated, with a limit of deliveries.
 */
export type QueueProfile = "compat" | "durable" | "quorum";

/** The queue of one function: how it is declared and consumed. */
export interface FunctionQueue {
  /** The function's name unless told otherwise. At most 255 bytes, not `amq.…`. */
  readonly name: string;
  /** Default `compat`. */
  readonly profile?: QueueProfile;
  /** Queue that takes what could not be processed; declared durable. Not with `compat`. */
  readonly deadLetterQueue?: string;
  /** Deliveries of one message before it is dead-lettered or dropped; `quorum` only. Default 5. */
  readonly deliveryLimit?: number;
  /** Messages older than this are not delivered, in milliseconds. Not with `compat`. */
  readonly messageTtlMs?: number;
  /** Messages that may wait; further ones are refused (429). Not with `compat`. */
  readonly lengthMax?: number;
  /** `x-priority` of our consumer: while one with a higher number has room, we get nothing. Default 0. */
  readonly consumerPriority?: number;
}
