import {
  AmqpDoor,
  type BrokerUri,
  BrokerUriError,
  defaultBrokerUri,
  type DeliveryLayer,
  parseBrokerUri,
  redactBrokerUri,
} from "@lambdad/invoke-amqp";
import type { InvocationScope } from "../invocation-scope.ts";
import type { LogError } from "../patch-console.ts";
import { doorLog } from "./door-log.ts";
import { timedOutText } from "./failed-results.ts";
import type { FunctionModule } from "./function-module.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import type { RuntimeOptions, Variables } from "./parse-command.ts";
import type { RuntimeLog } from "./runtime-log.ts";
import type { ServedFunction } from "./served-function.ts";
import { ThreadPool } from "./thread-pool.ts";
import { UsageError } from "./usage-error.ts";

export interface AmqpRuntimeOptions {
  readonly options: RuntimeOptions;
  readonly module: FunctionModule;
  readonly served: ServedFunction;
  readonly broker: RuntimeBroker;
  /** Follows each delivery. */
  readonly layer: DeliveryLayer | undefined;
  readonly scope: InvocationScope;
  readonly log: RuntimeLog;
  readonly logError: LogError;
}

export interface RuntimeBroker {
  readonly uri: BrokerUri;
  /** Without its password, for the log. */
  readonly shown: string;
}

/**
 * The broker that a command line means.
 *
 * @throws {UsageError} when its URL cannot be read.
 */
export function brokerOf(url: string | undefined, variables: Variables): RuntimeBroker {
  const text = url ?? defaultBrokerUri;
  const username = variables["AMQP_USERNAME"] ?? "";
  const password = variables["AMQP_PASSWORD"] ?? "";
  const credentials = username === "" || password === "" ? undefined : { username, password };
  try {
    return { uri: parseBrokerUri(text, credentials), shown: redactBrokerUri(text) };
  } catch (error) {
    if (!(error instanceof BrokerUriError)) throw error;
    throw new UsageError([error.message], { cause: error });
  }
}

/** A handler behind a queue: the door, and what runs the handler, in this thread or in others. */
export class AmqpRuntime {
  readonly #options: AmqpRuntimeOptions;
  readonly #handlers: HandlerInvoker | undefined;
  readonly #pool: ThreadPool | undefined;
  readonly #door: AmqpDoor;

  /** @throws {RuntimeError} when the handler asks for a way to stream that does not exist. */
  constructor(runtimeOptions: AmqpRuntimeOptions) {
    this.#options = runtimeOptions;
    const { options, module, served, broker, layer, scope, log, logError } = runtimeOptions;
    const timedOut = (requestId: string, limitMs: number): void => {
      log.line("WARN", `RequestId ${requestId}: ${timedOutText(limitMs)}`);
    };
    const { environment } = served;
    const { timeoutMs, threads, concurrency } = options;
    if (threads === 0) {
      const { handler } = module;
      const common = { scope, logError, timedOut };
      this.#handlers = new HandlerInvoker({ handler, timeoutMs, environment, ...common });
    } else {
      this.#pool = new ThreadPool({
        settings: { url: module.url, handlerName: module.handlerName, environment },
        threads,
        concurrency,
        timeoutMs,
        timedOut,
        threadEnded: ({ code, reason }, calls) => {
          const why = reason === undefined ? "" : ` (${reason})`;
          const lost = calls === 1 ? "1 call" : `${calls} calls`;
          log.line("ERROR", `A worker thread has ended with ${code}${why}, and ${lost} with it`);
        },
      });
    }
    this.#door = new AmqpDoor({
      broker: broker.uri,
      function: served.configuration,
      ...served.queue,
      invoker: this.#handlers ?? this.#pool ?? unreachable(),
      prefetch: concurrency,
      contentType: "as-sent",
      redelivered: options.atMostOnce ? "refuse" : "run",
      confirmReplies: options.confirmReplies,
      ...(options.eventRetriesMax !== undefined && { eventRetriesMax: options.eventRetriesMax }),
      ...(layer !== undefined && { around: layer }),
      observer: doorLog(log, {
        place: `${broker.uri.host}:${broker.uri.port}`,
        function: module.description,
        concurrency,
        threads,
      }),
    });
  }

  /**
   * Starts the threads, connects, and consumes.
   *
   * @throws {ThreadInitError} when a thread cannot load the function.
   * @throws {BrokerError} when the broker refuses, or there is none after the attempts of its URL.
   */
  async start(): Promise<void> {
    const { broker, log, served } = this.#options;
    await this.#pool?.start();
    for (const warning of [...broker.uri.warnings, ...served.warnings]) log.line("WARN", warning);
    log.line("INFO", `Connecting to ${broker.shown}`);
    await this.#door.start("required");
  }

  /** Takes nothing new, lets running calls end within the limit, and gives the others back. */
  async stop(drainMs: number): Promise<void> {
    await this.#door.stop(drainMs);
  }

  /** Ends the worker threads, if any: after the last answer. */
  closeThreads(): void {
    this.#pool?.close();
  }

  /** Ends the connections now: the broker gives what is not answered to others. */
  kill(): void {
    this.#door.kill();
  }

  /** Fails the call that an error belongs to which nobody caught. `false`: it cannot be told. */
  failCurrent(error: unknown): boolean {
    return this.#handlers?.failCurrent(error) ?? false;
  }
}

function unreachable(): never {
  throw new Error("Cannot serve: there is no invoker");
}
