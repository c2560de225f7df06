import type { FunctionConfiguration, Invoker, InvokeResult } from "@lambdad/core";
import {
  AmqpDoor,
  type AmqpDoorObserver,
  type AmqpDoorOptions,
  type BrokerUri,
  parseAddress,
  parseBrokerUri,
  topologyOf,
} from "@lambdad/invoke-amqp";
import type { AmqpConfiguration, QueueSource } from "../configuration/amqp-configuration.ts";
import { ConfigError } from "../configuration/config-error.ts";
import type { BrokerMetrics } from "../host/broker-metrics.ts";
import { BrokerWatch } from "../host/broker-watch.ts";
import type { HostLog } from "../host/host-log.ts";
import type { OverloadGuard } from "../host/overload-guard.ts";

export interface QueueDoorOptions {
  readonly configuration: AmqpConfiguration;
  readonly function: FunctionConfiguration;
  /** Attempts of a failed event after the first. */
  readonly eventRetriesMax: number;
  /** Requests held at once, in bytes. */
  readonly bytesInFlightMax: number;
  readonly invoker: Invoker;
  readonly guard: Pick<OverloadGuard, "admit">;
  readonly log: Pick<HostLog, "write" | "refuse">;
  /** Asked at each use: they are loaded late, or never. */
  readonly metrics: () => BrokerMetrics | undefined;
}

/**
 * The daemon's function behind its queue: the door of AMQP with the daemon's limits, its log and its
 * metrics. Loaded only when a broker is configured.
 */
export class QueueDoor {
  readonly #options: QueueDoorOptions;
  readonly #watch: BrokerWatch;
  readonly #broker: BrokerUri;
  readonly #door: AmqpDoor;
  readonly #warnings: readonly string[];

  /** @throws {ConfigError} when the broker's URI or the queue's address makes no sense. */
  constructor(options: QueueDoorOptions) {
    this.#options = options;
    const { configuration, log, metrics } = options;
    const { uri, credentials } = configuration.broker;
    this.#watch = new BrokerWatch({ log, metrics });
    this.#broker = read(() => parseBrokerUri(uri, credentials));
    const { warnings, ...queue } = queueOf(configuration.queue);
    this.#warnings = [...this.#broker.warnings, ...warnings];
    const doorOptions: AmqpDoorOptions = {
      broker: this.#broker,
      function: options.function,
      ...queue,
      invoker: guarded(options),
      prefetch: configuration.prefetch,
      redelivered: configuration.redelivered,
      confirmReplies: configuration.confirmReplies,
      eventRetriesMax: options.eventRetriesMax,
      bytesInFlightMax: options.bytesInFlightMax,
      observer: this.#observer(),
    };
    this.#door = read(() => new AmqpDoor(doorOptions));
  }

  /** What keeps the broker from being used now, for people; `undefined`: nothing. */
  get problem(): string | undefined {
    return this.#watch.problem;
  }

  /**
   * Makes the first attempt to connect; while the broker is away others follow, for ever (AM-1).
   *
   * @throws {BrokerError} when the broker refuses (AM-21).
   */
  async start(): Promise<void> {
    for (const warning of this.#warnings) {
      this.#options.log.write("warn", "config.ignored", warning);
    }
    await this.#door.start("background");
  }

  /** Takes nothing new, and gives back what has not started. */
  drain(): void {
    this.#door.drain();
  }

  /** Drains, waits for what runs, and closes the connections. */
  async stop(drainMs: number): Promise<void> {
    await this.#door.stop(drainMs);
  }

  /** Ends the connections at once. */
  kill(): void {
    this.#door.kill();
  }

  #observer(): AmqpDoorObserver {
    const { log, metrics } = this.#options;
    const { name } = this.#options.function;
    return {
      stateChanged: this.#watch.stateChanged,
      fault: this.#watch.fault,
      consuming: (queue) => {
        log.write("info", "queue.consuming", `Serving '${name}' from the queue '${queue}'`, {
          function: name,
          queue,
        });
      },
      replyReturned: () => {
        metrics()?.returned();
        log.refuse("reply.returned", "A reply has come back: its caller has gone");
      },
      redelivered: () => metrics()?.redelivered(),
      refused: (reason) => log.refuse("amqp.reject", "Refused a request of the queue", { reason }),
      eventFailed: (requestId, errorType, kept) => {
        const fate = kept ? "the dead-letter queue has it" : "it is gone";
        log.write("error", "event.failed", `An event failed for good: ${fate}`, {
          requestId,
          errorType,
        });
      },
    };
  }
}

/** How often is asked whether the overload is over, in milliseconds. */
const overloadPauseMs = 100;

/**
 * Starts nothing while the host is overloaded, and logs what is a fault of the host itself. A caller by
 * HTTP is told to come again; here the queue keeps what has not come, and the host what has, which is
 * bounded by the prefetch.
 */
function guarded({ invoker, guard, log }: QueueDoorOptions): Invoker {
  const onError = (error: unknown): never => {
    if (!(error instanceof Error) || error.name !== "HostError") {
      const cause = error instanceof Error ? error.stack : String(error);
      log.write("error", "host.error", "Cannot run a request of the queue", { cause });
    }
    throw error;
  };
  return {
    // Not an async function: that would hold the invocation, and so its event, until the end.
    invoke: (invocation, signal) => {
      const run = (): Promise<InvokeResult> => invoker.invoke(invocation, signal).catch(onError);
      if (guard.admit() === undefined) return run();
      return admitted(guard, invocation.expiresAtMs, signal).then(run);
    },
  };
}

/**
 * Resolves when the overload is over.
 *
 * @throws the signal's reason when the host stops before, the guard's refusal when the caller has left.
 */
async function admitted(
  guard: QueueDoorOptions["guard"],
  expiresAtMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (let refusal = guard.admit(); refusal !== undefined; refusal = guard.admit()) {
    signal.throwIfAborted();
    if (expiresAtMs !== undefined && expiresAtMs <= performance.now()) throw refusal;
    // It is asked again, not all at once.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, overloadPauseMs));
  }
}

type Queue = Pick<AmqpDoorOptions, "queue" | "topology"> & {
  /** What the address asks for without effect. */
  readonly warnings: readonly string[];
};

function queueOf(source: QueueSource): Queue {
  if (source.kind === "address") {
    const address = read(() => parseAddress(source.text));
    return { topology: read(() => topologyOf(address)), warnings: address.warnings };
  }
  const { name, profile } = source;
  const { deadLetterQueue, deliveryLimit, messageTtlMs, lengthMax, consumerPriority } = source;
  return {
    warnings: [],
    queue: {
      name,
      profile,
      ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
      ...(deliveryLimit === undefined ? {} : { deliveryLimit }),
      ...(messageTtlMs === undefined ? {} : { messageTtlMs }),
      ...(lengthMax === undefined ? {} : { lengthMax }),
      ...(consumerPriority === undefined ? {} : { consumerPriority }),
    },
  };
}

const faults: ReadonlySet<string> = new Set(["BrokerUriError", "AddressError"]);

/** Runs a parser; what the user gave wrong is a problem of the configuration. */
function read<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error) || !faults.has(error.name)) throw error;
    throw new ConfigError([error.message]);
  }
}
