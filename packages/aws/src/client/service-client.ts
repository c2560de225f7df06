import { loadModel } from "../model/load-model.ts";
import { methodMembers, methodName } from "../model/method-members.ts";
import type { ServiceModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type Paginators, servicePaginators } from "../paginate/service-paginators.ts";
import { serviceWaiters, type Waiters } from "../wait/service-waiters.ts";
import type { CallByName } from "./call-by-name.ts";
import type { AllOptions } from "./concurrent-calls.ts";
import type { ClientEngine } from "./client-engine.ts";
import type { Engine } from "./engine.ts";
import type { PresignOptions } from "./client-types.ts";
import { ClientClosedError, CredentialsError } from "./errors.ts";
import { type ClientEvents, type ClientListener, Observation } from "./observation.ts";
import type { CallOptions, SessionOptions } from "./options.ts";
import { serviceErrorClass, type ServiceErrorClass } from "./service-errors.ts";

/** What a client says of itself. */
export interface ClientMeta {
  /** The service's name in botocore. */
  readonly service: string;
  readonly apiVersion: string;
  /** Operations, as methods of the client. */
  readonly operations: readonly string[];
  /** The options that the client was made with, the session's under its own. */
  readonly config: ClientOptionsShown;
  /** The region that the client signs for. @throws ConfigurationError */
  region(): Promise<string | undefined>;
  /** URL that calls without input of their own go to. @throws EndpointError */
  endpoint(): Promise<string>;
}

/** A client's options without those that can hold secrets. */
export type ClientOptionsShown = Readonly<
  Omit<SessionOptions, "credentials" | "environment" | "key" | "proxy" | "token">
>;

/** What a client is made with. */
export interface ClientSeed {
  /** The service's name in botocore. */
  readonly service: string;
  /** The session's options with the client's over them. */
  readonly options: SessionOptions;
  /** The model, where it is at hand already; default: read from the package's files on first use. */
  readonly model?: ServiceModel | undefined;
  /** Whose client it is: clients of one owner share a store `memory:`. Default: the client itself. */
  readonly owner?: object | undefined;
  /** Called once, when the client is closed. */
  readonly onClosed?: ((client: ServiceClient) => void) | undefined;
}

type State = "open" | "closing" | "closed";

/**
 * A client of one service. Its operations are methods, made from the service's model when they are
 * first used. Making one does no I/O; configuration, credentials and connections come with the first call.
 */
export class ServiceClient implements AsyncDisposable {
  readonly #seed: ClientSeed;
  readonly #observation = new Observation(this);
  #state: State = "open";
  #engine: ClientEngine | undefined;
  #starting: Promise<ClientEngine> | undefined;
  #closed: Promise<void> | undefined;
  /** Why it was destroyed. */
  #reason: unknown;
  /** Ends of the transfers under way. */
  readonly #transfers = new Set<(reason: unknown) => void>();
  #onTransferred: (() => void) | undefined;

  #paginators: Paginators | undefined;
  #waiters: Waiters | undefined;
  #presigners: Presigners<Promise<string>> | undefined;
  #syncPresigners: Presigners<string> | undefined;
  readonly #callByName: CallByName = (operation, input, options) =>
    this.call(operation, input, options);

  constructor(seed: ClientSeed) {
    this.#seed = seed;
  }

