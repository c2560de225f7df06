import {
  HostError,
  type Invocation,
  type InvokeResult,
  type Invoker,
  type Payload,
} from "@lambdad/core";
import type { Dispatcher, Pool } from "undici";
import { type InvokeHttpRequest, renderInvokeRequest } from "./render-invoke-request.ts";
import { receiverFor, type ResponseReceiver } from "./response-receiver.ts";

/** Longer than any invocation may take: 900 s, and the reset of its environment. */
const responseTimeoutMsDefault = 960_000;

const connectTimeoutMsDefault = 10_000;

export interface HttpInvokerOptions {
  /** Where the Invoke API is, e.g. `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  /** Connections at once; further invocations wait. Default: as many as there are invocations. */
  readonly connectionsMax?: number;
  /** Default 10000. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for the head of a response, and between two pieces of its body. Default 960000. */
  readonly responseTimeoutMs?: number;
}

/**
 * Has functions run by a remote Invoke API over HTTP.
 *
 * Never sends an invocation twice. A caller that leaves ends its request: the remote side then gives up
 * what has not started, and runs to the end what has.
 */
export class HttpInvoker implements Invoker {
  readonly #options: HttpInvokerOptions;
  readonly #origin: string;
  readonly #basePath: string;
  #opening: Promise<Pool> | undefined;
  #pool: Pool | undefined;

  /** @throws {TypeError} when the endpoint is not a URL. */
  constructor(options: HttpInvokerOptions) {
    const { origin, pathname } = new URL(options.endpoint);
    this.#options = options;
    this.#origin = origin;
    this.#basePath = pathname.replace(/\/+$/, "");
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    signal.throwIfAborted();
    const pool = this.#pool ?? (await this.#open());
    const request = renderInvokeRequest(invocation);
    return new Promise((resolve, reject) => {
      const call = new HttpCall(invocation, signal, { resolve, reject });
      call.send(pool, { ...request, path: this.#basePath + request.path });
    });
  }

  /** Ends when the invocations that run have ended. */
  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }

  /** Breaks off what runs. */
  async destroy(): Promise<void> {
    await (await this.#opening)?.destroy();
  }

  /** The client is loaded on first use: that takes 70 ms. */
  #open(): Promise<Pool> {
    const { connectionsMax, connectTimeoutMs, responseTimeoutMs } = this.#options;
    this.#opening ??= import("undici").then(({ Pool: PoolClass }) => {
      this.#pool = new PoolClass(this.#origin, {
        connections: connectionsMax ?? null,
        connect: { timeout: connectTimeoutMs ?? connectTimeoutMsDefault },
        headersTimeout: responseTimeoutMs ?? responseTimeoutMsDefault,
        bodyTimeout: responseTimeoutMs ?? responseTimeoutMsDefault,
      });
      return this.#pool;
    });
    return this.#opening;
  }
}

interface Settle {
  readonly resolve: (result: InvokeResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** One request and its response. */
class HttpCall implements Dispatcher.DispatchHandler {
  readonly #invocation: Invocation;
  readonly #signal: AbortSignal;
  readonly #settle: Settle;
  #controller: Dispatcher.DispatchController | undefined;
  #receiver: ResponseReceiver | undefined;

  constructor(invocation: Invocation, signal: AbortSignal, settle: Settle) {
    this.#invocation = invocation;
    this.#signal = signal;
    this.#settle = settle;
  }

  send(pool: Pool, { method, path, headers, body }: InvokeHttpRequest): void {
    this.#signal.addEventListener("abort", this.#abort);
    try {
      pool.dispatch({ method, path, headers, body: dispatchBody(body) }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#receiver = receiverFor({ status, headers }, this.#invocation.stream);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const receiver = this.#receiver;
    if (receiver === undefined || receiver.write(chunk)) return;
    controller.pause();
    receiver.onDrain(() => controller.resume());
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener("abort", this.#abort);
    try {
      if (this.#receiver === undefined) throw new Error("Cannot read the response: it has no head");
      this.#settle.resolve(this.#receiver.end());
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  readonly #abort = (): void => {
    const { reason } = this.#signal as { readonly reason: unknown };
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
    this.#fail(reason);
  };

  #fail(reason: unknown): void {
    this.#signal.removeEventListener("abort", this.#abort);
    this.#settle.reject(this.#signal.aborted ? this.#signal.reason : hostError(reason));
  }
}

/** A single piece leaves in one go with the head, several one after another, none copied. */
function dispatchBody({ chunks }: Payload): Uint8Array | null {
  if (chunks.length <= 1) return chunks[0] ?? null;
  // The client takes any iterable of bytes; its types know only some.
  return chunks as readonly unknown[] as readonly [] & Uint8Array;
}

function hostError(cause: unknown): HostError {
  if (cause instanceof HostError) return cause;
  return new HostError("ServiceUnavailable", "Cannot get an answer from the function's endpoint", {
    cause,
  });
}
