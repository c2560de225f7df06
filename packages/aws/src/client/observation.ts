import type { TracingChannel } from "node:diagnostics_channel";
import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { OperationModel } from "../model/model.ts";
import type { HttpRequest } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import type { AwsClientError, ResponseMetadata } from "./errors.ts";

/** An attempt is about to be sent. Headers that carry secrets are left out. */
export interface RequestEvent {
  readonly service: string;
  readonly operation: string;
  /** From 1. */
  readonly attempt: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A call has its response. */
export interface ResponseEvent {
  readonly service: string;
  readonly operation: string;
  readonly $metadata: ResponseMetadata;
  /** Milliseconds since the call began. */
  readonly elapsed: number;
}

/** An attempt has failed and is repeated after `delay` milliseconds. */
export interface RetryEvent {
  readonly service: string;
  readonly operation: string;
  readonly attempt: number;
  readonly delay: number;
  readonly error: Error;
}

/** A call has failed. */
export interface ErrorEvent {
  readonly service: string;
  readonly operation: string;
  readonly error: AwsClientError;
  readonly elapsed: number;
}

/**
 * What the tracing channel is told: one object for each call, with its first request at `start`, its
 * outcome at `asyncEnd`, and before that its error at `error`. A call that fails before anything
 * is sent has no `start`.
 */
export interface TraceEvent extends Partial<RequestEvent> {
  readonly service: string;
  readonly operation: string;
  $metadata?: ResponseMetadata | undefined;
  /** Milliseconds since the call began. */
  elapsed?: number;
  error?: AwsClientError;
}

/** What `client.on` reports, by name. */
export interface ClientEvents {
  readonly request: RequestEvent;
  readonly response: ResponseEvent;
  readonly retry: RetryEvent;
  readonly error: ErrorEvent;
}

/** A listener of one kind of event. */
export type ClientListener<K extends keyof ClientEvents> = (event: ClientEvents[K]) => void;

/** Name of the tracing channel of `node:diagnostics_channel`. */
export const channelName = "lambdad.aws.call";

const hidden = "(hidden)";

const eventNames: ReadonlySet<string> = new Set(["request", "response", "retry", "error"]);

const unsaid: ReadonlySet<string> = new Set([
  "authorization",
  "x-amz-security-token",
  "x-amz-s3session-token",
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
]);

/** What is told of a call, whoever makes it: the HTTP client, or a store. */
export interface ObservedCall {
  readonly engine: { readonly service: { readonly name: string } };
  readonly operation: { readonly name: string };
  readonly attempts: number;
  /** `monotonicMs()` at the start; 0: nobody watched then. */
  readonly startedAt: number;
}

/**
 * Those who watch a client: its own listeners, and subscribers of the tracing channel. A listener
 * that throws does not disturb the call: its error is thrown in a turn of its own.
 */
export class Observation {
  readonly #listeners = new Map<keyof ClientEvents, Set<(event: never) => void>>();
  readonly #channel: TracingChannel;
  /** Calls whose start was told to the channel. */
  readonly #traces = new WeakMap<ObservedCall, TraceEvent>();
  #listening = false;
  /** Calls lead here, and so to their client: it stays while they are in flight. */
  readonly client: object;

  constructor(client: object) {
    this.client = client;
    this.#channel = process
      .getBuiltinModule("node:diagnostics_channel")
      .tracingChannel(channelName);
  }

  /** Whether anybody watches. */
  get observed(): boolean {
    return this.#listening || this.#channel.hasSubscribers;
  }

  /**
   * Adds a listener; the function that comes back removes it.
   * @throws TypeError for another event, and for what is no function.
   */
  on<K extends keyof ClientEvents>(name: K, listener: ClientListener<K>): () => void {
    if (!eventNames.has(name) || typeof listener !== "function") {
      throw new TypeError(
        `Cannot listen to "${name}": give "request", "response", "retry" or "error", and a function`,
      );
    }
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    this.#listening = true;
    return () => {
      listeners.delete(listener);
      this.#listening = [...this.#listeners.values()].some(({ size }) => size > 0);
    };
  }

