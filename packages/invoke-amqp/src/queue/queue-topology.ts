/** Values of an argument table. */
export type AmqpArguments = Readonly<Record<string, unknown>>;

export interface QueueDeclaration {
  /** Empty: the broker chooses a name. */
  readonly name: string;
  readonly passive: boolean;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: AmqpArguments;
}

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: string;
  readonly passive: boolean;
  readonly durable: boolean;
  readonly internal: boolean;
  readonly autoDelete: boolean;
  readonly arguments: AmqpArguments;
}

export interface QueueBinding {
  readonly exchange: string;
  /** Empty: the queue that is consumed. */
  readonly queue: string;
  readonly key: string;
  readonly arguments: AmqpArguments;
}

/** What has to exist before a queue is consumed, and how it is consumed; in the order of declaring. */
export interface QueueTopology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queue: QueueDeclaration;
  readonly bindings: readonly QueueBinding[];
  readonly consume: { readonly exclusive: boolean; readonly arguments: AmqpArguments };
}
