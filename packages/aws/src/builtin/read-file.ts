import type { BigIntStats } from "node:fs";
import { fs } from "./fs.ts";

/** Text of a file. `node:fs/promises` would load a dozen modules at the first call. */
export function readTextFile(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    fs.readFile(path, "utf8", (error, text) => {
      if (error === null) resolve(text);
      else reject(error);
    });
  });
}

/**
 * What the file system says of a file; `undefined`: it is not there. At once: most often it is not, and
 * to start the threads that would look takes a hundred times as long as looking.
 */
export function fileStatus(path: string): BigIntStats | undefined {
  return fs.statSync(path, { bigint: true, throwIfNoEntry: false });
}
