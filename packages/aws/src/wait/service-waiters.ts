import type { CallByName } from "../client/call-by-name.ts";
import type { Wait } from "../client/client-types.ts";
import { methodMembers } from "../model/method-members.ts";
import type { ServiceModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { AwaitedState } from "./waiter.ts";

/** Waiters by their names with the first letter lowered: `objectExists`. */
export type Waiters = Readonly<Record<string, Wait<Input, Output>>>;

/** The waiters of a client. The model is read when a waiter is first asked for. */
export function serviceWaiters(model: () => ServiceModel, call: CallByName): Waiters {
  return methodMembers<Wait<Input, Output>>(
    () => Object.keys(model().waiters),
    (name) => {
      const waiter = model().waiters[name];
      if (waiter === undefined) return undefined;
      const state: AwaitedState = {
        name,
        model: waiter,
        call: (input, options) => call(waiter.operation, input, options),
      };
      return async (input, options) => {
        const { waitUntil } = await import("./waiter.ts");
        return await waitUntil(state, input, options);
      };
    },
  );
}
