import type * as nodeCrypto from "node:crypto";

/**
 * `node:crypto` for what is loaded with the module itself, from the first use on: it takes milliseconds.
 * `builtin/crypto.ts` has it too, in the file of the engine, which is loaded with the first call.
 */
export function crypto(): typeof nodeCrypto {
  return process.getBuiltinModule("node:crypto");
}
