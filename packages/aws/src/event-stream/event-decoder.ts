import { crc32 } from "../checksum/crc32.ts";
import { ChecksumError, ResponseParseError } from "../client/errors.ts";
import {
  HEADER_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  PRELUDE_BYTES,
  TRAILER_BYTES,
} from "./event-frame.ts";
import { decodeHeaders, type EventHeaderValue } from "./event-header.ts";

/** A frame that has arrived. */
export interface EventFrame {
  readonly headers: ReadonlyMap<string, EventHeaderValue>;
  /** Part of the memory that the frame arrived in. */
  readonly payload: Buffer;
}

const empty: Buffer = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into frames. Holds at most one frame that has not fully arrived; its
 * lengths are believed only after their checksum and bounds have been checked.
 */
export class EventDecoder {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the frame under way, 0 until its prelude has arrived. */
  #frameSize = 0;
  #headerSize = 0;

  /** Takes bytes; their memory is kept until the frames in it are read. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#size += chunk.length;
  }

  /**
   * The next frame; `undefined` when more bytes are needed.
   *
   * @throws ChecksumError when a checksum is wrong, ResponseParseError when bytes are no frame.
   */
  next(): EventFrame | undefined {
    if (this.#frameSize === 0) {
      if (this.#size < PRELUDE_BYTES) return undefined;
      this.#readPrelude(this.#peek(PRELUDE_BYTES));
    }
    if (this.#size < this.#frameSize) return undefined;
    const frame = this.#take(this.#frameSize);
    const end = frame.length - TRAILER_BYTES;
    checkCrc(frame, end);
    const payloadStart = PRELUDE_BYTES + this.#headerSize;
    this.#frameSize = 0;
    return {
      headers: decodeHeaders(frame.subarray(PRELUDE_BYTES, payloadStart)),
      payload: frame.subarray(payloadStart, end),
    };
  }

  /** @throws ResponseParseError when the bytes end within a frame. */
  end(): void {
    if (this.#size === 0) return;
    throw new ResponseParseError(
      "Cannot read an event: the stream has ended within it",
      this.#peek(this.#size),
    );
  }

  #readPrelude(bytes: Buffer): void {
    checkCrc(bytes, 8);
    const total = bytes.readUInt32BE(0);
    const headerSize = bytes.readUInt32BE(4);
    const payloadSize = total - PRELUDE_BYTES - TRAILER_BYTES - headerSize;
    if (headerSize > HEADER_BYTES_MAX || payloadSize < 0 || payloadSize > PAYLOAD_BYTES_MAX) {
      throw new ResponseParseError(
        `Cannot read an event of ${total} bytes with ${headerSize} bytes of headers: the lengths are out of bounds`,
        bytes,
      );
    }
    this.#frameSize = total;
    this.#headerSize = headerSize;
  }

  /** The first bytes, in one piece; they stay. */
  #peek(size: number): Buffer {
    const [first = empty] = this.#chunks;
    if (first.length < size) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
    return (this.#chunks[0] ?? empty).subarray(0, size);
  }

  #take(size: number): Buffer {
    const bytes = this.#peek(size);
    const first = this.#chunks[0] ?? empty;
    if (first.length === size) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(size);
    this.#size -= size;
    return bytes;
  }
}

/** The checksum of the bytes before `end` follows them. */
function checkCrc(bytes: Buffer, end: number): void {
  const expected = bytes.readUInt32BE(end);
  const actual = crc32(bytes.subarray(0, end));
  if (expected !== actual) {
    throw new ChecksumError("CRC32", expected.toString(16), actual.toString(16));
  }
}