  request(call: Call, request: HttpRequest): void {
    const { protocol, hostHeader } = call.boundEndpoint.origin;
    this.requested(call, {
      ...nameOf(call),
      attempt: call.attempts,
      method: request.method,
      url: `${protocol}//${hostHeader}${shownPath(call, request.path)}`,
      headers: headersOf(call, request.headers),
    });
  }

  /** An attempt is about to be made, of which this is shown. */
  requested(call: ObservedCall, event: RequestEvent): void {
    if (call.attempts === 1 && this.#channel.hasSubscribers) {
      const trace: TraceEvent = { ...event };
      this.#traces.set(call, trace);
      this.#channel.start.publish(trace);
    }
    this.#emit("request", event);
  }

  response(call: ObservedCall, $metadata: ResponseMetadata): void {
    const event: ResponseEvent = { ...nameOf(call), $metadata, elapsed: elapsedOf(call) };
    if (this.#channel.hasSubscribers) {
      const trace = this.#traceOf(call);
      trace.$metadata = $metadata;
      trace.elapsed = event.elapsed;
      this.#channel.asyncEnd.publish(trace);
    }
    this.#emit("response", event);
  }

  retry(call: Call, error: Error, delay: number): void {
    this.#emit("retry", { ...nameOf(call), attempt: call.attempts, delay, error });
  }

  error(call: ObservedCall, error: AwsClientError): void {
    const event: ErrorEvent = { ...nameOf(call), error, elapsed: elapsedOf(call) };
    if (this.#channel.hasSubscribers) {
      const trace = this.#traceOf(call);
      trace.error = error;
      trace.$metadata = error.$metadata;
      trace.elapsed = event.elapsed;
      this.#channel.error.publish(trace);
      this.#channel.asyncEnd.publish(trace);
    }
    this.#emit("error", event);
  }

  #traceOf(call: ObservedCall): TraceEvent {
    return this.#traces.get(call) ?? nameOf(call);
  }

  #emit<K extends keyof ClientEvents>(name: K, event: ClientEvents[K]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        (listener as ClientListener<K>)(event);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}

function nameOf(call: ObservedCall): { service: string; operation: string } {
  return { service: call.engine.service.name, operation: call.operation.name };
}

function elapsedOf(call: ObservedCall): number {
  // Whoever began to watch in the middle of a call does not know when it began.
  return call.startedAt === 0 ? 0 : monotonicMs() - call.startedAt;
}

function headersOf(call: Call, headers: readonly string[]): Record<string, string> {
  const secret = secretNames(call.operation.model);
  const shown: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    shown[name] = unsaid.has(name) || secret.has(name) ? hidden : (headers[i + 1] as string);
  }
  return shown;
}

function shownPath({ operation }: Call, path: string): string {
  const at = path.indexOf("?");
  const secret = secretNames(operation.model);
  if (at < 0 || secret.size === 0) return path;
  const pairs = path.slice(at + 1).split("&");
  const shown = pairs.map((pair) => {
    const name = pair.slice(0, (pair.indexOf("=") + 1 || pair.length + 1) - 1);
    return secret.has(decodeURIComponent(name)) ? `${name}=${hidden}` : pair;
  });
  return `${path.slice(0, at)}?${shown.join("&")}`;
}

const secrets = new WeakMap<OperationModel, ReadonlySet<string>>();

/** Headers, in lower case, and names in the query of members that the model calls sensitive. */
function secretNames(operation: OperationModel): ReadonlySet<string> {
  let names = secrets.get(operation);
  if (names === undefined) {
    const members = (operation.input?.members ?? []).filter(({ sensitive }) => sensitive === true);
    names = new Set(
      members.flatMap(({ location, name, wireName = name }) =>
        location === "header"
          ? [wireName.toLowerCase()]
          : location === "querystring"
            ? [wireName]
            : [],
      ),
    );
    secrets.set(operation, names);
  }
  return names;
}
