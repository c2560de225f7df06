import { ChunkLine } from "./chunk-line.ts";
import { HeadBlock } from "./head-block.ts";
import {
  newResponseHead,
  parseHead,
  parseHeaderLines,
  type ResponseHead,
} from "./response-head.ts";

/** Receives what a parser finds. Each call may call the parser's `stop`. */
export interface ResponseSink {
  onInterim(status: number): void;
  /** `length`: 0 for no body, -1 for not known. */
  onHead(head: ResponseHead, length: number): void;
  onData(chunk: Buffer): void;
  /** `isSurplus`: more bytes follow, which belong to no response. */
  onEnd(trailers: readonly string[] | undefined, isSurplus: boolean): void;
}

const stopped = 0;
const inHead = 1;
const inLength = 2;
const inRest = 3;
const inChunkSize = 4;
const inChunk = 5;
const inChunkEnd = 6;
const inTrailers = 7;

/** Reads responses of HTTP/1.1 and 1.0 from bytes in any pieces (RFC 9112). One per connection. */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #block = new HeadBlock();
  readonly #chunkLine = new ChunkLine();
  readonly #head = newResponseHead();
  #state = stopped;
  #withoutBody = false;
  /** Bytes to come of the body or the chunk; of the line end after a chunk. */
  #left = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Expects a response; `toHead`: to a HEAD request. */
  begin(toHead: boolean): void {
    this.#state = inHead;
    this.#withoutBody = toHead;
    this.#block.reset(true);
  }

  /** Expects nothing more: no call of the sink follows. */
  stop(): void {
    this.#state = stopped;
  }

  /**
   * Reads bytes.
   * @returns what is wrong with them, or `undefined`.
   */
  read(bytes: Buffer, length: number): string | undefined {
    let at = 0;
    while (at < length) {
      let problem: string | undefined;
      switch (this.#state) {
        case inHead:
          at = this.#block.read(bytes, at, length);
          problem = at < 0 ? "its head is longer than 64 KiB" : this.#readHead(at < length);
          break;
        case inLength:
        case inRest:
        case inChunk:
          at = this.#readBody(bytes, at, length);
          break;
        case inChunkSize:
          at = this.#chunkLine.read(bytes, at, length);
          if (at < 0) problem = "a chunk of its body has no valid size";
          else this.#beginChunk();
          break;
        case inChunkEnd:
          if (bytes[at++] !== (this.#left-- === 2 ? 0x0d : 0x0a)) {
            problem = "a chunk of its body is longer than its size";
          }
          if (this.#left === 0) this.#expectChunk();
          break;
        case inTrailers:
          at = this.#block.read(bytes, at, length);
          problem =
            at < 0 ? "its trailers are longer than 64 KiB" : this.#readTrailers(at < length);
          break;
        default:
          return undefined;
      }
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /**
   * The connection has ended.
   * @returns whether that ends a response, which was then reported.
   */
  end(): boolean {
    if (this.#state !== inRest) return false;
    this.#end(undefined, false);
    return true;
  }

  /** How much of the response is there, for a message. */
  get progress(): string {
    if (this.#state === inHead) return "before the response was complete";
    return this.#state === inLength
      ? `when ${this.#left} bytes of the body were missing`
      : "in the middle of the body";
  }

  #readHead(isMore: boolean): string | undefined {
    const { text } = this.#block;
    if (text === undefined) return undefined;
    const head = this.#head;
    const problem = parseHead(text, head);
    if (problem !== undefined) return problem;
    const { status } = head;
    if (status < 200) {
      // We never ask for another protocol (RFC 9110 §15.2.2).
      if (status === 101) return "it switches protocols";
      this.#block.reset(false);
      this.#sink.onInterim(status);
      return undefined;
    }
    if (this.#withoutBody || status === 204 || status === 304) this.#expectBody(0);
    else if (head.chunked) this.#expectChunk();
    else this.#expectBody(head.contentLength);
    // What ends with the connection leaves none.
    if (this.#state === inRest) head.persistent = false;
    const length = this.#state === inLength ? this.#left : -1;
    this.#sink.onHead(head, length);
    if (length === 0 && this.#state === inLength) this.#end(undefined, isMore);
    return undefined;
  }

  #expectBody(length: number): void {
    this.#state = length < 0 ? inRest : inLength;
    this.#left = length;
  }

  #expectChunk(): void {
    this.#state = inChunkSize;
    this.#chunkLine.reset();
  }

  #beginChunk(): void {
    const { size } = this.#chunkLine;
    if (size < 0) return;
    this.#left = size;
    this.#state = inChunk;
    if (size > 0) return;
    this.#state = inTrailers;
    this.#block.beginTrailers();
  }

  #readBody(bytes: Buffer, start: number, end: number): number {
    const state = this.#state;
    const stop = state === inRest ? end : Math.min(end, start + this.#left);
    this.#left -= stop - start;
    this.#sink.onData(bytes.subarray(start, stop));
    if (this.#left !== 0 || this.#state !== state || state === inRest) return stop;
    if (state === inLength) {
      this.#end(undefined, stop < end);
    } else {
      this.#state = inChunkEnd;
      this.#left = 2;
    }
    return stop;
  }

  #readTrailers(isMore: boolean): string | undefined {
    const { text } = this.#block;
    if (text === undefined) return undefined;
    const trailers: string[] = [];
    const problem = parseHeaderLines(text, 2, trailers);
    if (problem !== undefined) return problem;
    this.#end(trailers.length > 0 ? trailers : undefined, isMore);
    return undefined;
  }

  #end(trailers: readonly string[] | undefined, isSurplus: boolean): void {
    this.#state = stopped;
    this.#sink.onEnd(trailers, isSurplus);
  }
}
