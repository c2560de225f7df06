import { writeSync } from "node:fs";

/** How long to sleep before a full pipe is tried again. */
const retryMs = 1;

let sleeper: Int32Array | undefined;

/**
 * Writes all bytes before it returns, whatever mode the descriptor is in: what the function logged
 * is out before its answer is. A reader that has gone is not the function's business: the bytes are
 * dropped.
 */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.byteLength) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      sleeper ??= new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(sleeper, 0, 0, retryMs);
    }
  }
}
