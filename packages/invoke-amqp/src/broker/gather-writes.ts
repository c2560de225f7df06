import type { Writable } from "node:stream";

/**
 * Makes one write of all that are made to a socket in the same turn.
 *
 * The client library writes each message by itself, which with many in flight is one system call for
 * each, here and for the broker's reads: a third of the CPU time of a caller.
 */
export function gatherWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...parts: readonly unknown[]) => boolean;
  let isGathering = false;
  const release = (): void => {
    isGathering = false;
    socket.uncork();
  };
  const gather = (...parts: readonly unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      process.nextTick(release);
    }
    return write(...parts);
  };
  socket.write = gather as typeof socket.write;
}
