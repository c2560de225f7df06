import type nodeFs from "node:fs";
import type nodeNet from "node:net";
import type nodeUtil from "node:util";

// An `import` of one of these runs every lazy getter among its exports, which loads modules that
// nothing here uses: 1 ms each of a start that takes 10. `getBuiltinModule` runs none.

/** `node:fs` */
export const fs: typeof nodeFs = process.getBuiltinModule("node:fs");
/** `node:net` */
export const net: typeof nodeNet = process.getBuiltinModule("node:net");
/** `node:util` */
export const util: typeof nodeUtil = process.getBuiltinModule("node:util");
