import type {
  FunctionConfiguration,
  HostError,
  Invocation,
  Invoker,
  ParsedFunctionName,
} from "@lambdad/core";
import type { Http1ServerOptions } from "@lambdad/http1";

/** What an {@link InvokeDoor} needs, and what it may be told. */
export interface InvokeDoorOptions {
  /** Runs the functions. */
  readonly invoker: Invoker;
  /**
   * Finds the function that a caller named. Called for every request, synchronously.
   *
   * @throws {HostError} `ResourceNotFoundException` and the other errors of a name that leads nowhere.
   */
  readonly resolve: (name: ParsedFunctionName) => FunctionConfiguration;
  /**
   * Takes the event of an asynchronous invocation; resolves when it is as durable as it is going to be:
   * the caller is told 202 then. Without it such invocations are answered 503 with the remedy (AS-11).
   */
  readonly acceptEvent?: (invocation: Invocation) => Promise<void>;
  /**
   * Asks whether a function that `resolve` has found can be called, for a `DryRun`; rejects with a
   * {@link HostError} when it cannot. `writtenName` is what the caller wrote. Default: it can.
   */
  readonly check?: (configuration: FunctionConfiguration, writtenName: string) => Promise<void>;
  /**
   * Whether one more invocation may come in, asked when its head has arrived and before its body is
   * read. Gives the reason to refuse it: `ServiceUnavailable` (overload, memory reserve) or
   * `TooManyRequestsException`. Default: every one may.
   */
  readonly admit?: (configuration: FunctionConfiguration) => HostError | undefined;
  /** Pages beside the Invoke API, by exact path, e.g. `/health` and `/metrics`; for GET and HEAD. */
  readonly pages?: ReadonlyMap<string, PageRenderer>;
  /** Values of `Origin` from which web pages may invoke. Default: none. */
  readonly allowedOrigins?: ReadonlySet<string>;
  /** Bytes of all request bodies that are held at once; more is 429. Default 512 MiB. */
  readonly bodyBytesInFlightMax?: number;
  readonly observer?: InvokeDoorObserver;
  /** Limits of the HTTP server. */
  readonly http?: Omit<Http1ServerOptions, "onRequest" | "onReject">;
}

/** Makes a page at the time it is asked for. */
export type PageRenderer = () => Page | Promise<Page>;

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Hears what does not reach the invoker, or comes back from it wrong: for metrics and the log. Must not
 * throw. Payloads never come here.
 */
export interface InvokeDoorObserver {
  /**
   * A request was refused, by the HTTP server (any reason text) or by the door (`reason` is a host
   * error's code, a throttle's reason, or one of {@link DoorReason}).
   */
  readonly rejected?: (status: number, reason: string) => void;
  /** The host failed: an error of kind `ServiceException`, with its cause. */
  readonly failed?: (error: HostError, requestId: string) => void;
  /** A caller's trace header could not be passed on; a new one was made. */
  readonly traceIdDropped?: () => void;
}

/** Reasons of the door's own: `CallerLeft` goes with status 499, which nobody is sent. */
export type DoorReason =
  | "CallerLeft"
  | "MethodNotAllowed"
  | "OriginNotAllowed"
  | "UnknownOperation";
