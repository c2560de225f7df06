import { type Decimal, isDecimalText, readDecimal, readInteger } from "./decimal.ts";
import { parseTimestampText } from "./timestamp.ts";
import type { XmlScanner } from "./xml-scanner.ts";
import { decodeXmlText } from "./xml-text.ts";

const SPACE = 0x20;
const COLON = 0x3a;
const EQUALS = 0x3d;

/** Longer numbers are refused: the time to read one grows with the square of its length (CL-19). */
const digitsMax = 1000;

/** An integer: a `bigint` outside ±(2^53−1); `undefined` when empty. @throws ResponseParseError */
export function integerOfText(scanner: XmlScanner, text: string): number | bigint | undefined {
  if (text === "") return undefined;
  if (text.length > digitsMax) throw scanner.error("an integer is too long");
  const value = readInteger(text.startsWith("+") ? text.slice(1) : text);
  if (value === undefined) throw scanner.error(`"${shown(text)}" is not an integer`);
  return value;
}

/** A floating-point number; `undefined` when empty. @throws ResponseParseError */
export function floatOfText(scanner: XmlScanner, text: string): number | undefined {
  if (text === "") return undefined;
  const value = Number(text);
  if (!Number.isNaN(value) || text === "NaN") return value;
  throw scanner.error(`"${shown(text)}" is not a number`);
}

/** A decimal number of any precision; `undefined` when empty. @throws ResponseParseError */
export function decimalOfText(
  scanner: XmlScanner,
  text: string,
): number | bigint | Decimal | undefined {
  return text.length <= digitsMax && isDecimalText(text)
    ? readDecimal(text)
    : floatOfText(scanner, text);
}

/** A boolean; `undefined` when empty. @throws ResponseParseError */
export function booleanOfText(scanner: XmlScanner, text: string): boolean | undefined {
  if (text === "") return undefined;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw scanner.error(`"${shown(text)}" is not a boolean`);
}

/** A time in any of AWS's forms; `undefined` when empty. @throws ResponseParseError */
export function timestampOfText(scanner: XmlScanner, text: string): Date | undefined {
  if (text === "") return undefined;
  const date = parseTimestampText(text);
  if (date === undefined) throw scanner.error(`"${shown(text)}" is not a timestamp`);
  return date;
}

/** The value of an attribute, by its local name, in a start tag whose attributes are at `start`. */
export function xmlAttribute(
  scanner: XmlScanner,
  name: string,
  start: number,
  end: number,
): string | undefined {
  const { bytes } = scanner;
  let at = start;
  while (at < end) {
    at = afterSpace(bytes, at, end);
    let from = at;
    while (at < end && bytes[at] !== EQUALS && bytes[at]! > SPACE) {
      if (bytes[at] === COLON) from = at + 1;
      at++;
    }
    const found = scanner.slice(from, at);
    at = afterSpace(bytes, at, end);
    if (bytes[at] !== EQUALS) return undefined;
    at = afterSpace(bytes, at + 1, end);
    const quote = bytes[at];
    if (quote !== 0x22 && quote !== 0x27) return undefined;
    const close = bytes.indexOf(quote, at + 1);
    if (close < 0 || close >= end) return undefined;
    if (found === name) return decodeXmlText(scanner, at + 1, close);
    at = close + 1;
  }
  return undefined;
}

function afterSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! <= SPACE) at++;
  return at;
}

/** An offending text in an error message: it may be as long as the body. */
function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
