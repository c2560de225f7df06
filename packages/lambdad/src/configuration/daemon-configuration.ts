import type { FunctionConfiguration } from "@lambdad/core";
import type { AmqpConfiguration } from "./amqp-configuration.ts";
import type { Address } from "./option-rule.ts";

/** What one function of this machine is told from outside. Times are milliseconds, sizes bytes. */
export interface HostedFunctionConfiguration {
  readonly function: FunctionConfiguration;
  /** The memory size was given, so it is enforced and not only reported (RT-9). */
  readonly memoryEnforced: boolean;
  readonly environments: EnvironmentsConfiguration;
  readonly queue: QueueConfiguration;
  readonly functionEnvironment: FunctionEnvironmentConfiguration;
}

/** Everything that the daemon is told from outside. Times are milliseconds, sizes bytes. */
export interface DaemonConfiguration extends HostedFunctionConfiguration {
  readonly invokeApi: InvokeApiConfiguration;
  /** Of the first environment; the others listen on the same host, on ports that the system chooses. */
  readonly runtimeApi: Address;
  readonly events: EventsConfiguration;
  /** `undefined`: callers come over HTTP alone. */
  readonly amqp: AmqpConfiguration | undefined;
  readonly log: LogConfiguration;
  /** From the signal to the end of invocations that still run. */
  readonly drainTimeoutMs: number;
  /** Serve `/metrics`. */
  readonly metrics: boolean;
}

export interface InvokeApiConfiguration extends Address {
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Idle time of a kept connection. */
  readonly keepAliveTimeoutMs: number;
  /** A streamed response without progress for this long is cut off. */
  readonly streamStallTimeoutMs: number;
  /** `undefined`: what the limit of open files allows. */
  readonly connectionsMax: number | undefined;
  /** Events and responses held at once; `undefined`: 512 MiB, or a quarter of the memory if less. */
  readonly bytesInFlightMax: number | undefined;
  /** Web origins whose pages may invoke, each `scheme://host[:port]` in lower case. */
  readonly originsAllowed: readonly string[];
}

export interface EnvironmentsConfiguration {
  /** How many may run at once. */
  readonly environmentsMax: number;
  /** Invocations that each serves at once. */
  readonly concurrencyEach: number;
  /** Folder of the external extensions, as given. */
  readonly extensionsDir: string;
  readonly initTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly logLineBytesMax: number;
}

export interface QueueConfiguration {
  /** Invocations that may wait for an environment. */
  readonly waitingMax: number;
  /** Wait for an environment before the invocation is throttled. */
  readonly waitMsMax: number;
}

export interface EventsConfiguration {
  readonly store: "off" | "memory";
  /** Attempts after the first one. */
  readonly retriesMax: number;
  readonly ageMsMax: number;
  readonly pendingMax: number;
}

export interface LogConfiguration {
  /** Of the daemon's own log; a level of pino. */
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  readonly structured: boolean;
  /** Write START, END and REPORT. */
  readonly printReports: boolean;
  /** `AWS_LAMBDA_LOG_FORMAT` of the function. */
  readonly functionFormat: "Text" | "JSON";
  /** `AWS_LAMBDA_LOG_LEVEL` of the function; `undefined`: not set, which means INFO. */
  readonly functionLevel: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL" | undefined;
}

export interface FunctionEnvironmentConfiguration {
  /** In order: a later file wins. */
  readonly envFiles: readonly string[];
  /** Inherit only what AWS promises. */
  readonly clean: boolean;
  /** Names inherited in spite of `clean`. */
  readonly passNames: readonly string[];
}
