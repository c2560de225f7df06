import type { Clock, Invocation, Invoker, InvokeResult } from "@lambdad/core";
import { streamingOptionsOf } from "../awslambda.ts";
import type { FunctionEnvironment } from "../invocation-context.ts";
import type { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import type { LogError } from "../patch-console.ts";
import { answersLater } from "./answers-later.ts";
import { type CallHost, HandlerCall } from "./handler-call.ts";
import { RunningCalls, runtimeClock } from "./running-calls.ts";
import { streamingHandler } from "./streaming-handler.ts";

export interface HandlerInvokerOptions {
  readonly handler: Handler;
  /** Of one call, in milliseconds; `Infinity`: somebody else watches the time. */
  readonly timeoutMs: number;
  /** What `context` says of the function. */
  readonly environment: FunctionEnvironment;
  /** Knows the call that code belongs to: for the console, and for errors that nobody caught. */
  readonly scope: InvocationScope;
  readonly logError: LogError;
  /** A call was answered because its time was up; its code runs on, as nothing can stop it. */
  readonly timedOut: (requestId: string, limitMs: number) => void;
  readonly clock?: Clock;
}

/**
 * Runs a handler in this process, any number of calls at once. An event is decoded by its content type,
 * and the result is encoded by what it is. A caller that takes the response piece by piece gets what a
 * streaming handler writes at once, and what another one returns as one piece.
 */
export class HandlerInvoker implements Invoker {
  readonly #host: CallHost;
  readonly #timeoutMs: number;
  readonly #scope: InvocationScope;

  /** @throws {RuntimeError} when the handler asks for a way to stream that does not exist. */
  constructor(options: HandlerInvokerOptions) {
    const { handler, environment, logError, timedOut, clock = runtimeClock } = options;
    const streaming = streamingOptionsOf(handler);
    this.#timeoutMs = options.timeoutMs;
    this.#scope = options.scope;
    this.#host = {
      handler,
      streaming: streaming === undefined ? undefined : streamingHandler(handler, streaming),
      answersLater: answersLater(handler),
      environment,
      version: environment.functionVersion ?? "$LATEST",
      clock,
      running: new RunningCalls(clock),
      logError,
      timedOut,
    };
  }

  /** How many calls run. */
  get running(): number {
    return this.#host.running.count;
  }

  /** Calls the handler at once. Rejects only when `signal` is aborted already, with its reason. */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const host = this.#host;
    return new Promise((resolve) => {
      const call = new HandlerCall(invocation, host, this.#timeoutMs, resolve);
      host.running.add(call);
      this.#scope.run(call, () => {
        call.begin(invocation);
      });
    });
  }

  /**
   * Fails the call that the running code belongs to, or the only one that runs, with an error that nobody
   * caught. `false`: it is nobody's, or that call is answered already.
   */
  failCurrent(error: unknown): boolean {
    const { running } = this.#host;
    const current = this.#scope.current() ?? running.only;
    if (!(current instanceof HandlerCall)) return false;
    const before = running.count;
    current.fail(error);
    return running.count < before;
  }
}