  get meta(): ClientMeta {
    const model = modelOf(this.#seed);
    return {
      service: this.#seed.service,
      apiVersion: model.metadata.apiVersion,
      operations: model.operationNames.map(methodName),
      config: shownOptions(this.#seed.options),
      region: async () => (await this.engine()).region,
      endpoint: async () => (await this.engine()).defaultEndpoint(),
    };
  }

  /** Classes of the service's errors by name, for `instanceof`. */
  get errors(): Readonly<Record<string, ServiceErrorClass>> {
    const { service } = this.#seed;
    return new Proxy<Record<string, ServiceErrorClass>>(
      {},
      {
        // Awaiting them, or showing them, asks for members that are no errors.
        get: (_, name) =>
          typeof name === "string" && name !== "then" && name !== "toJSON"
            ? serviceErrorClass(service, name)
            : undefined,
      },
    );
  }

  /** Pages of listings, by the name of the operation's method: `client.paginate.listObjectsV2(input)`. */
  get paginate(): Paginators {
    this.#paginators ??= servicePaginators(() => modelOf(this.#seed), this.#callByName);
    return this.#paginators;
  }

  /** Waiters by name: `client.waitUntil.objectExists(input)`. */
  get waitUntil(): Waiters {
    this.#waiters ??= serviceWaiters(() => modelOf(this.#seed), this.#callByName);
    return this.#waiters;
  }

  /** Operations as makers of URLs, by the name of their method: `client.presign.getObject(input)`. */
  get presign(): Presigners<Promise<string>> {
    this.#presigners ??= methodMembers(
      () => modelOf(this.#seed).operationNames,
      (operation) =>
        async (input = {}, options = {}) => {
          const engine = await this.engine();
          return engine.presign(operation, input, options);
        },
    );
    return this.#presigners;
  }

  /** As `presign`, at once. @throws CredentialsError when credentials are not at hand: before the first call. */
  get presignSync(): Presigners<string> {
    this.#syncPresigners ??= methodMembers(
      () => modelOf(this.#seed).operationNames,
      (operation) =>
        (input = {}, options = {}) => {
          if (this.#state !== "open") throw this.#closedError(this.#reason);
          if (this.#engine !== undefined) return this.#engine.presignNow(operation, input, options);
          throw new CredentialsError(
            `Cannot presign ${operation}: the credentials are not at hand yet: await a call, or use the asynchronous form`,
          );
        },
    );
    return this.#syncPresigners;
  }

  /**
   * Calls an operation by its name in the model or as a method.
   * @throws what the method throws
   */
  call(operation: string, input?: Input, options?: CallOptions): Promise<Output> {
    const engine = this.#engine;
    if (engine !== undefined && this.#state === "open") {
      return engine.call(operation, input ?? {}, options);
    }
    return this.#callFirst(operation, input ?? {}, options);
  }

  async #callFirst(operation: string, input: Input, options?: CallOptions): Promise<Output> {
    const engine = await this.engine();
    return await engine.call(operation, input, options);
  }

  /**
   * Calls one operation for many inputs, with bounded concurrency; outputs in the order of inputs.
   * The first failure aborts the rest; with `settle` every outcome is returned.
   */
  async callAll(
    operation: string,
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options: AllOptions & CallOptions = {},
  ): Promise<Output[] | PromiseSettledResult<Output>[]> {
    const { concurrency, signal, settle, onProgress, ...callOptions } = options;
    const { startAll } = await import("./concurrent-calls.ts");
    return startAll(startsOf(this, operation, inputs, callOptions), {
      concurrency,
      signal: signal ?? options.abortSignal,
      settle,
      onProgress,
    });
  }

  /** Reports what happens; the function that comes back ends it. */
  on<K extends keyof ClientEvents>(name: K, listener: ClientListener<K>): () => void {
    return this.#observation.on(name, listener);
  }

  /** Everything that calls need: configuration, credentials, connections; made once. */
  engine(): Promise<ClientEngine> {
    if (this.#state !== "open") return Promise.reject(this.#closedError(this.#reason));
    if (this.#engine !== undefined) return Promise.resolve(this.#engine);
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** The engine of a client that speaks HTTP. @throws TypeError for the client of a store. */
  async httpEngine(): Promise<Engine> {
    const [{ Engine }, engine] = await Promise.all([import("./engine.ts"), this.engine()]);
    if (engine instanceof Engine) return engine;
    const url = engine.defaultEndpoint();
    throw new TypeError(`Cannot sign for "${url}": it is a store, which is not reached by HTTP`);
  }

  async #start(): Promise<ClientEngine> {
    try {
      const { createEngine } = await import("./create-engine.ts");
      const engine = await createEngine(this.#seed, modelOf(this.#seed), this.#observation);
      // Calls made before `close` are still made.
      if (this.#state === "closed") {
        const error = this.#closedError(this.#reason);
        engine.destroy(error);
        throw error;
      }
      this.#engine = engine;
      return engine;
    } finally {
      this.#starting = undefined;
    }
  }

  /**
   * Keeps what a transfer needs until it is over: `close` waits for that, and `destroy` ends it.
   *
   * @param end ends the transfer.
   * @returns to be called when it is over.
   */
  holdFor(end: (reason: unknown) => void): () => void {
    this.#transfers.add(end);
    return () => {
      this.#transfers.delete(end);
      if (this.#transfers.size === 0) this.#onTransferred?.();
    };
  }

  /** Takes no more calls, waits for those in flight, and lets the connections go. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = "closing";
    await this.#starting?.catch(() => undefined);
    if (this.#transfers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onTransferred = resolve;
      });
    }
    await this.#engine?.close(() => this.#closedError());
    this.#state = "closed";
    this.#seed.onClosed?.(this);
  }

  /** Ends what is in flight with an error, and lets the connections go. */
  destroy(reason?: unknown): void {
    this.#state = "closed";
    this.#reason ??= reason;
    for (const end of this.#transfers) end(this.#closedError(reason));
    this.#engine?.destroy(this.#closedError(reason));
    this.#closed ??= Promise.resolve();
    this.#seed.onClosed?.(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closedError(cause?: unknown): ClientClosedError {
    const message = `Cannot call ${this.#seed.service}: the client is closed`;
    return new ClientClosedError(message, cause === undefined ? undefined : { cause });
  }
}

async function* startsOf(
  client: ServiceClient,
  operation: string,
  inputs: Iterable<Input> | AsyncIterable<Input>,
  options: CallOptions,
): AsyncGenerator<(signal: AbortSignal) => Promise<Output>> {
  for await (const input of inputs) {
    yield (signal) => client.call(operation, input, { ...options, signal });
  }
}

/** Makes the URL of a call. */
type Presigner<Result> = (input?: Input, options?: PresignOptions) => Result;

/** A maker of URLs for each operation, by the name of its method. */
type Presigners<Result> = Readonly<Record<string, Presigner<Result>>>;

function modelOf({ service, model }: ClientSeed): ServiceModel {
  return model ?? loadModel(service);
}

function shownOptions(options: SessionOptions): ClientOptionsShown {
  const { credentials: _, environment: _2, key: _3, proxy: _4, token: _5, ...shown } = options;
  return Object.freeze(shown);
}
