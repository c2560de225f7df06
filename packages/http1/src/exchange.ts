/**
 * One request and its reply: what a handler gets.
 *
 * The handler is called as soon as the head is complete. Nothing here is a Node stream: bytes are
 * handed over as they came off the socket, and given to the socket as they are.
 */
export interface Exchange {
  /** As sent, e.g. `POST`. */
  readonly method: string;
  /** Path of the target as sent, still percent-encoded, without the query. */
  readonly path: string;
  /** Query as sent, without `?`; empty when there is none. */
  readonly query: string;
  readonly headers: RequestHeaders;
  /** Declared length of the body in bytes; 0 when there is none; `undefined` when it is chunked. */
  readonly contentLength: number | undefined;
  readonly connection: Connection;

  /**
   * Takes the body. At most once, and before the handler returns; a body that nobody takes is
   * discarded within bounds. Answers `Expect: 100-continue`.
   */
  receive(receiver: BodyReceiver): void;
  /** Stops reading this connection, so that the peer feels back-pressure. */
  pause(): void;
  resume(): void;

  /** The connection closes after this reply, and the reply says so. To be called before it. */
  closeWithReply(): void;

  /**
   * Sends the whole reply at once. `headers` are lines as they go out, each ended by CRLF; framing
   * headers (`Content-Length`, `Connection`, `Date`) are added here. A reply that is sent before the
   * body has arrived closes the connection after a bounded discard, so that the peer can read it.
   */
  reply(status: number, headers: string, body?: ReplyBody): void;

  /** Starts a reply of unknown length, sent in chunks. */
  startReply(status: number, headers: string): void;
  /** Sends one chunk. `false`: the socket is full; wait for {@link onDrain}. */
  write(chunk: Uint8Array): boolean;
  /** Ends a reply that was started, with trailer lines if there are any. */
  endReply(trailers?: string): void;
  /** Calls back once when a socket that was full takes bytes again, or has closed. */
  onDrain(listener: () => void): void;

  /** Ends the connection at once, without finishing the reply: the peer sees a broken message. */
  abort(): void;
  /** Whether the reply has been handed to the socket completely, or the connection has gone. */
  readonly done: boolean;
}

/** Bytes of a reply: text (sent as UTF-8), one piece, or many. */
export type ReplyBody = string | Uint8Array | readonly Uint8Array[];

/** Takes a request body as it arrives. */
export interface BodyReceiver {
  data(chunk: Uint8Array): void;
  /** The body is complete. Trailers are empty unless the body was chunked and had some. */
  end(trailers: RequestHeaders): void;
  /** The body broke off: the connection was lost, its framing is broken, or it took too long. */
  aborted(reason: string): void;
}

/** Header or trailer lines. Names are compared without case. */
export interface RequestHeaders {
  /** Value of the header; repeated ones are joined with `, `; `undefined` when absent. Latin-1 text. */
  get(lowerCaseName: string): string | undefined;
  /** All of them in order of arrival, names in lower case. */
  entries(): Iterable<readonly [string, string]>;
}

/** The connection that exchanges come over, one after another. */
export interface Connection {
  readonly remoteAddress: string;
  /**
   * Aborted when the connection has gone: the peer has closed its side, or it is lost. Made on first
   * use, and once per exchange: a later exchange of the connection has another.
   */
  readonly signal: AbortSignal;
  /**
   * Calls back once when the connection has gone (as {@link signal}), unless the exchange in which the
   * listener was added is done by then. A reply may still reach a peer that closed only its own side.
   */
  onClose(listener: () => void): void;
}
