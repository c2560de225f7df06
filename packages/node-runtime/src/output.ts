import { fs } from "./builtins.ts";

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
      offset += fs.writeSync(fd, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      sleeper ??= new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(sleeper, 0, 0, retryMs);
    }
  }
}

interface BlockingHandle {
  readonly _handle?: { setBlocking?(blocking: boolean): void };
}

/**
 * Makes `process.stdout` and `process.stderr` write at once, when the function first uses them: Node
 * queues larger writes to a pipe, and then they come after the answer, or never if the process exits.
 */
export function blockOutput(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const original = Object.getOwnPropertyDescriptor(process, name);
    if (original?.get === undefined || original.configurable !== true) continue;
    Object.defineProperty(process, name, {
      ...original,
      get(): unknown {
        Object.defineProperty(process, name, original);
        const stream = process[name];
        (stream as BlockingHandle)._handle?.setBlocking?.(true);
        return stream;
      },
    });
  }
}
