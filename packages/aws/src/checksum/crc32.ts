import type * as zlib from "node:zlib";

let crc32Function: typeof zlib.crc32 | undefined;

/** CRC-32 (zlib's) of data, continued from `seed`. `node:zlib` is loaded on the first call. */
export function crc32(data: string | Uint8Array, seed = 0): number {
  crc32Function ??= process.getBuiltinModule("node:zlib").crc32;
  return crc32Function(data, seed);
}
