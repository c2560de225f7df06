import type { Wait } from "../client/client-types.ts";
import type { CallOptions } from "../client/options.ts";
import type { ServiceModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type AwaitedState, waitUntil } from "./waiter.ts";

/** Calls an operation of a client by its name in the model. */
export type CallByName = (operation: string, input: Input, options: CallOptions) => Promise<Output>;

/** Waiters by their names with the first letter lowered: `objectExists`. */
export type Waiters = Readonly<Record<string, Wait<Input, Output>>>;

/** The waiters of a client. The model is read when a waiter is first asked for. */
export function serviceWaiters(model: () => ServiceModel, call: CallByName): Waiters {
  let names: ReadonlyMap<string, string> | undefined;
  const waiters = new Map<string, Wait<Input, Output>>();
  const find = (method: string): Wait<Input, Output> | undefined => {
    names ??= new Map(
      Object.keys(model().waiters).map((name) => [
        name.charAt(0).toLowerCase() + name.slice(1),
        name,
      ]),
    );
    const name = names.get(method);
    const waiter = name === undefined ? undefined : model().waiters[name];
    if (name === undefined || waiter === undefined) return undefined;
    let wait = waiters.get(method);
    if (wait === undefined) {
      const state: AwaitedState = {
        name,
        model: waiter,
        call: (input, options) => call(waiter.operation, input, options),
      };
      wait = (input, options) => waitUntil(state, input, options);
      waiters.set(method, wait);
    }
    return wait;
  };
  return new Proxy<Record<string, Wait<Input, Output>>>(Object.create(null) as never, {
    get: (_, name) => (typeof name === "string" ? find(name) : undefined),
    has: (_, name) => typeof name === "string" && find(name) !== undefined,
  });
}
