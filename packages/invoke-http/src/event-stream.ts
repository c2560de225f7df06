import { crc32 } from "node:zlib";

/**
 * `application/vnd.amazon.eventstream`, the framing of a streamed response: total length, length of the
 * headers and CRC-32 of both; the headers; the payload; CRC-32 of everything before. Big-endian.
 *
 * Source: Amazon event stream encoding.
 */
export interface EventStreamMessage {
  /** Headers of type string, by name. Headers of other types are checked and left out. */
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

/** Bytes of one message's headers (AWS). */
export const eventStreamHeaderBytesMax = 131_072;

/** Bytes of one message's payload (AWS's clients refuse more). */
export const eventStreamPayloadBytesMax = 25_165_824;

/** Total length, length of the headers, and their checksum. */
const preludeBytes = 12;
/** Checksum at the end. */
const checksumBytes = 4;
const stringType = 7;

/** Why bytes are not an event stream. */
export class EventStreamError extends Error {
  override readonly name: string = "EventStreamError";
}

/**
 * Headers in wire form. Make them once per kind of message and use them again.
 *
 * @throws {RangeError} when a name or a value is too long for its length field.
 */
export function encodeEventStreamHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    if (nameBytes.length === 0 || nameBytes.length > 255 || valueBytes.length > 65_535) {
      throw new RangeError(`Cannot encode header '${name}': its name or its value is too long`);
    }
    const sizes = Buffer.from([stringType, valueBytes.length >> 8, valueBytes.length & 255]);
    parts.push(Buffer.from([nameBytes.length]), nameBytes, sizes, valueBytes);
  }
  return Buffer.concat(parts);
}

/** What goes before and after a payload, so that the payload itself need not be copied. */
export interface EventStreamFrame {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** The bytes around one payload. `headers` come from {@link encodeEventStreamHeaders}. */
export function frameEventStreamPayload(
  headers: Uint8Array,
  payload: Uint8Array,
): EventStreamFrame {
  // One allocation for both, from Node's pool of small buffers.
  const headBytes = preludeBytes + headers.byteLength;
  const frame = Buffer.allocUnsafe(headBytes + checksumBytes);
  writeHead(frame, headers, payload.byteLength);
  const head = frame.subarray(0, headBytes);
  frame.writeUInt32BE(crc32(payload, crc32(head)), headBytes);
  return { head, tail: frame.subarray(headBytes) };
}

/** One whole message in one piece; copies the payload. For small ones. */
export function encodeEventStreamMessage(headers: Uint8Array, payload: Uint8Array): Uint8Array {
  const end = preludeBytes + headers.byteLength + payload.byteLength;
  const message = Buffer.allocUnsafe(end + checksumBytes);
  writeHead(message, headers, payload.byteLength);
  message.set(payload, preludeBytes + headers.byteLength);
  message.writeUInt32BE(crc32(message.subarray(0, end)), end);
  return message;
}

function writeHead(target: Buffer, headers: Uint8Array, payloadBytes: number): void {
  target.writeUInt32BE(preludeBytes + headers.byteLength + payloadBytes + checksumBytes, 0);
  target.writeUInt32BE(headers.byteLength, 4);
  target.writeUInt32BE(crc32(target.subarray(0, 8)), 8);
  target.set(headers, preludeBytes);
}

/**
 * Takes an event stream apart, fed piece by piece.
 *
 * A message is held until it is complete, so at most the limits above plus one piece are in memory.
 */
export class EventStreamDecoder {
  readonly #onMessage: (message: EventStreamMessage) => void;
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Bytes that must be there before the next step makes sense. */
  #needed = preludeBytes;

  constructor(onMessage: (message: EventStreamMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws {EventStreamError} when the bytes are no event stream; do not go on afterwards. */
  write(chunk: Uint8Array): void {
    this.#pieces.push(chunk);
    this.#held += chunk.byteLength;
    if (this.#held < this.#needed) return;
    const bytes = this.#pieces.length === 1 ? asBuffer(chunk) : Buffer.concat(this.#pieces);
    let offset = 0;
    for (;;) {
      const rest = bytes.length - offset;
      this.#needed = rest < preludeBytes ? preludeBytes : messageBytes(bytes, offset);
      if (rest < this.#needed) break;
      const message = decodeMessage(bytes.subarray(offset, offset + this.#needed));
      offset += this.#needed;
      this.#onMessage(message);
    }
    this.#pieces = offset < bytes.length ? [bytes.subarray(offset)] : [];
    this.#held = bytes.length - offset;
  }

  /** @throws {EventStreamError} when the stream broke off inside a message. */
  end(): void {
    if (this.#held === 0) return;
    throw new EventStreamError(
      `Cannot decode event stream: it ends ${this.#held} bytes into a message`,
    );
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Checks the prelude at `offset` and returns the length of its message. */
function messageBytes(bytes: Buffer, offset: number): number {
  const total = bytes.readUInt32BE(offset);
  const headerBytes = bytes.readUInt32BE(offset + 4);
  if (crc32(bytes.subarray(offset, offset + 8)) !== bytes.readUInt32BE(offset + 8)) {
    throw new EventStreamError("Cannot decode event stream: the checksum of a prelude is wrong");
  }
  if (headerBytes > eventStreamHeaderBytesMax) {
    throw new EventStreamError(
      `Cannot decode event stream: headers of '${headerBytes}' bytes are too long`,
    );
  }
  const payloadBytes = total - headerBytes - preludeBytes - checksumBytes;
  if (payloadBytes < 0 || payloadBytes > eventStreamPayloadBytesMax) {
    throw new EventStreamError(
      `Cannot decode event stream: a payload of '${payloadBytes}' bytes is out of range`,
    );
  }
  return total;
}

function decodeMessage(bytes: Buffer): EventStreamMessage {
  const end = bytes.length - checksumBytes;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) {
    throw new EventStreamError("Cannot decode event stream: the checksum of a message is wrong");
  }
  const headersEnd = preludeBytes + bytes.readUInt32BE(4);
  return {
    headers: decodeHeaders(bytes.subarray(preludeBytes, headersEnd)),
    payload: bytes.subarray(headersEnd, end),
  };
}

/** Bytes of a header's value by type; `undefined` for those that carry their length. */
const valueBytesByType: readonly (number | undefined)[] = [
  0, // true
  0, // false
  1, // byte
  2, // int16
  4, // int32
  8, // int64
  undefined, // bytes
  undefined, // string
  8, // timestamp
  16, // uuid
];

function decodeHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  const names = new Set<string>();
  let offset = 0;

  /** Steps over `count` bytes and returns where they begin. */
  function take(count: number): number {
    const start = offset;
    offset += count;
    if (offset > bytes.length) {
      throw new EventStreamError("Cannot decode event stream: a header is cut off");
    }
    return start;
  }

  while (offset < bytes.length) {
    const nameBytes = bytes.readUInt8(take(1));
    const name = bytes.toString("utf8", take(nameBytes), offset);
    const type = bytes.readUInt8(take(1));
    if (type >= valueBytesByType.length) {
      throw new EventStreamError(`Cannot decode event stream: no header type '${type}'`);
    }
    const valueBytes = valueBytesByType[type] ?? bytes.readUInt16BE(take(2));
    const start = take(valueBytes);
    if (names.has(name)) {
      throw new EventStreamError("Cannot decode event stream: a header is there twice");
    }
    names.add(name);
    if (type === stringType) headers.set(name, bytes.toString("utf8", start, offset));
  }
  return headers;
}
