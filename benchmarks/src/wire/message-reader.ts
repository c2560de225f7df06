/** Takes the parts of HTTP/1.1 messages as they arrive. Chunks are views: copy what must stay. */
export interface MessageHandler {
  /** Start line and header lines, without the empty line that ends them. */
  head(text: string): void;
  body(chunk: Buffer): void;
  /** The message is complete. */
  end(): void;
}

type ReaderState =
  | { readonly kind: "head" }
  | { readonly kind: "body"; remaining: number }
  | { readonly kind: "chunk-size" }
  | { readonly kind: "chunk-data"; remaining: number }
  | { readonly kind: "chunk-end" }
  | { readonly kind: "trailers" };

const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");
const nothing = Buffer.alloc(0);
const inHead: ReaderState = { kind: "head" };
const inChunkSize: ReaderState = { kind: "chunk-size" };
const inChunkEnd: ReaderState = { kind: "chunk-end" };
const inTrailers: ReaderState = { kind: "trailers" };
const headBytesMax = 65_536;

/**
 * Cuts the bytes of one connection into HTTP/1.1 messages, requests or responses.
 *
 * It is as small as measuring allows, and trusts its peer: it is for loopback, not for a server.
 */
export class MessageReader {
  readonly #handler: MessageHandler;
  #state: ReaderState = inHead;
  #rest: Buffer = nothing;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  /** @throws {RangeError} when the bytes are not HTTP/1.1. */
  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = nothing;
    let at = 0;
    while (at < data.length) {
      const next = this.#step(data, at);
      if (next === undefined) {
        if (data.length - at > headBytesMax) throw new RangeError("Cannot read a message: no head");
        this.#rest = Buffer.from(data.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Takes one part from `at` on and returns where the next begins; `undefined`: more is needed. */
  #step(data: Buffer, at: number): number | undefined {
    const state = this.#state;
    switch (state.kind) {
      case "head":
        return this.#head(data, at);
      case "body":
      case "chunk-data":
        return this.#bytes(data, at, state);
      case "chunk-size": {
        const end = data.indexOf(lineEnd, at);
        if (end < 0) return undefined;
        const remaining = Number.parseInt(data.toString("latin1", at, end), 16);
        if (!(remaining >= 0)) {
          throw new RangeError("Cannot read a chunk: its size is not a number");
        }
        this.#state = remaining === 0 ? inTrailers : { kind: "chunk-data", remaining };
        return end + 2;
      }
      case "chunk-end":
        if (data.length - at < 2) return undefined;
        this.#state = inChunkSize;
        return at + 2;
      case "trailers":
      default: {
        const end = data.indexOf(lineEnd, at);
        if (end < 0) return undefined;
        if (end === at) this.#end();
        return end + 2;
      }
    }
  }

  #head(data: Buffer, at: number): number | undefined {
    const end = data.indexOf(headEnd, at);
    if (end < 0) return undefined;
    const text = data.toString("latin1", at, end);
    this.#handler.head(text);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text);
    const remaining = length === null ? 0 : Number(length[1]);
    if (remaining > 0) this.#state = { kind: "body", remaining };
    else if (/\r\ntransfer-encoding: *chunked/i.test(text)) this.#state = inChunkSize;
    else this.#end();
    return end + 4;
  }

  #bytes(
    data: Buffer,
    at: number,
    state: Extract<ReaderState, { readonly kind: "body" | "chunk-data" }>,
  ): number {
    const length = Math.min(state.remaining, data.length - at);
    this.#handler.body(data.subarray(at, at + length));
    state.remaining -= length;
    if (state.remaining === 0) {
      if (state.kind === "body") this.#end();
      else this.#state = inChunkEnd;
    }
    return at + length;
  }

  #end(): void {
    this.#state = inHead;
    this.#handler.end();
  }
}
