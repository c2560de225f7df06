import type { BrokerConfiguration } from "../configuration/amqp-configuration.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import type { ServerConfiguration } from "../configuration/server-configuration.ts";

/** What a command line asks for. */
export type Command =
  | DaemonCommand
  | RunCommand
  | ServerCommand
  | InvokeCommand
  | BenchCommand
  | HelpCommand
  | VersionCommand;

/** `lambdad [options] COMMAND [ARG…]`: run a function with this runtime command. */
export interface DaemonCommand {
  readonly kind: "daemon";
  /** Empty when none was given: then the first of `bootstrapPaths` that exists is run. */
  readonly command: readonly string[];
  readonly configuration: DaemonConfiguration;
  /** What was set but has no effect: for the log. */
  readonly warnings: readonly string[];
}

/** `lambdad run [options] HANDLER`: run a handler with a runtime of ours or its language's. */
export interface RunCommand {
  readonly kind: "run";
  /** As written: `file.export`, or a folder with a `bootstrap`. */
  readonly handler: string;
  readonly configuration: DaemonConfiguration;
  /** Replace the environments when the function's files change. */
  readonly watch: boolean;
  readonly warnings: readonly string[];
}

/** `lambdad server [options]`: many functions behind one endpoint. */
export interface ServerCommand {
  readonly kind: "server";
  readonly configuration: ServerConfiguration;
  readonly warnings: readonly string[];
}

/** Where the payload of a caller comes from. */
export type PayloadSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "standardInput" }
  /** A JSON string of exactly so many bytes. */
  | { readonly kind: "size"; readonly bytes: number }
  /** Nothing was said. */
  | { readonly kind: "none" };

/** The function that a caller addresses, and where. */
export interface CallTarget {
  /** Name or ARN in any form, as written. */
  readonly functionName: string;
  /** `http:` or `https:`, without a slash at its end; of no use when there is a broker. */
  readonly endpointUrl: string;
  /** The call goes through the function's queue there. */
  readonly broker: CallBroker | undefined;
  readonly qualifier: string | undefined;
  readonly payload: PayloadSource;
  /** Read the response as it is produced (InvokeWithResponseStream). */
  readonly stream: boolean;
  /** Wait for one response; 0: no limit. */
  readonly timeoutMs: number;
}

/** Where the function's queue is, and what it promises. */
export interface CallBroker extends BrokerConfiguration {
  readonly profile: "compat" | "durable" | "quorum";
}

/** `lambdad invoke [options] FUNCTION [PAYLOAD]`. */
export interface InvokeCommand extends CallTarget {
  readonly kind: "invoke";
  readonly type: "RequestResponse" | "Event" | "DryRun";
  /** Print the end of the invocation's log on standard error. */
  readonly log: boolean;
  /** JSON text. */
  readonly clientContext: string | undefined;
  /** Many calls instead of one; `functionName` is then that of lines without one, or empty. */
  readonly batch: BatchOptions | undefined;
}

/** Where many calls come from, and how they are made. */
export interface BatchOptions {
  /** File of JSON lines; `-` is standard input. */
  readonly path: string;
  /** Calls in flight at once. */
  readonly concurrency: number;
  /** Every call is made, whatever becomes of the others. */
  readonly keepGoing: boolean;
}

/** `lambdad bench [options] FUNCTION`. */
export interface BenchCommand extends CallTarget {
  readonly kind: "bench";
  /** Calls in flight at once: over HTTP each on its own connection, over AMQP all on one. */
  readonly callers: number;
  /** When to stop. */
  readonly until:
    | { readonly kind: "duration"; readonly durationMs: number }
    | { readonly kind: "count"; readonly count: number };
  /** One JSON object on standard output instead of a table. */
  readonly json: boolean;
}

export interface HelpCommand {
  readonly kind: "help";
  readonly text: string;
}

export interface VersionCommand {
  readonly kind: "version";
}

/**
 * Where a runtime is looked for when no command is given, in this order, as the emulator does
 * (aws-lambda-runtime-interface-emulator `internal/lambda/rie/run.go`); its folder is `/var/task`.
 */
export const bootstrapPaths: readonly string[] = [
  "/var/task/bootstrap",
  "/opt/bootstrap",
  "/var/runtime/bootstrap",
];
