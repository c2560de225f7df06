import type { Connection } from "./exchange.ts";
import type { SocketOutput } from "./socket-output.ts";

/** What an exchange asks of the connection that it came over. */
export interface ReplyChannel {
  readonly peer: Connection;
  readonly output: SocketOutput;
  readonly dateLine: string;
  /** Whether the connection ends with the reply that is about to be sent. */
  closesWithReply(): boolean;
  /** The reply has been handed over completely. */
  replied(): void;
  pauseBody(): void;
  resumeBody(): void;
  onDrain(listener: () => void): void;
  /** @param reset whether the peer must see more than the end of the stream to know that it is broken. */
  abort(reset: boolean): void;
}
