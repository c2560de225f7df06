import { fileURLToPath } from "node:url";

// The same extension as this file: it runs as source and as built.
const main = import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js";

/** The script of the runtime, absolute. */
export const mainPath: string = fileURLToPath(new URL(main, import.meta.url));
