import type { FunctionConfiguration, Invocation, Invoker, ParsedFunctionName } from "@lambdad/core";
import { InvokeDoor, type ListenAddress, type PageRenderer } from "@lambdad/invoke-http";
import type { InvokeApiConfiguration } from "../configuration/daemon-configuration.ts";
import type { HostOutput } from "./host-output.ts";
import { ListenError } from "./listen-error.ts";
import type { Metrics } from "./metrics.ts";
import type { OverloadGuard } from "./overload-guard.ts";
import { bytesInFlightMaxDefault, connectionsMaxDefault } from "./resources.ts";

export interface InvokeApiOptions {
  readonly configuration: InvokeApiConfiguration;
  /** Environments that may run at once, of all functions: they need descriptors too. */
  readonly environmentsMax: number;
  readonly invoker: Invoker;
  readonly resolve: (name: ParsedFunctionName) => FunctionConfiguration;
  /** `undefined`: no event is taken. */
  readonly acceptEvent: ((invocation: Invocation) => Promise<void>) | undefined;
  /** Asks whether a function can be called. Default: those that are resolved can. */
  readonly check?: (configuration: FunctionConfiguration, writtenName: string) => Promise<void>;
  readonly pages: ReadonlyMap<string, PageRenderer>;
  readonly guard: OverloadGuard;
  readonly output: HostOutput;
  /** Asked at each use: they are loaded late, or never. */
  readonly metrics: () => Metrics | undefined;
}

/** The door of a host, with its limits as configured, its log and its metrics. Not yet open. */
export function makeInvokeDoor(options: InvokeApiOptions): InvokeDoor {
  const { configuration, environmentsMax, acceptEvent, check, guard, output, metrics } = options;
  return new InvokeDoor({
    invoker: options.invoker,
    resolve: options.resolve,
    ...(acceptEvent === undefined ? {} : { acceptEvent }),
    ...(check === undefined ? {} : { check }),
    admit: () => guard.admit(),
    pages: options.pages,
    allowedOrigins: new Set(configuration.originsAllowed),
    bodyBytesInFlightMax: configuration.bytesInFlightMax ?? bytesInFlightMaxDefault(),
    observer: {
      rejected: (status, reason) => {
        metrics()?.httpRejected(status, reason);
        output.log.refuse("http.reject", "Refused a request", { status, reason });
      },
      failed: (error, requestId) => {
        const cause = error.cause instanceof Error ? error.cause.stack : String(error.cause);
        output.log.write("error", "host.error", error.message, { requestId, cause });
      },
    },
    http: {
      headTimeoutMs: configuration.headTimeoutMs,
      bodyTimeoutMs: configuration.bodyTimeoutMs,
      idleTimeoutMs: configuration.keepAliveTimeoutMs,
      stallTimeoutMs: configuration.streamStallTimeoutMs,
      connectionsMax: configuration.connectionsMax ?? connectionsMaxDefault(environmentsMax),
    },
  });
}

/**
 * Opens the door.
 *
 * @throws {ListenError} when its address cannot be listened on.
 */
export async function openInvokeApi(
  door: InvokeDoor,
  configuration: InvokeApiConfiguration,
): Promise<ListenAddress> {
  try {
    return await door.listen(configuration);
  } catch (error) {
    throw new ListenError("Invoke API", configuration, error);
  }
}

/** `http://host:port`, for people. */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
