import { isDecimalText, significant } from "../protocol/decimal.ts";

/** Significant digits of a number in DynamoDB. */
const digitsMax = 38;
/** Decimal exponents of the first digit: 1E-130 to 9.99E+125. */
const exponentMin = -130;
const exponentMax = 125;

/** A number of DynamoDB that JavaScript's numbers cannot hold: its decimal text. */
export class DynamoNumber {
  /** The decimal text, as it was given. */
  readonly text: string;

  /** @throws RangeError when the text is no decimal number. */
  constructor(text: string) {
    if (!isDecimalText(text)) {
      throw new RangeError(`Cannot make a DynamoNumber: "${text}" is no decimal number`);
    }
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }

  /** The nearest number. */
  toNumber(): number {
    return Number(this.text);
  }

  /** @throws RangeError for a number with a fraction. */
  toBigInt(): bigint {
    const integer = integerOf(this.text);
    if (integer !== undefined) return integer;
    throw new RangeError(`Cannot make a bigint: "${this.text}" has a fraction`);
  }

  /** Whether another number has the same value: `1.0` equals `1`. */
  equals(other: DynamoNumber | number | bigint | string): boolean {
    const text = String(other);
    return isDecimalText(text) && significant(text) === significant(this.text);
  }
}

/** How the text of a number is read; the option `numbers`. */
export type NumberReader = (text: string) => unknown;

/** The number if it prints back to the same decimal, else a `bigint` for integers, else a `DynamoNumber`. */
export function readAutoNumber(text: string): number | bigint | DynamoNumber {
  const number = Number(text);
  // Fifteen digits survive every round trip.
  if (text.length <= 15 && shortNumber.test(text)) return number;
  if (Number.isFinite(number) && significant(String(number)) === significant(text)) return number;
  return integerOf(text) ?? new DynamoNumber(text);
}

const shortNumber = /^-?\d+(?:\.\d+)?$/;

/** Integers as `bigint`; numbers with a fraction as `readAutoNumber` gives them. */
export function readBigInt(text: string): number | bigint | DynamoNumber {
  return integerOf(text) ?? readAutoNumber(text);
}

/**
 * What is wrong with the decimal text of a number for DynamoDB, which rounds nothing;
 * `undefined`: nothing. Source: aws-client.md §14.1.
 */
export function numberProblem(text: string): string | undefined {
  if (!isDecimalText(text)) return `"${text}" is no decimal number`;
  const normal = significant(text);
  if (normal === "0") return undefined;
  const at = normal.indexOf("e");
  const digits = normal.startsWith("-") ? at - 1 : at;
  if (digits > digitsMax) return `a number has at most ${digitsMax} digits, not ${digits}`;
  const exponent = Number(normal.slice(at + 1)) + digits - 1;
  if (exponent >= exponentMin && exponent <= exponentMax) return undefined;
  return `the magnitude of a number is 1E${exponentMin} to 9.99E+${exponentMax}, or 0`;
}

/** Text of an integer, with or without exponent, as `bigint`. */
function integerOf(text: string): bigint | undefined {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace(/^\+/, ""));
  const normal = significant(text);
  if (normal === "0") return 0n;
  const at = normal.indexOf("e");
  const exponent = Number(normal.slice(at + 1));
  if (exponent < 0 || exponent > 1000) return undefined;
  return BigInt(normal.slice(0, at) + "0".repeat(exponent));
}
