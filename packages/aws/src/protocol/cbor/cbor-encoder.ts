import type { Member } from "../../model/model.ts";
import { blobBytes } from "../bytes.ts";
import { Decimal } from "../decimal.ts";
import { epochMillis } from "../timestamp.ts";

/** Writes one value. */
export type CborScalar = (encoder: CborEncoder, value: unknown) => void;

/** Encodes CBOR (RFC 8949) into bytes that grow. */
export class CborEncoder {
  #bytes: Buffer = Buffer.allocUnsafe(512);
  #at = 0;

  /** What was written so far; the encoder begins anew. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#at);
    // The next document is most likely of the same size.
    this.#bytes = Buffer.allocUnsafe(Math.max(512, this.#at));
    this.#at = 0;
    return bytes;
  }

  /** Starts an item: its major type and its argument in the smallest form. */
  head(major: number, argument: number | bigint): void {
    const type = major << 5;
    this.#reserve(9);
    const bytes = this.#bytes;
    let at = this.#at;
    if (argument < 24) bytes[at++] = type | Number(argument);
    else if (argument < 0x100) {
      bytes[at++] = type | 24;
      bytes[at++] = Number(argument);
    } else if (argument < 0x1_0000) {
      bytes[at++] = type | 25;
      at = bytes.writeUInt16BE(Number(argument), at);
    } else if (argument < 0x1_0000_0000) {
      bytes[at++] = type | 26;
      at = bytes.writeUInt32BE(Number(argument), at);
    } else {
      bytes[at++] = type | 27;
      at = bytes.writeBigUInt64BE(BigInt(argument), at);
    }
    this.#at = at;
  }

  /** One byte as it is: `0xbf` begins a map of unknown length, `0xff` ends it, `0xf6` is null. */
  raw(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.head(3, length);
    this.#reserve(length);
    this.#bytes.write(value, this.#at, length, "utf8");
    this.#at += length;
  }

  bytes(value: Uint8Array): void {
    this.head(2, value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  integer(value: number | bigint): void {
    const integer = Number.isSafeInteger(value) ? value : BigInt(value);
    if (typeof integer === "bigint" && BigInt.asIntN(65, integer) !== integer) {
      this.#bignum(integer);
    } else if (integer >= 0) this.head(0, integer);
    else this.head(1, typeof integer === "bigint" ? -1n - integer : -1 - integer);
  }

  double(value: number): void {
    this.#reserve(9);
    this.#bytes[this.#at++] = 0xfb;
    this.#at = this.#bytes.writeDoubleBE(value, this.#at);
  }

  /** Single precision when that loses nothing. */
  float(value: number): void {
    if (!Object.is(Math.fround(value), value)) {
      this.double(value);
      return;
    }
    this.#reserve(5);
    this.#bytes[this.#at++] = 0xfa;
    this.#at = this.#bytes.writeFloatBE(value, this.#at);
  }

  #bignum(value: bigint): void {
    const magnitude = value < 0n ? -1n - value : value;
    const hex = magnitude.toString(16);
    this.head(6, value < 0n ? 3 : 2);
    this.bytes(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(bytes, 0, 0, this.#at);
    this.#bytes = bytes;
  }
}

/** The encoder of a scalar member. */
export function cborScalar(member: Member): CborScalar {
  return scalars[member.shape.kind] ?? encodeText;
}

const scalars: Readonly<Partial<Record<Member["shape"]["kind"], CborScalar>>> = {
  boolean: (encoder, value) => encoder.raw(value ? 0xf5 : 0xf4),
  integer: encodeInteger,
  long: encodeInteger,
  bigInteger: encodeInteger,
  float: (encoder, value) => encoder.float(Number(value)),
  double: (encoder, value) => encoder.double(Number(value)),
  bigDecimal: encodeDecimal,
  timestamp: encodeTimestamp,
  blob: encodeBlob,
  document: encodeAny,
};

function encodeText(encoder: CborEncoder, value: unknown): void {
  encoder.text(String(value));
}

function encodeInteger(encoder: CborEncoder, value: unknown): void {
  encoder.integer(value as number | bigint);
}

/** Tag 1: seconds, as a double. */
function encodeTimestamp(encoder: CborEncoder, value: unknown): void {
  encoder.head(6, 1);
  encoder.double(Math.trunc(epochMillis(value)) / 1000);
}

function encodeBlob(encoder: CborEncoder, value: unknown): void {
  encoder.bytes(blobBytes(value));
}

/** Tag 4 for what a double cannot hold: exponent of ten and mantissa. */
function encodeDecimal(encoder: CborEncoder, value: unknown): void {
  if (typeof value === "bigint") encoder.integer(value);
  else if (typeof value === "number") encoder.double(value);
  else {
    const text = value instanceof Decimal ? value.text : String(value);
    const [mantissa = "0", exponent = "0"] = text.toLowerCase().split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    encoder.head(6, 4);
    encoder.head(4, 2);
    encoder.integer(Number(exponent) - fraction.length);
    encoder.integer(BigInt((whole + fraction).replace(/^\+/, "")));
  }
}

/** Encodes any value, by its kind in JavaScript. */
export function encodeAny(encoder: CborEncoder, value: unknown): void {
  if (value === undefined || value === null) encoder.raw(0xf6);
  else if (typeof value === "boolean") encoder.raw(value ? 0xf5 : 0xf4);
  else if (typeof value === "number") {
    if (Number.isSafeInteger(value)) encoder.integer(value);
    else encoder.double(value);
  } else if (typeof value === "bigint") encoder.integer(value);
  else if (typeof value === "string") encoder.text(value);
  else if (value instanceof Date) encodeTimestamp(encoder, value);
  else if (ArrayBuffer.isView(value)) encodeBlob(encoder, value);
  else if (Array.isArray(value)) {
    encoder.head(4, value.length);
    for (const item of value) encodeAny(encoder, item);
  } else encodeObject(encoder, value as Readonly<Record<string, unknown>>);
}

function encodeObject(encoder: CborEncoder, value: Readonly<Record<string, unknown>>): void {
  encoder.raw(0xbf);
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    encoder.text(key);
    encodeAny(encoder, value[key]);
  }
  encoder.raw(0xff);
}
