import type { Socket } from "node:net";

/** The sending side of a connection. */
export class SocketOutput {
  readonly #socket: Socket;
  #drainListeners: (() => void)[] | undefined;
  #unsent = 0;
  #stalledSweeps = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether the socket wants no more for now. */
  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Whether everything has been handed to the system. */
  get empty(): boolean {
    return this.#socket.writableLength === 0;
  }

  /** Sends Latin-1 text. `false`: the socket is full. */
  writeText(text: string): boolean {
    return this.#socket.write(text, "latin1");
  }

  /** Sends texts and bytes in one system call, without copying them together. `false`: the socket is full. */
  writePieces(pieces: readonly (string | Uint8Array)[]): boolean {
    const socket = this.#socket;
    socket.cork();
    for (const piece of pieces) {
      if (typeof piece === "string") socket.write(piece, "latin1");
      else socket.write(piece);
    }
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  /** Calls back once, never before it returns, when the socket is not full or has closed. */
  onDrain(listener: () => void): void {
    if (this.full) (this.#drainListeners ??= []).push(listener);
    else queueMicrotask(listener);
  }

  /** Takes the listeners that wait, to be called. */
  takeDrainListeners(): readonly (() => void)[] {
    const listeners = this.#drainListeners ?? [];
    this.#drainListeners = undefined;
    return listeners;
  }

  /**
   * Counts one sweep more in which the peer took nothing of what there was for it.
   *
   * @returns how many sweeps this has lasted in full; 0 when bytes were taken.
   */
  countStalledSweep(): number {
    const unsent = this.empty ? 0 : unsentBytes(this.#socket);
    if (unsent === 0 || unsent !== this.#unsent) this.#stalledSweeps = 0;
    else this.#stalledSweeps += 1;
    this.#unsent = unsent;
    return this.#stalledSweeps;
  }
}

/** Bytes that have not left yet. The system takes a large write in parts, which only the handle tells. */
function unsentBytes(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}
