import type { Input, Output } from "../protocol/protocol.ts";
import type { CallOptions } from "./options.ts";

/** Calls an operation of a client by its name in the model. */
export type CallByName = (operation: string, input: Input, options: CallOptions) => Promise<Output>;
