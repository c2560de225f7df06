import type { FrameType, frameType as coreFrameType } from "@lambdad/core";

/**
 * The frame types of `@lambdad/core`, repeated: a function's process loads no package of ours, only
 * the files of this folder, so that it starts fast and needs no module resolution. The compiler and
 * a test hold the two together.
 */
export const frameType: typeof coreFrameType = {
  event: 1,
  pause: 2,
  resume: 3,
  next: 16,
  response: 17,
  error: 18,
  initError: 19,
  streamStart: 20,
  streamChunk: 21,
  streamEnd: 22,
};

/**
 * Length of a frame that is nothing but its prefix: `u32 length of the rest · u8 type · u24 length of
 * the head`, little-endian.
 */
export const bareFrameBytes = 8;
const prefixBytes = bareFrameBytes;
/** Larger than any frame that the limits of the wire contracts allow. */
const frameBytesMax = 64 * 1024 * 1024;

/** One frame as bytes, with room for `extraBytes` more behind it. */
export function encodeFrame(
  type: FrameType,
  head: string,
  payload: string,
  extraBytes = 0,
): Buffer {
  const headBytes = Buffer.byteLength(head);
  const payloadBytes = Buffer.byteLength(payload);
  const frameBytes = prefixBytes + headBytes + payloadBytes;
  const frame = Buffer.allocUnsafe(frameBytes + extraBytes);
  writePrefix(frame, 0, { type, headBytes, payloadBytes });
  frame.write(head, prefixBytes, headBytes);
  frame.write(payload, prefixBytes + headBytes, payloadBytes);
  return frame;
}

/** A frame up to its payload, which follows as it is. */
export function encodeFrameHead(type: FrameType, head: string, payloadBytes: number): Buffer {
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(prefixBytes + headBytes);
  writePrefix(bytes, 0, { type, headBytes, payloadBytes });
  bytes.write(head, prefixBytes, headBytes);
  return bytes;
}

/** Writes a frame without head and payload at `offset`. */
export function writeBareFrame(target: Buffer, offset: number, type: FrameType): void {
  writePrefix(target, offset, { type, headBytes: 0, payloadBytes: 0 });
}

interface Prefix {
  readonly type: FrameType;
  readonly headBytes: number;
  readonly payloadBytes: number;
}

function writePrefix(target: Buffer, offset: number, prefix: Prefix): void {
  const restBytes = prefixBytes - 4 + prefix.headBytes + prefix.payloadBytes;
  target.writeUInt32LE(restBytes, offset);
  target.writeUInt32LE((prefix.type | (prefix.headBytes << 8)) >>> 0, offset + 4);
}

export type FrameListener = (type: number, head: string, payload: string) => void;

/**
 * Cuts a byte stream into frames whose payload is text. What it is given may be overwritten
 * afterwards: bytes of an incomplete frame are copied, once, into a buffer of that frame's size.
 */
export class FrameReader {
  readonly #onFrame: FrameListener;
  #partial: Buffer | undefined;
  #partialBytes = 0;

  constructor(onFrame: FrameListener) {
    this.#onFrame = onFrame;
  }

  /** @throws {RangeError} when the bytes cannot be a frame: the channel is of no more use. */
  push(chunk: Buffer): void {
    let offset = this.#partial === undefined ? 0 : this.#complete(chunk);
    while (chunk.length - offset >= prefixBytes) {
      const total = frameLength(chunk, offset);
      if (chunk.length - offset < total) break;
      this.#deliver(chunk, offset, total);
      offset += total;
    }
    if (offset < chunk.length) this.#keep(chunk, offset);
  }

  #keep(chunk: Buffer, offset: number): void {
    const available = chunk.length - offset;
    const room = available >= prefixBytes ? frameLength(chunk, offset) : prefixBytes;
    this.#partial = Buffer.allocUnsafeSlow(room);
    this.#partialBytes = chunk.copy(this.#partial, 0, offset);
  }

  /** Adds to the incomplete frame; returns how many bytes of `chunk` it took. */
  #complete(chunk: Buffer): number {
    let partial = this.#partial;
    if (partial === undefined) return 0;
    let taken = chunk.copy(partial, this.#partialBytes, 0);
    this.#partialBytes += taken;
    if (partial.length === prefixBytes && this.#partialBytes === prefixBytes) {
      const whole = Buffer.allocUnsafeSlow(frameLength(partial, 0));
      partial.copy(whole);
      const more = chunk.copy(whole, prefixBytes, taken);
      taken += more;
      this.#partialBytes += more;
      partial = whole;
      this.#partial = whole;
    }
    if (this.#partialBytes < partial.length || this.#partialBytes < prefixBytes) return taken;
    this.#partial = undefined;
    this.#deliver(partial, 0, partial.length);
    return taken;
  }

  #deliver(bytes: Buffer, offset: number, total: number): void {
    const word = bytes.readUInt32LE(offset + 4);
    const headStart = offset + prefixBytes;
    const payloadStart = headStart + (word >>> 8);
    const head = bytes.toString("utf8", headStart, payloadStart);
    const payload = bytes.toString("utf8", payloadStart, offset + total);
    this.#onFrame(word & 0xff, head, payload);
  }
}

function frameLength(bytes: Buffer, offset: number): number {
  const total = 4 + bytes.readUInt32LE(offset);
  const headBytes = bytes.readUInt32LE(offset + 4) >>> 8;
  if (total > frameBytesMax || prefixBytes + headBytes > total) {
    throw new RangeError(`Cannot read a frame: ${total} bytes with a head of ${headBytes}`);
  }
  return total;
}
