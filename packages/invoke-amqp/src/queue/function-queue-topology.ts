import type { FunctionQueue, QueueProfile } from "./function-queue.ts";
import type { AmqpArguments, QueueDeclaration, QueueTopology } from "./queue-topology.ts";

/** Deliveries of one message of a quorum queue; brokers before 4.0 have no limit of their own (AM-12). */
const deliveryLimitDefault = 5;

/** From this version on, a queue that is neither durable nor exclusive is refused (AM-18). */
const transientRefusedSince = [4, 3] as const;

/** Whether a broker of this version refuses what the profile `compat` declares. */
export function refusesTransientQueues(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [sinceMajor, sinceMinor] = transientRefusedSince;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

/** Whether an error is that refusal: it ends the connection, with code 541. */
export function isTransientRefusal(reason: string): boolean {
  return reason.includes("transient_nonexcl_queues");
}

/**
 * How the queue of a function is declared and consumed. Source: the contract of AMQP-RPC, §3, §16.
 *
 * @param transientRefused - The broker takes no transient queues: `compat` declares a durable one then,
 * which still goes with its last consumer.
 */
export function functionQueueTopology(
  queue: FunctionQueue,
  transientRefused: boolean,
): QueueTopology {
  const isCompat = profileOf(queue) === "compat";
  return {
    exchanges: [],
    queue: {
      name: queue.name,
      passive: false,
      durable: !isCompat || transientRefused,
      exclusive: false,
      autoDelete: isCompat,
      arguments: isCompat ? {} : durableArguments(queue),
    },
    bindings: [],
    consume: {
      exclusive: false,
      arguments:
        queue.consumerPriority === undefined ? {} : { "x-priority": queue.consumerPriority },
    },
  };
}

/** The queue for what could not be processed; `undefined` when none is configured. */
export function deadLetterDeclaration(queue: FunctionQueue): QueueDeclaration | undefined {
  const { deadLetterQueue } = queue;
  if (deadLetterQueue === undefined || profileOf(queue) === "compat") return undefined;
  return durableQueue(deadLetterQueue, { "x-queue-type": queueType(queue) });
}

/**
 * A queue in which a message waits `delayMs` and then goes back to the function's: one for each delay,
 * since a message with a longer one would hold up those behind it (AM-14).
 */
export function delayQueueDeclaration(queue: FunctionQueue, delayMs: number): QueueDeclaration {
  return durableQueue(`${queue.name}.retry.${delayMs}`, {
    "x-queue-type": queueType(queue),
    "x-message-ttl": delayMs,
    ...deadLetterArguments(queue, queue.name),
  });
}

export function profileOf(queue: FunctionQueue): QueueProfile {
  return queue.profile ?? "compat";
}

function durableQueue(name: string, queueArguments: AmqpArguments): QueueDeclaration {
  const flags = { passive: false, durable: true, exclusive: false, autoDelete: false };
  return { name, ...flags, arguments: queueArguments };
}

function queueType(queue: FunctionQueue): "classic" | "quorum" {
  return profileOf(queue) === "quorum" ? "quorum" : "classic";
}

function durableArguments(queue: FunctionQueue): AmqpArguments {
  const { deadLetterQueue, messageTtlMs, lengthMax } = queue;
  return {
    // Said even for the broker's default, which an operator may have changed.
    "x-queue-type": queueType(queue),
    ...(profileOf(queue) === "quorum"
      ? { "x-delivery-limit": queue.deliveryLimit ?? deliveryLimitDefault }
      : {}),
    ...(messageTtlMs === undefined ? {} : { "x-message-ttl": messageTtlMs }),
    ...(lengthMax === undefined
      ? {}
      : { "x-max-length": lengthMax, "x-overflow": "reject-publish" }),
    ...(deadLetterQueue === undefined ? {} : deadLetterArguments(queue, deadLetterQueue)),
  };
}

/** At least once where the broker can: only from quorum queues that refuse instead of dropping (AM-13). */
function deadLetterArguments(queue: FunctionQueue, target: string): AmqpArguments {
  return {
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": target,
    ...(profileOf(queue) === "quorum"
      ? { "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" }
      : {}),
  };
}
