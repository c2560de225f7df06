import type { boundOptions } from "./bound-options.ts";
import type {
  EventsConfiguration,
  HostedFunctionConfiguration,
  InvokeApiConfiguration,
} from "./daemon-configuration.ts";
import type { eventOptions } from "./event-options.ts";
import type { functionOptions } from "./function-options.ts";
import type { Address, ValuesOf } from "./option-rule.ts";

type Bounds = ValuesOf<typeof boundOptions.options>;

const bytesPerMib = 1024 * 1024;

/** What makes the configuration of one function of this machine. */
export interface HostedFunctionParts {
  readonly name: string;
  readonly handler: string;
  readonly lambda: Omit<ValuesOf<typeof functionOptions.options>, "name" | "handler">;
  readonly memoryEnforced: boolean;
  readonly bounds: Bounds;
}

/** The configuration of one function, of the values of its options. */
export function hostedFunction(parts: HostedFunctionParts): HostedFunctionConfiguration {
  const { name, handler, lambda, memoryEnforced, bounds } = parts;
  return {
    function: {
      name,
      version: lambda.version,
      region: lambda.region,
      accountId: lambda.accountId,
      handler,
      memorySizeMb: lambda.memory,
      timeoutMs: lambda.timeout,
    },
    memoryEnforced,
    environments: {
      environmentsMax: lambda.maxConcurrency,
      concurrencyEach: lambda.environmentConcurrency,
      extensionsDir: lambda.extensionsDir,
      initTimeoutMs: lambda.initTimeout,
      idleTimeoutMs: lambda.idleTimeout,
      logLineBytesMax: bounds.maxLogLine,
    },
    queue: {
      waitingMax: bounds.maxWaiting ?? Math.max(64, 8 * lambda.maxConcurrency),
      waitMsMax: bounds.maxWait ?? lambda.timeout,
    },
    functionEnvironment: {
      envFiles: lambda.envFiles,
      clean: lambda.cleanEnv,
      passNames: lambda.passEnv,
    },
  };
}

/** The configuration of the Invoke API, of the values of its options. */
export function invokeApiOf(
  address: Address,
  allowOrigins: readonly string[],
  bounds: Bounds,
): InvokeApiConfiguration {
  return {
    ...address,
    headTimeoutMs: bounds.headTimeout,
    bodyTimeoutMs: bounds.bodyTimeout,
    keepAliveTimeoutMs: bounds.keepAliveTimeout,
    streamStallTimeoutMs: bounds.streamStallTimeout,
    connectionsMax: bounds.maxConnections,
    bytesInFlightMax:
      bounds.maxBytesInFlight === undefined ? undefined : bytesPerMib * bounds.maxBytesInFlight,
    originsAllowed: allowOrigins.map((origin) => origin.toLowerCase()),
  };
}

/** The configuration of events, of the values of their options. */
export function eventsOf(events: ValuesOf<typeof eventOptions.options>): EventsConfiguration {
  const { store, retries, maxAge, maxPending } = events;
  return { store, retriesMax: retries, ageMsMax: maxAge, pendingMax: maxPending };
}
