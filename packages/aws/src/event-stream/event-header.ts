import { ResponseParseError } from "../client/errors.ts";
import type { EventHeader } from "../protocol/protocol.ts";

// Types of header values on the wire.
const TRUE = 0;
const FALSE = 1;
const INT8 = 2;
const INT16 = 3;
const INT32 = 4;
const INT64 = 5;
const BYTES = 6;
const STRING = 7;
const TIMESTAMP = 8;
const UUID = 9;

/**
 * Value of a header: `true`, `false`, numbers up to 32 bits as they are, 64 bits as `bigint`, bytes
 * as `Buffer`, text, timestamps as `Date`, UUIDs as text.
 */
export type EventHeaderValue = boolean | number | bigint | Buffer | string | Date;

/**
 * Reads the headers of a frame.
 *
 * @throws ResponseParseError for types that are not known, values that are cut, or repeated names.
 */
export function decodeHeaders(bytes: Buffer): Map<string, EventHeaderValue> {
  const headers = new Map<string, EventHeaderValue>();
  const reader = new HeaderReader(bytes);
  while (!reader.ended) {
    const name = reader.text(reader.uint8());
    if (headers.has(name)) throw malformed(`the header "${name}" is there twice`, bytes);
    headers.set(name, reader.value());
  }
  return headers;
}

/** Reads values one after the other, within the bounds of the bytes. */
class HeaderReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  text(size: number): string {
    const at = this.#take(size);
    return this.#bytes.toString("utf8", at, at + size);
  }

  value(): EventHeaderValue {
    const type = this.uint8();
    switch (type) {
      case TRUE:
        return true;
      case FALSE:
        return false;
      case INT8:
        return this.#bytes.readInt8(this.#take(1));
      case INT16:
        return this.#bytes.readInt16BE(this.#take(2));
      case INT32:
        return this.#bytes.readInt32BE(this.#take(4));
      case INT64:
        return this.#bytes.readBigInt64BE(this.#take(8));
      case BYTES:
        return this.#slice(this.#uint16());
      case STRING:
        return this.text(this.#uint16());
      case TIMESTAMP:
        return new Date(Number(this.#bytes.readBigInt64BE(this.#take(8))));
      case UUID:
        return this.#slice(16)
          .toString("hex")
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      default:
        throw malformed(`a header has the type ${type}`, this.#bytes);
    }
  }

  #uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  #slice(size: number): Buffer {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length) throw malformed("a header is cut", this.#bytes);
    this.#at = at + size;
    return at;
  }
}

function malformed(reason: string, bytes: Uint8Array): ResponseParseError {
  return new ResponseParseError(`Cannot read an event: ${reason}`, bytes);
}

/**
 * Bytes of headers.
 *
 * @throws TypeError for a value that is not of its type; RangeError for one that is too large.
 */
export function encodeHeaders(headers: readonly EventHeader[]): Buffer {
  return Buffer.concat(headers.map((header) => encodeHeader(header)));
}

function encodeHeader(header: EventHeader): Buffer {
  const name = Buffer.from(header.name);
  if (name.length === 0 || name.length > 255) {
    throw new RangeError(`Cannot send the event header "${header.name}": its name is too long`);
  }
  const value = encodeValue(header);
  return Buffer.concat([Buffer.from([name.length]), name, value]);
}

function encodeValue({ name, type, value }: EventHeader): Buffer {
  switch (type) {
    case "boolean":
      return Buffer.from([value ? TRUE : FALSE]);
    case "integer": {
      const bytes = Buffer.from([INT32, 0, 0, 0, 0]);
      bytes.writeInt32BE(Number(value), 1);
      return bytes;
    }
    case "long":
      return int64(INT64, BigInt(value as number | bigint));
    case "timestamp":
      return int64(TIMESTAMP, BigInt(timestampMs(name, value)));
    case "blob":
      return sized(name, BYTES, bytesOf(name, value));
    case "string":
      break;
  }
  return sized(name, STRING, Buffer.from(String(value)));
}

function int64(type: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(type, 0);
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}

function sized(name: string, type: number, value: Uint8Array): Buffer {
  if (value.length > 65_535) {
    throw new RangeError(
      `Cannot send the event header "${name}": it has ${value.length} bytes, 65535 are the most`,
    );
  }
  const head = Buffer.from([type, 0, 0]);
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

function timestampMs(name: string, value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : new Date(value as string | number).getTime();
  if (!Number.isNaN(ms)) return ms;
  throw new TypeError(`Cannot send the event header "${name}": it is no time`);
}

function bytesOf(name: string, value: unknown): Uint8Array {
  if (typeof value === "string") return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`Cannot send the event header "${name}": it is not bytes`);
}
