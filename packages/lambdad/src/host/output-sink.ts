import { constants, fstatSync, openSync, write } from "node:fs";
import { Socket } from "node:net";

/** Where bytes go without ever blocking the event loop, or a thread of Node's pool. */
export interface OutputSink {
  /** Calls back once, later: all bytes are written, or the write has failed. One write at a time. */
  write(bytes: Uint8Array, done: (error: NodeJS.ErrnoException | undefined) => void): void;
}

/** Whether two descriptors lead to the same file, pipe or terminal: `2>&1`. */
export function isSameFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    // A closed one.
    return false;
  }
}

/**
 * Opens a descriptor that the process was started with. Pipes, sockets and terminals are written to
 * without blocking: a reader that stops would hold a thread of Node's pool for ever, and with it the
 * end of the process, because Node waits for its threads (HO-8, HO-12).
 */
export function openSink(descriptor: number): OutputSink {
  const stats = fstatSync(descriptor);
  if (stats.isSocket()) return new SocketSink(descriptor, false);
  const own = stats.isFIFO() || stats.isCharacterDevice() ? reopened(descriptor) : undefined;
  if (stats.isFIFO()) return new SocketSink(own ?? descriptor, own !== undefined);
  return new FileSink(own ?? descriptor);
}

/**
 * The same pipe or terminal through an open file of our own: the mode of an open file is shared with
 * every process that inherited it, and others do not expect theirs to be non-blocking.
 */
function reopened(descriptor: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // No /proc, a pipe of another user, or one without a reader.
    return undefined;
  }
}

/** Pipes and sockets: the event loop tells when there is room. */
class SocketSink implements OutputSink {
  readonly #socket: Socket;

  constructor(descriptor: number, isOurs: boolean) {
    this.#socket = new Socket({ fd: descriptor, readable: false, writable: true });
    // A standard descriptor stays open after an error: its number must not go to another file, into
    // which whoever writes to standard error would write.
    if (!isOurs) this.#socket._destroy = (error, callback) => callback(error);
    // Each write hears of its own error.
    this.#socket.on("error", () => {});
    this.#socket.unref();
  }

  write(bytes: Uint8Array, done: (error: NodeJS.ErrnoException | undefined) => void): void {
    this.#socket.write(bytes, (error) => done(error ?? undefined));
  }
}

/** How long to wait before a terminal that takes nothing is tried again, in milliseconds. */
const retryMs = 10;

/** Files, which are always ready, and terminals, which say when they are not. */
class FileSink implements OutputSink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array, done: (error: NodeJS.ErrnoException | undefined) => void): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.write(bytes, done), retryMs).unref();
      } else if (error === null && written < bytes.byteLength) {
        this.write(bytes.subarray(written), done);
      } else {
        done(error ?? undefined);
      }
    });
  }
}
