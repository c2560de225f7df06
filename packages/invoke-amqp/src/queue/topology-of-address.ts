import type { Address, AddressDeclare } from "./address.ts";
import { AddressError } from "./address-error.ts";
import { checkQueueName, checkShortString } from "./check-queue-name.ts";
import type {
  ExchangeDeclaration,
  QueueBinding,
  QueueDeclaration,
  QueueTopology,
} from "./queue-topology.ts";

/**
 * What a consumer of this address declares and consumes.
 *
 * An address is an exchange when its type is `topic`, when `x-declare` declares an exchange of its name, or
 * when it has a subject; otherwise it is a queue. The existing projects ask the broker instead, so that a
 * function's queue depends on what exchanges there are; we never do. Source: the contract of AMQP-RPC, §13.
 *
 * @throws {AddressError} when the options contradict each other, or a name cannot be used.
 */
export function topologyOf(address: Address): QueueTopology {
  const { subject, link } = address;
  const name = nameOf(address);
  checkShortString("subject", subject);
  const topology = isExchange(address, name)
    ? subscriptionOf(address, name)
    : { ...queueOf(address, name), bindings: bindingsOf(address, name) };
  checkNames(topology.queue, topology.exchanges);
  return { ...topology, consume: link.subscribe };
}

/** The address's own name, else what its options declare. */
function nameOf({ name, node }: Address): string {
  const { type, declare } = node;
  if (name !== "") return name;
  if (type === "queue") return declare.queue;
  if (type === "topic") return declare.exchange;
  return declare.exchange === "" ? declare.queue : declare.exchange;
}

function isExchange({ subject, node }: Address, name: string): boolean {
  if (name === "" && (subject !== "" || node.type === "topic")) {
    throw new AddressError("Cannot use the address: it names no exchange to be consumed");
  }
  if (node.type === "queue" && subject !== "") {
    throw new AddressError(`Cannot use the address: the queue '${name}' has no subjects`);
  }
  if (node.type !== undefined) return node.type === "topic";
  return subject !== "" || (name !== "" && name === node.declare.exchange);
}

type Declared = Pick<QueueTopology, "exchanges" | "queue">;

function queueOf({ node }: Address, name: string): Declared {
  const { declare } = node;
  return {
    exchanges: declare.exchange === "" ? [] : [exchangeDeclaration(declare.exchange, declare)],
    queue: queueDeclaration(name, declare),
  };
}

/** A queue of its own, bound to the exchange. */
function subscriptionOf(address: Address, exchange: string): Omit<QueueTopology, "consume"> {
  const { subject, node, link } = address;
  const { declare } = node;
  const exchanges: ExchangeDeclaration[] = [];
  if (declare.exchange !== "") exchanges.push(exchangeDeclaration(declare.exchange, declare));
  if (declare.exchange !== exchange) {
    // Only a topic is declared without `x-declare`; of any other exchange we do not know what it is.
    const own = node.type === "topic" && declare.exchange === "";
    exchanges.push(exchangeDeclaration(exchange, own ? declare : { ...declare, passive: true }));
  }
  const queue =
    declare.queue === ""
      ? queueDeclaration(link.declare.queue, link.declare)
      : queueDeclaration(declare.queue, declare);
  const bindings =
    node.bindings.length === 0 && subject !== ""
      ? [{ exchange, queue: "", key: subject, arguments: {} }]
      : bindingsOf(address, queue.name);
  return { exchanges, queue, bindings };
}

/** The default exchange cannot be bound to. */
function bindingsOf({ node }: Address, queue: string): readonly QueueBinding[] {
  return node.bindings
    .filter((binding) => binding.exchange !== "")
    .map((binding) => (binding.queue === queue ? { ...binding, queue: "" } : binding));
}

function queueDeclaration(name: string, declare: AddressDeclare): QueueDeclaration {
  return {
    name,
    passive: declare.passive && name !== "",
    durable: declare.durable,
    exclusive: declare.exclusive,
    // Nobody could find a queue again whose name the broker chose.
    autoDelete: declare.autoDelete || name === "",
    arguments: declare.arguments,
  };
}

function exchangeDeclaration(name: string, declare: AddressDeclare): ExchangeDeclaration {
  return {
    name,
    type: declare.exchangeType,
    // The broker's own exchanges are there, with flags that only the broker knows.
    passive: declare.passive || name.startsWith("amq."),
    durable: declare.durable,
    internal: declare.internal,
    autoDelete: declare.autoDelete,
    arguments: declare.arguments,
  };
}

function checkNames(queue: QueueDeclaration, exchanges: readonly ExchangeDeclaration[]): void {
  // A queue that is there may have a name that the broker has chosen.
  if (queue.passive) checkShortString("queue name", queue.name);
  else if (queue.name !== "") checkQueueName(queue.name);
  for (const exchange of exchanges) checkShortString("exchange name", exchange.name);
}
