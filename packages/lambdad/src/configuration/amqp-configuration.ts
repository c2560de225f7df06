/** Where the broker is, as it was given: it is taken apart when the AMQP part is loaded. */
export interface BrokerConfiguration {
  /** `amqp://…` or `amqps://…`; may hold a password. */
  readonly uri: string;
  /** For a URI without a user. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** How the daemon's function is served over AMQP. Times are milliseconds. */
export interface AmqpConfiguration {
  readonly broker: BrokerConfiguration;
  readonly queue: QueueSource;
  /** Requests held at once. */
  readonly prefetch: number;
  readonly redelivered: "run" | "refuse";
  readonly confirmReplies: boolean;
}

/** What is consumed: a queue of ours by its name, or what an address asks for (spec amqp-rpc §13). */
export type QueueSource =
  | { readonly kind: "address"; readonly text: string }
  | {
      readonly kind: "name";
      readonly name: string;
      readonly profile: "compat" | "durable" | "quorum";
      readonly deadLetterQueue: string | undefined;
      /** `undefined`: 5 when the profile is `quorum`. */
      readonly deliveryLimit: number | undefined;
      readonly messageTtlMs: number | undefined;
      readonly lengthMax: number | undefined;
      readonly consumerPriority: number | undefined;
    };
