import type { Channel } from "amqplib";
import { reasonOf, replyCodeOf } from "../broker/broker-error.ts";
import type { BrokerLink } from "../broker/broker-link.ts";
import type { QueueDeclaration, QueueTopology } from "./queue-topology.ts";

const preconditionFailed = 406;

/** A queue that was declared, by us or by somebody else. */
export interface DeclaredQueue {
  /** The broker's choice when the declaration named none. */
  readonly name: string;
  /** Somebody had declared it with other flags, which hold: the broker's words. */
  readonly mismatch: string | undefined;
}

/**
 * Declares everything of a topology.
 *
 * @throws what the broker answers, with its reply code.
 */
export async function declareTopology(
  link: BrokerLink,
  topology: QueueTopology,
): Promise<DeclaredQueue> {
  if (topology.exchanges.length > 0) {
    await link.withChannel(async (channel) => {
      for (const exchange of topology.exchanges) {
        const { name, type, passive, durable, internal, autoDelete } = exchange;
        const options = { durable, internal, autoDelete, arguments: exchange.arguments };
        // In this order: a later one may be bound to an earlier one.
        // oxlint-disable-next-line no-await-in-loop
        await (passive ? channel.checkExchange(name) : channel.assertExchange(name, type, options));
      }
    });
  }
  const declared = await declareQueue(link, topology.queue);
  if (topology.bindings.length > 0) {
    await link.withChannel(async (channel) => {
      const bindings = topology.bindings.map(async ({ exchange, queue, key, ...binding }) =>
        channel.bindQueue(queue === "" ? declared.name : queue, exchange, key, binding.arguments),
      );
      await Promise.all(bindings);
    });
  }
  return declared;
}

/** Declares one queue; when it exists with other flags, takes it as it is (contract §3.1). */
export async function declareQueue(
  link: BrokerLink,
  declaration: QueueDeclaration,
): Promise<DeclaredQueue> {
  try {
    const queue = await link.withChannel((channel) => assertQueue(channel, declaration));
    return { name: queue, mismatch: undefined };
  } catch (error) {
    if (replyCodeOf(error) !== preconditionFailed) throw error;
    const { name } = declaration;
    await link.withChannel((channel) => channel.checkQueue(name));
    return { name, mismatch: reasonOf(error) };
  }
}

async function assertQueue(channel: Channel, declaration: QueueDeclaration): Promise<string> {
  const { name, passive, durable, exclusive, autoDelete } = declaration;
  const { queue } = passive
    ? await channel.checkQueue(name)
    : await channel.assertQueue(name, {
        durable,
        exclusive,
        autoDelete,
        arguments: declaration.arguments,
      });
  return queue;
}
