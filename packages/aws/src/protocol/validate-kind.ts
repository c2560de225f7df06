import type { Member, Shape } from "../model/model.ts";
import { Decimal, isDecimalText } from "./decimal.ts";
import { parseTimestampText } from "./timestamp.ts";

/** What a value must be. */
export interface KindRule {
  /** Completes "must be …". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** The rule for the values of a member that is neither structure, list nor map. */
export function kindRule(member: Member): KindRule {
  if (member.jsonValue === true) return anything;
  if (member.streaming === true) return member.shape.kind === "string" ? text : streamingBytes;
  return kindRules[member.shape.kind];
}

const anything: KindRule = { expected: "a value", accepts: () => true };
const text: KindRule = { expected: "a string", accepts: (value) => typeof value === "string" };
const bytes: KindRule = { expected: "bytes or a string", accepts: isBytes };
const streamingBytes: KindRule = {
  expected: "bytes, a string, a stream, an iterable of bytes, a Blob or a file",
  accepts: (value) => isBytes(value) || isSource(value),
};
const number: KindRule = {
  expected: "a number",
  accepts: (value) => typeof value === "number",
};
const integer: KindRule = {
  expected: "an integer",
  accepts: (value) => Number.isInteger(value),
};
const long: KindRule = {
  expected: "an integer or a bigint",
  accepts: (value) => Number.isInteger(value) || typeof value === "bigint",
};

/** The rule for objects: structures and maps. */
export const objectRule: KindRule = { expected: "an object", accepts: isObject };

/** The rule for lists. */
export const listRule: KindRule = { expected: "an array", accepts: Array.isArray };

/** The rule for a stream of events in an input. */
export const eventsRule: KindRule = {
  expected: "an iterable of events",
  accepts: (value) => isSource(value) && !isBytes(value),
};

const kindRules: Readonly<Record<Shape["kind"], KindRule>> = {
  string: text,
  boolean: { expected: "a boolean", accepts: (value) => typeof value === "boolean" },
  integer,
  long,
  float: number,
  double: number,
  bigInteger: long,
  bigDecimal: { expected: "a number or a decimal text", accepts: isDecimal },
  timestamp: { expected: "a valid Date, epoch milliseconds or ISO 8601", accepts: isTimestamp },
  blob: bytes,
  document: anything,
  structure: objectRule,
  map: objectRule,
  list: listRule,
};

/** Objects whose content is not in members are refused: they would be sent empty. */
function isObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  return !(
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof Promise ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer
  );
}

function isBytes(value: unknown): boolean {
  return (
    typeof value === "string" ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer
  );
}

/** Streams, iterables, blobs, files, and functions that give one of these. */
function isSource(value: unknown): boolean {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null) return false;
  const source = value as Readonly<Record<PropertyKey, unknown>>;
  return (
    typeof source[Symbol.asyncIterator] === "function" ||
    typeof source[Symbol.iterator] === "function" ||
    typeof source["getReader"] === "function" ||
    typeof source["pipe"] === "function" ||
    typeof source["stream"] === "function" ||
    typeof source["path"] === "string" ||
    source["path"] instanceof URL ||
    ArrayBuffer.isView(source["path"])
  );
}

function isTimestamp(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  if (typeof value === "number") return Math.abs(value) <= 8.64e15;
  return typeof value === "string" && parseTimestampText(value) !== undefined;
}

function isDecimal(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "bigint") return true;
  return value instanceof Decimal || (typeof value === "string" && isDecimalText(value));
}
