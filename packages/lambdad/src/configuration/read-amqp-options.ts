import type { AmqpConfiguration, BrokerConfiguration, QueueSource } from "./amqp-configuration.ts";
import { amqpOptions, brokerOptions } from "./amqp-options.ts";
import { nameOf, type OptionRule, type ValuesOf } from "./option-rule.ts";
import { isGiven, type OptionSource, readOptions } from "./read-options.ts";
import { textFormats } from "./text-format.ts";

/**
 * Reads where the broker is. `undefined`: no broker is configured. Pure. Adds what is wrong to
 * `problems`.
 */
export function readBrokerOptions(
  source: OptionSource,
  problems: string[],
): BrokerConfiguration | undefined {
  const { uri, username, password } = readOptions(brokerOptions, source, problems);
  if (uri === undefined) return undefined;
  return { uri, credentials: readCredentials({ username, password }, problems) };
}

/** User and password for a URI without them: both or none. */
export function readCredentials(
  { username, password }: Readonly<Record<"username" | "password", string | undefined>>,
  problems: string[],
): BrokerConfiguration["credentials"] {
  if (username !== undefined && password !== undefined) return { username, password };
  if (username !== password) {
    problems.push("AMQP_USERNAME and AMQP_PASSWORD must be given together");
  }
  return undefined;
}

/** What the options of a queue depend on besides themselves. */
export interface QueueDefaults {
  /** The function's. */
  readonly name: string;
  /** Invocations that the host runs at once. */
  readonly prefetch: number;
}

/**
 * Reads how the daemon's function is served over AMQP. `undefined`: not at all. Pure. Adds what is
 * wrong to `problems`, also options that contradict each other.
 */
export function readAmqpOptions(
  source: OptionSource,
  defaults: QueueDefaults,
  problems: string[],
): AmqpConfiguration | undefined {
  const broker = readBrokerOptions(source, problems);
  const values = readOptions(amqpOptions, source, problems);
  if (broker === undefined) {
    // A variable may be there for another program: `unservedVariables` tells of it.
    for (const rule of rules) {
      if (rule.flag !== undefined && source.flags.has(rule.flag)) {
        problems.push(`--${rule.flag} needs --amqp-uri or AMQP_URI`);
      }
    }
    return undefined;
  }
  return {
    broker,
    queue: queueOf(values, defaults.name, source, problems),
    // What AMQP can say.
    prefetch: values.prefetch ?? Math.min(defaults.prefetch, 65_535),
    redelivered: values.atMostOnce ? "refuse" : "run",
    confirmReplies: values.confirmReplies,
  };
}

const { options } = amqpOptions;
const rules: readonly OptionRule[] = Object.values(options);

/** Options that an address says in its own way. */
const notWithAddress: readonly OptionRule[] = [
  options.profile,
  options.deadLetterQueue,
  options.deliveryLimit,
  options.messageTtl,
  options.queueLength,
  options.consumerPriority,
];

/** Options of queues that stay: one that goes with its consumer would take all of it along. */
const notWithCompat: readonly OptionRule[] = [
  options.deadLetterQueue,
  options.messageTtl,
  options.queueLength,
];

function queueOf(
  values: ValuesOf<typeof options>,
  functionName: string,
  source: OptionSource,
  problems: string[],
): QueueSource {
  const { queue, profile } = values;
  const given = (rule: OptionRule): boolean => isGiven(rule, source);
  if (queue !== undefined && isAddress(queue)) {
    for (const rule of notWithAddress.filter(given)) {
      problems.push(`${nameOf(rule)} cannot be given together with an address as --queue`);
    }
    return { kind: "address", text: queue };
  }
  const name = queue?.trim() ?? functionName;
  if (!textFormats.queueName.accepts(name)) {
    problems.push(`--queue must be ${textFormats.queueName.description}`);
  }
  if (profile === "compat") {
    for (const rule of notWithCompat.filter(given)) {
      problems.push(`${nameOf(rule)} needs --queue-profile durable or quorum`);
    }
  }
  if (profile !== "quorum" && given(options.deliveryLimit)) {
    problems.push("--delivery-limit needs --queue-profile quorum");
  }
  return {
    kind: "name",
    name,
    profile,
    deadLetterQueue: values.deadLetterQueue,
    deliveryLimit: values.deliveryLimit,
    messageTtlMs: values.messageTtl,
    lengthMax: values.queueLength,
    consumerPriority: values.consumerPriority,
  };
}

/** A name with a subject or with options (spec amqp-rpc §13). */
function isAddress(text: string): boolean {
  return /[;/{]/.test(text);
}
