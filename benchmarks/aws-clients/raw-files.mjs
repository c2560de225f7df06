// Plain files: `writeFile` in place, and `readFile` with a callback. The argument is the URL of a folder.
import { mkdirSync, readFile, writeFile } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bodyOf } from "./operations.mjs";
import { keyOf, keys } from "./store-keys.mjs";

export async function open({ endpoint }) {
  const folder = fileURLToPath(endpoint);
  mkdirSync(folder, { recursive: true });
  const write = promisify(writeFile);
  const read = promisify(readFile);
  const call = (operation, size) => {
    const { bytes } = bodyOf(size);
    let turn = 0;
    const pathOf = (index) => join(folder, keyOf(size, index));
    const next = () => pathOf((turn += 1));
    switch (operation) {
      case "store-put":
        return async () => {
          await write(next(), bytes);
          return 1;
        };
      case "store-get": {
        const filled = Promise.all(keys.map((index) => write(pathOf(index), bytes)));
        let isFilled = false;
        return async () => {
          if (!isFilled) {
            await filled;
            isFilled = true;
          }
          return (await read(next())).length;
        };
      }
      default:
        return undefined;
    }
  };
  return { call, close: async () => {} };
}
