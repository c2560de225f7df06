import type { Duplex } from "node:stream";
import { bodyLengthDiffers, bodySourceFailed } from "./failures.ts";
import type { StreamingBody } from "./transport.ts";

/** Hears how a body is sent. No call follows `stop`. */
export interface BodySenderOwner {
  /** Bytes went to the socket, or it took some: the peer is to be timed from now. */
  onBodyProgress(): void;
  /** The next bytes are the source's turn: the peer is not to be timed. */
  onBodyAwaited(): void;
  onBodySent(): void;
  onBodyFailed(
    code: typeof bodySourceFailed | typeof bodyLengthDiffers,
    reason: string,
    cause?: unknown,
  ): void;
}

/** Sends a body piece by piece, as the socket takes it. */
export interface BodySender {
  start(): void;
  /** The socket has room again. */
  onDrain(): void;
  /** Sends nothing more, and closes the source. */
  stop(): void;
}

/** Sends bytes that are there, without a copy. */
export class BytesSender implements BodySender {
  readonly #socket: Duplex;
  readonly #bytes: Uint8Array;
  readonly #pieceBytes: number;
  readonly #owner: BodySenderOwner;
  #sent = 0;
  #isStopped = false;

  constructor(socket: Duplex, bytes: Uint8Array, pieceBytes: number, owner: BodySenderOwner) {
    this.#socket = socket;
    this.#bytes = bytes;
    this.#pieceBytes = pieceBytes;
    this.#owner = owner;
  }

  start(): void {
    const bytes = this.#bytes;
    while (!this.#isStopped && this.#sent < bytes.length) {
      const from = this.#sent;
      this.#sent = Math.min(bytes.length, from + this.#pieceBytes);
      const hasRoom = this.#socket.write(bytes.subarray(from, this.#sent));
      this.#owner.onBodyProgress();
      if (!hasRoom && this.#sent < bytes.length) return;
    }
    if (!this.#isStopped) this.#owner.onBodySent();
  }

  onDrain(): void {
    if (!this.#isStopped) this.start();
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** Sends a body that is produced while it is sent, no faster than the socket takes it. */
export class StreamSender implements BodySender {
  readonly #socket: Duplex;
  readonly #body: StreamingBody;
  readonly #owner: BodySenderOwner;
  #source: AsyncIterator<Uint8Array> | undefined;
  #drained: (() => void) | undefined;
  #isStopped = false;

  constructor(socket: Duplex, body: StreamingBody, owner: BodySenderOwner) {
    this.#socket = socket;
    this.#body = body;
    this.#owner = owner;
  }

  start(): void {
    void this.#run().catch((error: unknown) => {
      const reason = `its source failed: ${error instanceof Error ? error.message : String(error)}`;
      this.#fail(bodySourceFailed, reason, error);
    });
  }

  onDrain(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.onDrain();
    // A source that waits for its own input ends only when that lets it.
    void this.#source?.return?.().then(undefined, () => {});
  }

  async #run(): Promise<void> {
    const { length } = this.#body;
    this.#owner.onBodyAwaited();
    this.#source = this.#body.open()[Symbol.asyncIterator]();
    let sent = 0;
    for (;;) {
      const { done, value } = await this.#source.next();
      if (this.#isStopped) return;
      if (done === true) break;
      if (!(value instanceof Uint8Array)) {
        return this.#fail(bodySourceFailed, "its source gave something that is not a Uint8Array");
      }
      if (value.length === 0) continue;
      sent += value.length;
      if (length !== undefined && sent > length) {
        return this.#fail(bodyLengthDiffers, `it has more than the ${length} bytes it said`);
      }
      const hasRoom = length === undefined ? this.#writeChunk(value) : this.#socket.write(value);
      this.#owner.onBodyProgress();
      if (!hasRoom) await this.#drain();
      if (this.#isStopped) return;
      this.#owner.onBodyAwaited();
    }
    this.#source = undefined;
    if (length !== undefined && sent < length) {
      return this.#fail(bodyLengthDiffers, `it has ${sent} bytes instead of the ${length} it said`);
    }
    if (length === undefined) this.#socket.write("0\r\n\r\n", "latin1");
    this.#owner.onBodyProgress();
    this.#isStopped = true;
    this.#owner.onBodySent();
  }

  #fail(
    code: typeof bodySourceFailed | typeof bodyLengthDiffers,
    reason: string,
    cause?: unknown,
  ): void {
    if (this.#isStopped) return;
    this.stop();
    this.#owner.onBodyFailed(code, reason, cause);
  }

  #writeChunk(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    socket.cork();
    socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
    socket.write(bytes);
    const hasRoom = socket.write("\r\n", "latin1");
    socket.uncork();
    return hasRoom;
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }
}
