import type * as nodeNet from "node:net";

/** `node:net` without its ESM form (see `crypto.ts`). */
export const net: typeof nodeNet = process.getBuiltinModule("node:net");
