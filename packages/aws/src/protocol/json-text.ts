import type { Member } from "../model/model.ts";
import { base64Of } from "./bytes.ts";
import { Decimal, isDecimalText } from "./decimal.ts";
import { timestampWriter } from "./timestamp.ts";
import { unknownVariant } from "./unknown-variant.ts";

/** Writes one value as JSON text. */
export type TextWriter = (value: unknown) => string;

/**
 * Whether a string is a JSON string as soon as it is quoted. A loop finds that of short strings
 * faster than `JSON.stringify` starts; long ones, and lone surrogates, are left to it.
 */
export function isPlain(text: unknown): boolean {
  if (typeof text !== "string") return false;
  const length = text.length;
  if (length > 100) return false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === 34 || code === 92 || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

/** A JSON string. */
export function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** The writer of a scalar member in JSON. Timestamps are epoch seconds unless modelled otherwise. */
export function jsonScalarWriter(member: Member): TextWriter {
  if (member.jsonValue) return writeJsonValue;
  if (member.shape.kind === "timestamp") return timestampText(member);
  return writers[member.shape.kind] ?? writeString;
}

const writers: Readonly<Partial<Record<Member["shape"]["kind"], TextWriter>>> = {
  boolean: writeBoolean,
  integer: writeNumber,
  long: writeNumber,
  float: writeNumber,
  double: writeNumber,
  bigInteger: writeNumber,
  bigDecimal: writeDecimal,
  blob: writeBlob,
  document: writeDocument,
};

function timestampText({ timestampFormat = "unixTimestamp" }: Member): TextWriter {
  const write = timestampWriter(timestampFormat);
  return timestampFormat === "unixTimestamp" ? write : (value) => `"${write(value)}"`;
}

/** Writes a string. */
export function writeString(value: unknown): string {
  return quote(typeof value === "string" ? value : String(value));
}

function writeBoolean(value: unknown): string {
  return value ? "true" : "false";
}

/** `NaN` and the infinities travel as strings, also when they are given as strings. */
function writeNumber(value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "bigint" ? String(value) : writeDecimal(value);
}

function writeDecimal(value: unknown): string {
  const text = value instanceof Decimal ? value.text : String(value);
  // Only what JSON calls a number goes unquoted.
  return isDecimalText(text) && jsonNumber.test(text) ? text : quote(text);
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function writeBlob(value: unknown): string {
  return `"${base64Of(value)}"`;
}

/** JSON text inside a string: text goes as it is, other values as their JSON. */
function writeJsonValue(value: unknown): string {
  return quote(typeof value === "string" ? value : writeDocument(value));
}

/** Any JSON; integers given as `bigint` keep their digits. */
export function writeDocument(value: unknown): string {
  return JSON.stringify(value, documentReplacer) ?? "null";
}

/** A structure of which no member is set: an unknown variant, if it is a union's. */
export function writeOtherVariant(union: unknown): string {
  const variant = unknownVariant(union);
  return variant === undefined ? "{}" : `{${quote(variant[0])}:${writeDocument(variant[1])}}`;
}

const { rawJSON } = JSON as typeof JSON & { rawJSON: (text: string) => unknown };

function documentReplacer(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return rawJSON(String(value));
  return value;
}
