import type { Connection } from "./exchange.ts";

/** What an exchange asks of the connection that it came over. */
export interface ReplyChannel extends Connection {
  readonly dateLine: string;
  /** Whether the connection ends with the reply that is about to be sent. */
  closesWithReply(): boolean;
  /** Whether the peer should be told to go on and send its body. */
  readonly outputFull: boolean;
  /** Latin-1 text. `false`: the socket is full. */
  writeText(text: string): boolean;
  /** Texts and bytes in one system call, without copying them together. */
  writePieces(pieces: readonly (string | Uint8Array)[]): boolean;
  /** The reply has been handed over completely. */
  replied(): void;
  pauseBody(): void;
  resumeBody(): void;
  onDrain(listener: () => void): void;
  /** @param reset whether the peer must see more than the end of the stream to know that it is broken. */
  abort(reset: boolean): void;
}
