import type { Invocation } from "./invocation.ts";
import type { InvokeResult } from "./invoke-result.ts";

/** Anything that can run the function once: a pool of environments, a queue, a remote endpoint. */
export interface Invoker {
  /**
   * Runs the function once.
   *
   * `signal` says that the caller has gone: an invocation that has not started is given up with the
   * signal's reason; one that has started runs to its end, as on AWS.
   *
   * @throws {HostError} when the function could not be run: never because the function failed.
   */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult>;
}

/** Wraps an invoker: limits, metrics, tracing. */
export type Layer = (next: Invoker) => Invoker;

/** Folds layers once, at start-up. The first layer is the outermost. */
export function withLayers(invoker: Invoker, layers: readonly Layer[]): Invoker {
  return layers.reduceRight((next, layer) => layer(next), invoker);
}
