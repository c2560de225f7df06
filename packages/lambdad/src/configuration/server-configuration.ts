import type { FunctionConfiguration } from "@lambdad/core";
import type { BrokerConfiguration } from "./amqp-configuration.ts";
import type { DaemonConfiguration, HostedFunctionConfiguration } from "./daemon-configuration.ts";

/** What the queue of a function promises, in the words of the AMQP package. */
export type QueueProfileName = "compat" | "durable" | "quorum";

/** Everything that `lambdad server` is told from outside. Times are milliseconds. */
export interface ServerConfiguration extends Pick<
  DaemonConfiguration,
  "invokeApi" | "log" | "events" | "drainTimeoutMs" | "metrics"
> {
  /** Address of the Runtime APIs; the system chooses their ports. */
  readonly runtimeApiHost: string;
  /** Of the ARNs of this machine's functions. */
  readonly place: Pick<FunctionConfiguration, "region" | "accountId">;
  readonly functions: readonly LocalFunction[];
  /** `undefined`: there are no functions behind queues. */
  readonly queues: QueuesConfiguration | undefined;
}

/** A function of this machine. */
export interface LocalFunction {
  /** As written: `file.export`, or a folder with a `bootstrap`. */
  readonly handler: string;
  readonly configuration: HostedFunctionConfiguration;
}

/** The functions behind queues. */
export interface QueuesConfiguration {
  readonly broker: BrokerConfiguration;
  /** Longest wait for a reply. */
  readonly timeoutMs: number;
  /** Of each queue that is not among `profiles`. */
  readonly profile: QueueProfileName;
  /** By function name. */
  readonly profiles: ReadonlyMap<string, QueueProfileName>;
}
