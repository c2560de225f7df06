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

/** What the file system says of a file. */
export function fileStatus(path: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.stat(path, { bigint: true }, (error, status) => {
      if (error === null) resolve(status);
      else reject(error);
    });
  });
}
