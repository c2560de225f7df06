/** What is known of the connections to a broker. */
export type BrokerState =
  /** Not connected yet, or no longer: `reason` of the last failure. */
  | { readonly kind: "connecting"; readonly reason: string | undefined }
  | { readonly kind: "up" }
  /** Connected, but the broker takes no messages: a memory or disk alarm (AM-6). */
  | { readonly kind: "blocked"; readonly reason: string }
  | { readonly kind: "closed" };

/** Hears what happens to the connections to a broker: for the log and metrics. Must not throw. */
export interface BrokerObserver {
  readonly stateChanged?: (state: BrokerState) => void;
  /** A connection or a channel was lost or refused; it is made anew. Never contains a password. */
  readonly fault?: (fault: BrokerFault) => void;
}

export interface BrokerFault {
  /** Stable name, e.g. `broker.lost`, `broker.channel`, `queue.deleted`, `queue.mismatch`. */
  readonly event: string;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  /** AMQP reply code, where the broker gave one. */
  readonly code?: number;
  readonly queue?: string;
}

const ranks = { up: 0, blocked: 1, connecting: 2, closed: 3 } as const;

/** Of two connections that are needed together, what is to be said of both. */
export function worseOf(one: BrokerState, other: BrokerState): BrokerState {
  return ranks[one.kind] >= ranks[other.kind] ? one : other;
}
