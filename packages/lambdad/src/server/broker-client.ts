import { AmqpInvoker, type BrokerUri, parseBrokerUri, RpcClient } from "@lambdad/invoke-amqp";
import { ConfigError } from "../configuration/config-error.ts";
import type {
  QueueProfileName,
  QueuesConfiguration,
} from "../configuration/server-configuration.ts";
import type { BrokerMetrics } from "../host/broker-metrics.ts";
import type { BrokerWatch } from "../host/broker-watch.ts";
import { QueueFunctions } from "./queue-functions.ts";

export interface BrokerClientOptions {
  readonly configuration: QueuesConfiguration;
  readonly watch: BrokerWatch;
  /** Asked at each use: they are loaded late, or never. */
  readonly metrics: () => BrokerMetrics | undefined;
}

/**
 * The connections of a server to its broker, and the functions behind its queues. Loaded only when a
 * broker is configured.
 */
export class BrokerClient {
  readonly functions: QueueFunctions;
  readonly #uri: BrokerUri;
  readonly #client: RpcClient;

  /** @throws {ConfigError} when the broker's URI cannot be read. */
  constructor({ configuration, watch, metrics }: BrokerClientOptions) {
    const { broker, timeoutMs, profile, profiles } = configuration;
    const profileOf = (queue: string): QueueProfileName => profiles.get(queue) ?? profile;
    this.#uri = readUri(broker);
    const client = new RpcClient(this.#uri, {
      connectionName: "lambdad server",
      timeoutMs,
      profileOf,
      observer: {
        stateChanged: watch.stateChanged,
        fault: watch.fault,
        lateReply: () => metrics()?.lateReply(),
        returned: () => metrics()?.returned(),
        nacked: () => metrics()?.nacked(),
      },
    });
    this.#client = client;
    this.functions = new QueueFunctions({
      invoker: new AmqpInvoker({ client, timeoutMs }),
      exists: (queue) => client.exists(queue),
      profileOf,
    });
  }

  /** Options of the URI that have no effect: for the log. */
  get warnings(): readonly string[] {
    return this.#uri.warnings;
  }

  /**
   * Connects.
   *
   * @param isNeeded - Nothing can be served without the broker: give up after the URI's attempts.
   * Otherwise the first one is awaited, and others follow for ever (AM-1).
   * @throws {BrokerError} when the broker refuses, or is needed and away.
   */
  start(isNeeded: boolean): Promise<void> {
    return this.#client.start(isNeeded ? "required" : "background");
  }

  /** Waits for what is in flight, fails the rest, and ends the connections. */
  async stop(drainMs: number): Promise<void> {
    await this.functions.idle(drainMs);
    await this.#client.close();
  }

  /** Ends the connections at once. */
  kill(): void {
    this.#client.destroy();
  }
}

function readUri({ uri, credentials }: QueuesConfiguration["broker"]): BrokerUri {
  try {
    return parseBrokerUri(uri, credentials);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "BrokerUriError") throw error;
    throw new ConfigError([error.message], "lambdad server --help");
  }
}
