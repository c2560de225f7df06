import { basename } from "node:path/posix";
import { amqpOptions, brokerOptions } from "./amqp-options.ts";
import { boundOptions } from "./bound-options.ts";
import { eventsOf, hostedFunction, invokeApiOf } from "./configuration-parts.ts";
import type { DaemonConfiguration } from "./daemon-configuration.ts";
import { doorOptions } from "./door-options.ts";
import { eventOptions } from "./event-options.ts";
import { functionOptions } from "./function-options.ts";
import { logOptions } from "./log-options.ts";
import type { Address, OptionGroup, ValuesOf } from "./option-rule.ts";
import { readAmqpOptions } from "./read-amqp-options.ts";
import { isGiven, type OptionSource, readOptions } from "./read-options.ts";

/** Groups of the daemon's options, in the order of the help. */
export const daemonGroups: readonly OptionGroup[] = [
  functionOptions,
  doorOptions,
  logOptions,
  eventOptions,
  brokerOptions,
  amqpOptions,
  boundOptions,
];

/** What the configuration depends on besides options and variables. */
export interface ConfigurationDefaults {
  /** Name of the function when none is given. */
  readonly name: string;
  /** Handler when none is given; empty when the runtime command brings its own. */
  readonly handler: string;
  /** Address of the Invoke API when none is given. */
  readonly host: string;
}

/**
 * Reads the daemon's options into its configuration. Pure. What is wrong is added to `problems`; the
 * configuration is of use only when there are none.
 */
export function buildConfiguration(
  source: OptionSource,
  defaults: ConfigurationDefaults,
  problems: string[],
): DaemonConfiguration {
  const lambda = readOptions(functionOptions, source, problems);
  const door = readOptions(doorOptions, source, problems);
  const log = readOptions(logOptions, source, problems);
  const events = readOptions(eventOptions, source, problems);
  const bounds = readOptions(boundOptions, source, problems);
  rejectTwoAddresses(source, problems);
  const name = lambda.name ?? defaults.name;
  const hosted = hostedFunction({
    name,
    handler: lambda.handler ?? defaults.handler,
    lambda,
    bounds,
    memoryEnforced: isGiven(functionOptions.options.memory, source),
  });
  const { environmentsMax, concurrencyEach } = hosted.environments;
  const prefetch = environmentsMax * concurrencyEach;
  const address = door.emulatorAddress ?? { host: door.host ?? defaults.host, port: door.port };
  return {
    ...hosted,
    invokeApi: invokeApiOf(address, door.allowOrigins, bounds),
    runtimeApi: runtimeApiAddress(door),
    events: eventsOf(events),
    amqp: readAmqpOptions(source, { name, prefetch }, problems),
    log,
    drainTimeoutMs: bounds.drainTimeout,
    metrics: door.metrics,
  };
}

/**
 * The name of a function that `lambdad run` is given without `--name`: the handler's file or folder
 * without its extensions, with `-` for what a name may not have.
 */
export function nameOfHandler(handler: string): string {
  const [stem = ""] = basename(handler).split(".");
  const name = stem.replaceAll(/[^a-zA-Z0-9-_]/g, "-").slice(0, 64);
  return name === "" ? "test_function" : name;
}

function runtimeApiAddress(door: ValuesOf<typeof doorOptions.options>): Address {
  return door.runtimeApiAddress ?? { host: door.runtimeApiHost, port: door.runtimeApiPort };
}

/** A flag may contradict a variable, and wins; two flags that contradict each other are a mistake. */
function rejectTwoAddresses({ flags }: OptionSource, problems: string[]): void {
  const pairs = [
    ["runtime-interface-emulator-address", "host", "port"],
    ["runtime-api-address", "runtime-api-host", "runtime-api-port"],
  ] as const;
  for (const [address, ...parts] of pairs) {
    if (!flags.has(address)) continue;
    for (const part of parts) {
      if (flags.has(part)) problems.push(`--${address} and --${part} cannot be given together`);
    }
  }
}
