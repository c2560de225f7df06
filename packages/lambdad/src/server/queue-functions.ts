import { HostError, type Invocation, type Invoker, type InvokeResult } from "@lambdad/core";
import type { QueueProfileName } from "../configuration/server-configuration.ts";

export interface QueueFunctionsOptions {
  /** Sends an invocation to the queue of its function's name. */
  readonly invoker: Invoker;
  /** Whether there is a queue of this name. */
  readonly exists: (queue: string) => Promise<boolean>;
  readonly profileOf: (queue: string) => QueueProfileName;
}

/**
 * The functions behind queues: a function's queue has its name, or what the caller wrote for it, with a
 * qualifier or as an ARN, if there is one that is called so (spec amqp-rpc §3).
 */
export class QueueFunctions implements Invoker {
  readonly #options: QueueFunctionsOptions;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: QueueFunctionsOptions) {
    this.#options = options;
  }

  /**
   * A `RequestResponse` resolves with what the function's host replies, an `Event` when its queue has it
   * for good.
   *
   * @throws {HostError} `ResourceNotFoundException` at once when there is no queue (AM-10);
   * `ServiceUnavailable` for an event whose queue would lose it (AS-11).
   */
  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    this.#running += 1;
    try {
      return await this.#send(invocation, signal);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  /**
   * Whether the function can be called now: it has a queue.
   *
   * @throws {HostError} `ResourceNotFoundException` when it has none, `ServiceUnavailable` when the
   * broker is away.
   */
  async check(functionName: string, writtenName: string): Promise<void> {
    const { exists } = this.#options;
    if (await exists(functionName)) return;
    if (writtenName !== functionName && (await exists(writtenName))) return;
    throw notFound(functionName);
  }

  /** Resolves when nothing is in flight, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    if (this.#running === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    const timer = setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(timer);
  }

  async #send(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    const { functionName, writtenName = functionName } = invocation;
    try {
      return await this.#sendTo(functionName, invocation, signal);
    } catch (error) {
      if (writtenName === functionName || !isMiss(error)) throw error;
      try {
        return await this.#sendTo(writtenName, invocation, signal);
      } catch (second) {
        throw isMiss(second) ? error : second;
      }
    }
  }

  #sendTo(queue: string, invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    if (invocation.type === "Event" && this.#options.profileOf(queue) === "compat") {
      return Promise.reject(new TransientQueueError(queue));
    }
    const addressed =
      queue === invocation.functionName ? invocation : { ...invocation, functionName: queue };
    return this.#options.invoker.invoke(addressed, signal);
  }
}

/** The queue goes with its last consumer, and with the broker: 202 would promise too much (INV-1). */
class TransientQueueError extends HostError {
  constructor(queue: string) {
    super(
      "ServiceUnavailable",
      `Cannot accept the event: the queue of '${queue}' may lose it. Start the hosts of the function and this server with --queue-profile durable or quorum (here also: ${queue}=durable), or invoke with type RequestResponse.`,
    );
  }
}

/** Another queue may do what this one cannot. */
function isMiss(error: unknown): boolean {
  if (error instanceof TransientQueueError) return true;
  return error instanceof HostError && error.code === "ResourceNotFoundException";
}

function notFound(functionName: string): HostError {
  return new HostError(
    "ResourceNotFoundException",
    `Function not found: ${functionName}: no queue of that name at the broker; start a host for it`,
  );
}
