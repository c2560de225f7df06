import { ResponseParseError } from "../client/errors.ts";
import type { Decimal } from "./decimal.ts";
import { characterOf, decodeXmlText, skipXmlMarkup, xmlReferenceAt } from "./xml-text.ts";
import { epochMillisecondsOf } from "./xml-timestamp.ts";
import {
  booleanOfText,
  decimalOfText,
  floatOfText,
  integerOfText,
  timestampOfText,
  xmlAttribute,
} from "./xml-values.ts";

/** Elements may nest this deep; deeper bodies are refused (CL-19). AWS's deepest answers have about 15. */
export const xmlDepthMax = 256;

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const AMPERSAND = 0x26;
const COLON = 0x3a;
const RETURN = 0x0d;
const SPACE = 0x20;
const BANG = 0x21;
const QUESTION = 0x3f;
const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * Walks over one XML document without making a tree. It reads bytes; text is cut from a string of
 * the same length, in which every byte is one character, and only text beyond ASCII is decoded.
 *
 * `next` goes to the next child element of the open element; what follows must take that child with
 * exactly one of the readers (`text`, `integer`, …, `skip`), or open it with `enter` and call `next`
 * until it is `false`.
 */
export class XmlScanner {
  /** The document. */
  readonly bytes: Buffer;
  readonly #latin: string;
  readonly #length: number;
  #position = 0;
  /** Start of the current tag's name, prefix included. */
  #tagStart = 0;
  /** Start of the current tag's name without its prefix. */
  nameStart = 0;
  nameEnd = 0;
  /** Where the current start tag ends, before its `>` or `/>`; attributes are between. */
  #attributesEnd = 0;
  /** The current tag closes itself. */
  #empty = false;
  /** The request id that the document holds, where a reader of it has found one. */
  requestId: string | undefined = undefined;
  /** Start and end of the names of the open elements. */
  readonly #open: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#length = bytes.length;
    this.#latin = bytes.toString("latin1");
    // A byte order mark is no content.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#position = 3;
  }

  /** Opens the element whose start tag was read last: `next` then goes through its children. */
  enter(): void {
    const open = this.#open;
    if (open.length >= 2 * xmlDepthMax) {
      throw this.error(`elements nest deeper than ${xmlDepthMax}`);
    }
    open.push(this.#tagStart, this.nameEnd);
  }

  /** Goes to the next child of the open element; `false`: the element has ended and is closed. */
  next(): boolean {
    if (this.#empty) {
      this.#empty = false;
      this.#leave();
      return false;
    }
    const { bytes } = this;
    const length = this.#length;
    let at = this.#position;
    for (;;) {
      while (at < length && bytes[at] !== LESS) at++;
      if (at + 1 >= length) throw this.#cut();
      const first = bytes[at + 1]!;
      if (first === SLASH) {
        const open = this.#open;
        const end = open[open.length - 1] ?? 0;
        this.#position = this.#closed(at, open[open.length - 2] ?? 0, end);
        this.#leave();
        return false;
      }
      if (first !== BANG && first !== QUESTION) break;
      at = skipXmlMarkup(this, at);
    }
    this.#startTag(at + 1);
    return true;
  }

  /**
   * Goes to the root element, over what may come before it.
   * @throws ResponseParseError when there is none.
   */
  root(): void {
    const { bytes } = this;
    const length = this.#length;
    let at = this.#position;
    for (;;) {
      while (at < length && bytes[at]! <= SPACE) at++;
      if (at + 1 >= length) throw this.#cut();
      if (bytes[at] !== LESS) throw this.error("it is not XML");
      const first = bytes[at + 1]!;
      if (first !== BANG && first !== QUESTION) break;
      at = skipXmlMarkup(this, at);
    }
    this.#startTag(at + 1);
  }

  /** The document's end must follow: white space and comments only. */
  end(): void {
    const { bytes } = this;
    let at = this.#position;
    while (at < this.#length) {
      if (bytes[at]! <= SPACE) at++;
      else if (bytes[at] === LESS && (bytes[at + 1] === BANG || bytes[at + 1] === QUESTION)) {
        at = skipXmlMarkup(this, at);
      } else throw this.error("something follows the root element");
    }
  }

  /** Where the scanner is: after the tag or the child that was read last. */
  get position(): number {
    return this.#position;
  }

  /** Where the current tag starts, at its `<`. */
  get tagPosition(): number {
    return this.#tagStart - 1;
  }

  /** Local name of the current tag. */
  name(): string {
    return this.slice(this.nameStart, this.nameEnd);
  }

  /** Takes the child with all it contains. */
  skip(): void {
    const outer = this.#open.length;
    this.enter();
    while (this.#open.length > outer) if (this.next()) this.enter();
  }

  /** Takes the child and gives its source between its tags. */
  source(): string {
    const start = this.#position;
    if (this.#empty) {
      this.skip();
      return "";
    }
    this.skip();
    return this.slice(start, this.bytes.lastIndexOf(LESS, this.#position - 1));
  }

  /** Takes the child and gives its text; elements in it do not count. */
  text(): string {
    if (this.#empty) {
      this.#empty = false;
      return "";
    }
    const { bytes } = this;
    const length = this.#length;
    let start = this.#position;
    let at = start;
    let high = 0;
    let byte = 0;
    let text = "";
    for (;;) {
      while (at < length) {
        byte = bytes[at]!;
        if (byte === LESS || byte === AMPERSAND || byte === RETURN) break;
        high |= byte;
        at++;
      }
      if (high >= 0x80 || byte === RETURN || at + 1 >= length) return this.#mixedText();
      if (byte === LESS) break;
      // References are common: S3's entity tags are in &quot;.
      const reference = xmlReferenceAt(bytes, at);
      if (reference === 0) return this.#mixedText();
      text += this.#latin.substring(start, at) + characterOf(reference);
      start = at += reference & 15;
    }
    if (bytes[at + 1] !== SLASH) return this.#mixedText();
    this.#position = this.#closed(at, this.#tagStart, this.nameEnd);
    return text === "" ? this.#latin.substring(start, at) : text + this.#latin.substring(start, at);
  }

  /** Takes the child as an integer: a `bigint` outside ±(2^53−1); `undefined` when it is empty. */
  integer(): number | bigint | undefined {
    const { bytes } = this;
    let at = this.#position;
    let value = 0;
    if (!this.#empty) {
      const negative = bytes[at] === MINUS;
      if (negative) at++;
      const start = at;
      for (let digit = 0; at < this.#length && at - start < 16; at++) {
        digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      // Fifteen digits at most are exact whatever they are.
      if (at > start && at - start <= 15 && bytes[at] === LESS && bytes[at + 1] === SLASH) {
        this.#position = this.#closed(at, this.#tagStart, this.nameEnd);
        return negative ? 0 - value : value;
      }
    }
    return integerOfText(this, this.text().trim());
  }

  /** Takes the child as a number, `NaN` and infinities included; `undefined` when it is empty. */
  float(): number | undefined {
    return floatOfText(this, this.text().trim());
  }

  /** Takes the child as a decimal of any precision; `undefined` when it is empty. */
  decimal(): number | bigint | Decimal | undefined {
    return decimalOfText(this, this.text().trim());
  }

  /** Takes the child as a boolean; `undefined` when it is empty. */
  boolean(): boolean | undefined {
    const text = this.text();
    if (text === "true") return true;
    return text === "false" ? false : booleanOfText(this, text.trim().toLowerCase());
  }

  /** Takes the child as base64. */
  blob(): Buffer {
    return Buffer.from(this.text(), "base64");
  }

  /** Takes the child as a time in any of AWS's forms; `undefined` when it is empty. */
  timestamp(): Date | undefined {
    const start = this.#position;
    if (!this.#empty) {
      const { bytes } = this;
      let end = start + 20;
      if (bytes[start + 19] === 0x2e) end += 4;
      if (bytes[end] === LESS && bytes[end + 1] === SLASH) {
        const milliseconds = epochMillisecondsOf(bytes, start, end);
        if (milliseconds !== undefined) {
          this.#position = this.#closed(end, this.#tagStart, this.nameEnd);
          return new Date(milliseconds);
        }
      }
    }
    return timestampOfText(this, this.text().trim());
  }

  /** An attribute of the current tag by its local name; read before the child is taken. */
  attribute(name: string): string | undefined {
    const end = this.#attributesEnd;
    return this.nameEnd === end ? undefined : xmlAttribute(this, name, this.nameEnd, end);
  }

  /** Text of the document between two positions, as it is. */
  slice(start: number, end: number): string {
    const text = this.#latin.substring(start, end);
    for (let index = 0; index < text.length; index++) {
      if (text.charCodeAt(index) >= 0x80) return this.bytes.toString("utf8", start, end);
    }
    return text;
  }

  /** An error that says why the document is refused. */
  error(reason: string): ResponseParseError {
    return new ResponseParseError(`Cannot read the XML response: ${reason}`, this.bytes);
  }

  #cut(): ResponseParseError {
    return this.error(this.#length === 0 ? "it is empty" : "it ends before its root element does");
  }

  #leave(): void {
    this.#open.pop();
    this.#open.pop();
  }

  /** Reads a start tag from its name on. */
  #startTag(start: number): void {
    const { bytes } = this;
    const length = this.#length;
    let at = start;
    let byte = 0;
    this.nameStart = start;
    while (at < length) {
      byte = bytes[at]!;
      if (byte <= COLON) {
        if (byte === COLON) this.nameStart = at + 1;
        else if (byte === SLASH || byte <= SPACE) break;
      } else if (byte === GREATER || byte === LESS) break;
      at++;
    }
    this.#tagStart = start;
    this.nameEnd = at;
    if (at === this.nameStart) throw at >= length ? this.#cut() : this.error("a tag has no name");
    this.#attributesEnd = at;
    if (byte === GREATER && at < length) {
      this.#empty = false;
      this.#position = at + 1;
    } else this.#attributes(at);
  }

  /** Goes over attributes to the tag's end; a `>` in quotes is no end. */
  #attributes(from: number): void {
    const { bytes } = this;
    const length = this.#length;
    for (let at = from; at < length; at++) {
      const byte = bytes[at];
      if (byte === GREATER) {
        this.#empty = bytes[at - 1] === SLASH;
        this.#attributesEnd = this.#empty ? at - 1 : at;
        this.#position = at + 1;
        return;
      }
      if (byte === LESS) throw this.error("a tag has no end");
      if (byte === 0x22 || byte === 0x27) {
        at = bytes.indexOf(byte, at + 1);
        if (at < 0) break;
      }
    }
    throw this.#cut();
  }

  /** Checks the end tag at `at` against the name between the two positions; gives where it ends. */
  #closed(at: number, nameStart: number, nameEnd: number): number {
    const { bytes } = this;
    let to = at + 2;
    for (let from = nameStart; from < nameEnd; from++, to++) {
      if (bytes[from] !== bytes[to]) throw this.#mismatch(to, nameStart, nameEnd);
    }
    while (to < this.#length && bytes[to]! <= SPACE) to++;
    if (bytes[to] !== GREATER) throw this.#mismatch(to, nameStart, nameEnd);
    return to + 1;
  }

  #mismatch(at: number, nameStart: number, nameEnd: number): ResponseParseError {
    if (at >= this.#length) return this.#cut();
    const name = this.slice(nameStart, nameEnd);
    return this.error(`the element "${name}" is closed by another end tag`);
  }

  /** Text with references, CDATA sections, comments or bytes beyond ASCII. */
  #mixedText(): string {
    const { bytes } = this;
    const length = this.#length;
    const outer = this.#open.length;
    this.enter();
    let text = "";
    let at = this.#position;
    for (;;) {
      const start = at;
      at = bytes.indexOf(LESS, start);
      if (at < 0 || at + 1 >= length) throw this.#cut();
      if (at > start) text += decodeXmlText(this, start, at);
      const first = bytes[at + 1]!;
      if (first === SLASH) break;
      if (first === BANG || first === QUESTION) {
        const end = skipXmlMarkup(this, at);
        if (bytes[at + 2] === 0x5b) text += this.slice(at + 9, end - 3).replaceAll("\r\n", "\n");
        at = end;
      } else {
        this.#startTag(at + 1);
        this.skip();
        at = this.#position;
      }
    }
    const open = this.#open;
    this.#position = this.#closed(at, open[outer]!, open[outer + 1]!);
    this.#leave();
    return text;
  }
}
