import type { Member, ScalarKind } from "../model/model.ts";
import { Decimal, isDecimalText, readDecimal, readInteger } from "./decimal.ts";
import { parseTimestamp } from "./timestamp.ts";

/** Turns what the parser of the format gave into the member's value. Throws when it cannot. */
export type ValueReader = (value: unknown) => unknown;

/** How a scalar is read. */
export interface ScalarRules {
  /** Reader for documents without surprises; `undefined`: the value is right as it is. */
  readonly plain: ValueReader | undefined;
  /** Reader for documents with `null`, special floats or numbers beyond 2^53 somewhere. */
  readonly full: ValueReader | undefined;
  readonly special: boolean;
}

/**
 * A number beyond ±(2^53 - 1) was found where the model has a long: the document must be read again
 * with the numbers' source text.
 */
export const unsafeNumber: Error = new RangeError("A number needs its source text");
// The frames of its stack would keep the call that loaded this module, and its client.
unsafeNumber.stack = "";

/** How a scalar of a JSON document is read. */
export function jsonScalarRules(member: Member): ScalarRules {
  return member.jsonValue === true ? same : (jsonRules[member.shape.kind as ScalarKind] ?? same);
}

const same: ScalarRules = { plain: undefined, full: undefined, special: false };

const jsonRules: Readonly<Partial<Record<ScalarKind, ScalarRules>>> = {
  integer: { plain: undefined, full: readNumber, special: false },
  float: { plain: undefined, full: readNumber, special: true },
  double: { plain: undefined, full: readNumber, special: true },
  long: { plain: safeNumber, full: readLong, special: false },
  bigInteger: { plain: safeNumber, full: readLong, special: false },
  bigDecimal: { plain: needsText, full: readBigDecimal, special: false },
  timestamp: { plain: readTimestamp, full: readTimestamp, special: false },
  blob: { plain: readBlob, full: readBlob, special: false },
  document: { plain: undefined, full: readDocument, special: false },
};

/** How a scalar of a CBOR document is read: bytes and dates come as such. */
export function cborScalarRules(member: Member): ScalarRules {
  return cborRules[member.shape.kind as ScalarKind] ?? same;
}

const cborRules: Readonly<Partial<Record<ScalarKind, ScalarRules>>> = {
  timestamp: { plain: readTimestamp, full: readTimestamp, special: false },
  blob: { plain: bytesOnly, full: bytesOnly, special: false },
  float: { plain: numberOnly, full: numberOnly, special: false },
  double: { plain: numberOnly, full: numberOnly, special: false },
};

/** Reads a timestamp in any form. @throws TypeError */
function readTimestamp(value: unknown): Date {
  const date = parseTimestamp(typeof value === "object" ? dateOrNumber(value) : value);
  if (date !== undefined) return date;
  throw new TypeError(`Cannot read timestamp "${String(value)}"`);
}

function dateOrNumber(value: unknown): unknown {
  return value instanceof Decimal ? value.valueOf() : value;
}

function readBlob(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.from(value, "base64");
  throw new TypeError(`Cannot read a blob: expected base64, got ${typeof value}`);
}

function bytesOnly(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value;
  throw new TypeError(`Cannot read a blob: expected bytes, got ${typeof value}`);
}

/** CBOR may have the double 1e18 as an integer. */
function numberOnly(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function safeNumber(value: unknown): unknown {
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) throw unsafeNumber;
  return value;
}

function needsText(): never {
  throw unsafeNumber;
}

/** Numbers beyond 2^53 arrive as their text's `Decimal` when the document is read with source text. */
function readNumber(value: unknown): unknown {
  if (value instanceof Decimal) return value.valueOf();
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : value;
}

function readLong(value: unknown): unknown {
  if (value instanceof Decimal) return readInteger(value.text) ?? value.valueOf();
  return safeNumber(value);
}

function readBigDecimal(value: unknown): unknown {
  if (value instanceof Decimal) return readDecimal(value.text);
  return typeof value === "string" && isDecimalText(value) ? readDecimal(value) : value;
}

/** Documents have JavaScript's numbers: all others are rounded. */
function readDocument(value: unknown): unknown {
  if (value instanceof Decimal) return value.valueOf();
  if (typeof value !== "object" || value === null) return value;
  const children = value as Record<string, unknown>;
  for (const key of Object.keys(children)) {
    const child = children[key];
    // An own `__proto__` of JSON.parse is an own property here too, but only as long as it is not set.
    if (typeof child === "object" && child !== null) define(children, key, readDocument(child));
  }
  return value;
}

/** Sets an own property whose name comes from the network. */
export function define(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else (target as Record<string, unknown>)[key] = value;
}
