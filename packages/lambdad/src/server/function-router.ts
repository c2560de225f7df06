import {
  type FunctionConfiguration,
  HostError,
  type Invocation,
  type Invoker,
  type InvokeResult,
} from "@lambdad/core";

/** Functions that are somewhere else. */
export interface RemoteFunctions extends Invoker {
  /** Rejects with a `HostError` when the function cannot be called now. */
  check(functionName: string, writtenName: string): Promise<void>;
}

export interface FunctionRouterOptions {
  /** Functions of this machine. */
  readonly local: readonly LocalFunctionHost[];
  /** Has every other function; `undefined`: there are none. */
  readonly remote: () => RemoteFunctions | undefined;
  /** Takes the events of functions of this machine; `undefined`: they have no place. */
  readonly events: () => { accept(invocation: Invocation): Promise<void> } | undefined;
}

/** A function of this machine. */
export interface LocalFunctionHost extends Invoker {
  readonly configuration: FunctionConfiguration;
}

/** No caller can leave an event. */
const nobodyLeaves = new AbortController().signal;

/** Sends each invocation where its function is: here first, then to the queues. */
export class FunctionRouter implements Invoker {
  readonly #options: FunctionRouterOptions;
  readonly #local: ReadonlyMap<string, Invoker>;

  constructor(options: FunctionRouterOptions) {
    this.#options = options;
    this.#local = new Map(options.local.map((each) => [each.configuration.name, each]));
  }

  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    const found = this.#local.get(invocation.functionName) ?? this.#options.remote();
    return found === undefined
      ? Promise.reject(nowhere(invocation.functionName))
      : found.invoke(invocation, signal);
  }

  /**
   * Takes an event: into the store of this machine's functions, or to the queue.
   *
   * @param invoker - This router, with layers around it.
   */
  async acceptEvent(invocation: Invocation, invoker: Invoker): Promise<void> {
    if (!this.#local.has(invocation.functionName)) {
      await invoker.invoke(invocation, nobodyLeaves);
      return;
    }
    const events = this.#options.events();
    if (events === undefined) throw noStore(invocation.functionName);
    await events.accept(invocation);
  }

  /** Whether a function can be called: those of this machine always, without starting anything. */
  async check({ name }: FunctionConfiguration, writtenName: string): Promise<void> {
    if (this.#local.has(name)) return;
    const remote = this.#options.remote();
    if (remote === undefined) throw nowhere(name);
    await remote.check(name, writtenName);
  }
}

function nowhere(name: string): HostError {
  return new HostError("ResourceNotFoundException", `Function not found: ${name}`);
}

/** AS-11. */
function noStore(name: string): HostError {
  return new HostError(
    "ServiceUnavailable",
    `Cannot accept the event: there is no place that keeps events of '${name}'. Start with --events=memory to accept events that are lost when the server stops, or invoke with type RequestResponse.`,
  );
}
