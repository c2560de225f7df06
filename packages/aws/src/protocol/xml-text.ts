import type { XmlScanner } from "./xml-scanner.ts";

const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;

/**
 * Character data between two positions, with its references resolved and line ends as XML 1.0 §2.11
 * says. The five named entities and numeric references only: entities are never expanded (CL-19).
 * An ampersand that starts no reference is an ampersand that a server forgot to escape.
 * @throws ResponseParseError for a reference to any other entity.
 */
export function decodeXmlText(scanner: XmlScanner, start: number, end: number): string {
  const { bytes } = scanner;
  let text = "";
  let from = start;
  for (;;) {
    // Not `indexOf`: it would search the rest of the document for every piece of text (CL-19).
    let at = from;
    while (at < end && bytes[at] !== AMPERSAND) at++;
    if (at >= end) return text + withLineEnds(scanner.slice(from, end));
    const reference = xmlReferenceAt(bytes, at);
    text += withLineEnds(scanner.slice(from, at));
    if (reference === 0) {
      const name = /^&[A-Za-z#][\w.-]{0,30};/.exec(bytes.toString("latin1", at, at + 40))?.[0];
      if (name !== undefined) throw scanner.error(`"${name}" is not a reference that XML defines`);
      text += "&";
      from = at + 1;
    } else {
      text += characterOf(reference);
      from = at + (reference & 15);
    }
  }
}

function withLineEnds(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text;
}

/**
 * The reference at an ampersand: its code point times 16, plus its length in bytes; 0 when it is
 * none that XML defines. Control characters are allowed: S3 sends them, as references, in keys.
 */
export function xmlReferenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1];
  if (first === 0x71) {
    return has(bytes, at + 2, 0x75, 0x6f, 0x74, SEMICOLON) ? (0x22 << 4) | 6 : 0; // &quot;
  }
  if (first === 0x61) {
    if (has(bytes, at + 2, 0x6d, 0x70, SEMICOLON)) return (0x26 << 4) | 5; // &amp;
    return has(bytes, at + 2, 0x70, 0x6f, 0x73, SEMICOLON) ? (0x27 << 4) | 6 : 0; // &apos;
  }
  if (first === 0x23) return numericReferenceAt(bytes, at);
  if (first !== 0x6c && first !== 0x67) return 0;
  if (!has(bytes, at + 2, 0x74, SEMICOLON)) return 0;
  return ((first === 0x6c ? 0x3c : 0x3e) << 4) | 4; // &lt; &gt;
}

/** The character of a reference that `xmlReferenceAt` gave. */
export function characterOf(reference: number): string {
  const code = reference >> 4;
  return code < 0x10000 ? String.fromCharCode(code) : String.fromCodePoint(code);
}

function has(bytes: Uint8Array, at: number, a: number, b: number, c = -1, d = -1): boolean {
  if (bytes[at] !== a || bytes[at + 1] !== b) return false;
  return (c < 0 || bytes[at + 2] === c) && (d < 0 || bytes[at + 3] === d);
}

function numericReferenceAt(bytes: Uint8Array, start: number): number {
  const hexadecimal = (bytes[start + 2] ?? 0) === 0x78;
  const base = hexadecimal ? 16 : 10;
  const first = start + (hexadecimal ? 3 : 2);
  let at = first;
  let code = 0;
  // The length must fit its four bits: &#x0010FFFF; is the longest that counts.
  for (; at < first + 10; at++) {
    const digit = digitOf(bytes[at] ?? 0);
    if (digit < 0 || digit >= base) break;
    code = code * base + digit;
  }
  const length = at + 1 - start;
  if (at === first || bytes[at] !== SEMICOLON || length > 15) return 0;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
  return (code << 4) | length;
}

function digitOf(byte: number): number {
  if (byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Goes over a comment, a CDATA section or a processing instruction that starts at `at`; gives where
 * it ends.
 * @throws ResponseParseError for a document type declaration (CL-19) and for what has no end.
 */
export function skipXmlMarkup(scanner: XmlScanner, at: number): number {
  const { bytes } = scanner;
  if (bytes[at + 1] === 0x3f) return after(scanner, "?>", at + 2);
  if (bytes[at + 2] === 0x2d && bytes[at + 3] === 0x2d) return after(scanner, "-->", at + 4);
  if (bytes.toString("latin1", at + 2, at + 9) === "[CDATA[") return after(scanner, "]]>", at + 9);
  throw scanner.error("it has a declaration other than comments and CDATA sections");
}

function after(scanner: XmlScanner, mark: string, from: number): number {
  const found = scanner.bytes.indexOf(mark, from, "latin1");
  if (found < 0) throw scanner.error("it ends within a comment, CDATA section or instruction");
  return found + mark.length;
}
