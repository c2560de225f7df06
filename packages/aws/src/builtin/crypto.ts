import type * as nodeCrypto from "node:crypto";

/**
 * `node:crypto` without its ESM form. That form reads every export when it is loaded, those included
 * that load more modules when they are read, here the web's cryptography: milliseconds of a first call.
 */
export const crypto: typeof nodeCrypto = process.getBuiltinModule("node:crypto");
