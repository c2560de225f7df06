import { readDecimal } from "../decimal.ts";
import { define } from "../json-value.ts";
import { parseTimestamp } from "../timestamp.ts";

/** Items within items; a service's answers stay far below, a hostile one ends here (CL-19). */
export const cborDepthMax = 500;

/** A document, and whether it has a `null` somewhere. */
export interface CborDocument {
  readonly value: unknown;
  readonly hasNull: boolean;
}

/**
 * Decodes one CBOR item (RFC 8949) that fills the bytes. Byte strings are views of `bytes`, tag 1
 * gives a `Date`, bignums and 64-bit integers that a number cannot hold a `bigint`; other tags are
 * skipped. `undefined` counts as `null`.
 * @throws RangeError when the bytes are not well-formed
 */
export function decodeCbor(bytes: Buffer): CborDocument {
  const decoder = new CborDecoder(bytes);
  const value = decoder.item(0);
  decoder.end();
  return { value, hasNull: decoder.hasNull };
}

/** No number of a service is longer; the work of writing one in decimal grows faster than it (CL-19). */
const bignumBytesMax = 400;

/** What a `break` gives; never leaves the decoder. */
const breakCode = Symbol("break");
const indefinite = -1;

class CborDecoder {
  readonly #bytes: Buffer;
  #at = 0;
  hasNull = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#wrong("bytes follow the item");
  }

  item(depth: number): unknown {
    const value = this.#item(depth);
    if (value === breakCode) throw this.#wrong("a break outside of an indefinite item");
    return value;
  }

  #item(depth: number): unknown {
    if (depth > cborDepthMax) throw this.#wrong(`more than ${cborDepthMax} items within items`);
    const head = this.#byte();
    const minor = head & 31;
    switch (head >> 5) {
      case 0:
        return this.#argument(minor);
      case 1: {
        const argument = this.#argument(minor);
        if (typeof argument === "bigint") return -1n - argument;
        const value = -1 - argument;
        return Number.isSafeInteger(value) ? value : -1n - BigInt(argument);
      }
      case 2:
        return this.#byteString(minor);
      case 3:
        return this.#textString(minor);
      case 4:
        return this.#list(minor, depth);
      case 5:
        return this.#map(minor, depth);
      case 6:
        return this.#tagged(this.#argument(minor), depth);
      default:
        return this.#simple(minor);
    }
  }

  #byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw this.#wrong("it ends within an item");
    return value;
  }

  /** Skips bytes and gives where they began. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw this.#wrong("it ends within an item");
    this.#at = start + length;
    return start;
  }

  #argument(minor: number): number | bigint {
    if (minor < 24) return minor;
    switch (minor) {
      case 24:
        return this.#byte();
      case 25:
        return this.#bytes.readUInt16BE(this.#take(2));
      case 26:
        return this.#bytes.readUInt32BE(this.#take(4));
      case 27: {
        const start = this.#take(8);
        const high = this.#bytes.readUInt32BE(start);
        // 2^21 times 2^32 is 2^53.
        if (high >= 0x20_0000) return this.#bytes.readBigUInt64BE(start);
        return high * 0x1_0000_0000 + this.#bytes.readUInt32BE(start + 4);
      }
      default:
        throw this.#wrong(`an argument of the reserved kind ${minor}`);
    }
  }

  /** A length that the rest of the bytes can hold; `indefinite` for 31. */
  #length(minor: number, bytesPerItem: number): number {
    if (minor === 31) return indefinite;
    const length = Number(this.#argument(minor));
    if (length * bytesPerItem > this.#bytes.length - this.#at) {
      throw this.#wrong("an item longer than the rest");
    }
    return length;
  }

  #byteString(minor: number): Buffer {
    const length = this.#length(minor, 1);
    if (length !== indefinite) {
      const start = this.#take(length);
      return this.#bytes.subarray(start, start + length);
    }
    const chunks: Buffer[] = [];
    for (let chunk = this.#chunk(2); chunk !== undefined; chunk = this.#chunk(2)) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #textString(minor: number): string {
    const length = this.#length(minor, 1);
    if (length !== indefinite) return this.#text(this.#take(length), length);
    let text = "";
    for (let chunk = this.#chunk(3); chunk !== undefined; chunk = this.#chunk(3)) {
      text += chunk.toString("utf8");
    }
    return text;
  }

  /** The next chunk of an indefinite string, which must be definite and of the same kind. */
  #chunk(major: number): Buffer | undefined {
    const head = this.#byte();
    if (head === 0xff) return undefined;
    const length = head >> 5 === major ? this.#length(head & 31, 1) : indefinite;
    if (length === indefinite) throw this.#wrong("a wrong chunk of an indefinite string");
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #text(start: number, length: number): string {
    const bytes = this.#bytes;
    const end = start + length;
    // Most are names: a loop is faster than the decoder's start.
    if (length > 24) return bytes.toString("utf8", start, end);
    let text = "";
    for (let at = start; at < end; at++) {
      const code = bytes[at] as number;
      if (code > 127) return bytes.toString("utf8", start, end);
      text += String.fromCharCode(code);
    }
    return text;
  }

  #list(minor: number, depth: number): unknown[] {
    const length = this.#length(minor, 1);
    const items: unknown[] = [];
    if (length === indefinite) {
      for (;;) {
        const item = this.#item(depth + 1);
        if (item === breakCode) return items;
        items.push(item);
      }
    }
    for (let index = 0; index < length; index++) items.push(this.item(depth + 1));
    return items;
  }

  #map(minor: number, depth: number): Record<string, unknown> {
    const length = this.#length(minor, 2);
    const entries: Record<string, unknown> = {};
    for (let index = 0; index !== length; index++) {
      const key = this.#item(depth + 1);
      if (key === breakCode && length === indefinite) break;
      if (typeof key !== "string") throw this.#wrong("a map's key that is no text");
      define(entries, key, this.item(depth + 1));
    }
    return entries;
  }

  #tagged(tag: number | bigint, depth: number): unknown {
    const value = this.item(depth + 1);
    if (tag === 1 && (typeof value === "number" || typeof value === "bigint")) {
      const date = parseTimestamp(Number(value));
      if (date === undefined) throw this.#wrong("a time that is none");
      return date;
    }
    if ((tag === 2 || tag === 3) && Buffer.isBuffer(value)) {
      if (value.length > bignumBytesMax) throw this.#wrong("a number of too many digits");
      const magnitude = BigInt(`0x0${value.toString("hex")}`);
      const integer = tag === 2 ? magnitude : -1n - magnitude;
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    return tag === 4 ? decimalFraction(value) : value;
  }

  #simple(minor: number): unknown {
    switch (minor) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        this.hasNull = true;
        return null;
      case 25:
        return halfFloat(this.#bytes.readUInt16BE(this.#take(2)));
      case 26:
        return this.#bytes.readFloatBE(this.#take(4));
      case 27:
        return this.#bytes.readDoubleBE(this.#take(8));
      case 31:
        return breakCode;
      default:
        throw this.#wrong(`a simple value of the kind ${minor}`);
    }
  }

  #wrong(reason: string): RangeError {
    return new RangeError(`Cannot decode CBOR: ${reason}, near byte ${this.#at}`);
  }
}

/** Tag 4: exponent of ten and mantissa. */
function decimalFraction(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [exponent, mantissa] = value as unknown[];
  const integer = typeof mantissa === "bigint" || Number.isSafeInteger(mantissa);
  if (!Number.isSafeInteger(exponent) || !integer) return value;
  return readDecimal(`${String(mantissa)}e${String(exponent)}`);
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
