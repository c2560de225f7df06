import type * as nodeFs from "node:fs";

/** `node:fs` without its ESM form (see `crypto.ts`), which brings all kinds of streams. */
export const fs: typeof nodeFs = process.getBuiltinModule("node:fs");
