import type { AmqpArguments } from "./queue-topology.ts";

/** An address string, taken apart, with the defaults filled in. Source: the contract of AMQP-RPC, §13. */
export interface Address {
  /** Empty when the address consists of options only. */
  readonly name: string;
  /** Empty when there is none. */
  readonly subject: string;
  readonly node: AddressNode;
  readonly link: AddressLink;
  /** Options without effect: one sentence each, for the log. */
  readonly warnings: readonly string[];
}

/** What the address names. */
export interface AddressNode {
  /** `undefined`: follows from the other options. */
  readonly type: "queue" | "topic" | undefined;
  /** `x-declare`, with `durable` and `auto-delete` of the node put into it. */
  readonly declare: AddressDeclare;
  /** `x-bindings`. */
  readonly bindings: readonly AddressBinding[];
}

/** How it is consumed. */
export interface AddressLink {
  /** `x-declare`: the subscription queue, where the address is an exchange. */
  readonly declare: AddressDeclare;
  /** `x-subscribe`. */
  readonly subscribe: { readonly exclusive: boolean; readonly arguments: AmqpArguments };
}

/** Declares a queue, an exchange, or both: empty names are not declared. */
export interface AddressDeclare {
  readonly queue: string;
  readonly exchange: string;
  readonly exchangeType: string;
  readonly passive: boolean;
  readonly internal: boolean;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: AmqpArguments;
}

export interface AddressBinding {
  readonly exchange: string;
  /** Empty: the queue that is consumed. */
  readonly queue: string;
  readonly key: string;
  readonly arguments: AmqpArguments;
}
