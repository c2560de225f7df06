import { HostError, hostErrors } from "@lambdad/core";
import type { RpcReply } from "@lambdad/invoke-amqp";
import type { BenchCaller, CallerListener } from "./bench-caller.ts";

export interface AmqpCallerOptions extends CallerListener {
  /** Sends one request, and resolves with its reply; it ends in time by itself. */
  readonly send: () => Promise<RpcReply>;
}

/** Status of the Invoke API for a call that the function answered. */
const answeredStatus = 200;

/**
 * One caller of a bench over AMQP: one call at a time, all callers on one connection. What a call needs
 * is made once for the caller and not for each call.
 */
export class AmqpCaller implements BenchCaller {
  readonly #options: AmqpCallerOptions;
  #sentMs = 0;
  #closed = false;

  constructor(options: AmqpCallerOptions) {
    this.#options = options;
  }

  /** The connection limits the wait. */
  get startedMs(): undefined {
    return undefined;
  }

  call(): void {
    this.#sentMs = performance.now();
    this.#options.send().then(this.#onReply, this.#onError);
  }

  /** Nothing: calls end in time by themselves. */
  giveUp(): void {}

  close(): void {
    this.#closed = true;
  }

  readonly #onReply = ({ payload, functionError }: RpcReply): void => {
    if (this.#closed) return;
    const { onBytes, onEnd } = this.#options;
    const milliseconds = performance.now() - this.#sentMs;
    onBytes(payload.byteLength);
    onEnd(functionError === undefined ? returned : functionFailed, answeredStatus, milliseconds);
  };

  readonly #onError = (error: unknown): void => {
    if (this.#closed) return;
    const milliseconds = performance.now() - this.#sentMs;
    const reason = reasonOf(error);
    this.#options.onEnd({ kind: "hostFailed", reason }, statusOf(error), milliseconds);
  };
}

const returned = { kind: "returned" } as const;
const functionFailed = { kind: "functionFailed" } as const;

function reasonOf(error: unknown): string {
  if (error instanceof HostError) return hostErrors[error.code].wireName ?? error.code;
  return error instanceof Error ? error.name : "Error";
}

/** `undefined` when the broker is away: nothing has answered then. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof HostError)) return undefined;
  const { status } = hostErrors[error.code];
  return status === 503 ? undefined : status;
}
