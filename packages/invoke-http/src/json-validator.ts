import {
  controlCharacter,
  type expectations,
  invalidUtf8Middle,
  invalidUtf8Start,
  jsonFaultMessage,
  leadingZero,
  unexpectedCharacter,
  unexpectedEnd,
  unrecognizedEscape,
  unrecognizedToken,
} from "./json-fault.ts";
import {
  afterNumberByte,
  isDigit,
  isHexDigit,
  isNumberEnd,
  jsonState as state,
} from "./json-state.ts";
import { plainRunEnd } from "./plain-run.ts";

const literals = [Buffer.from("true"), Buffer.from("false"), Buffer.from("null")] as const;

/** Levels of nesting that fit in one number, one bit each. */
const levelsPerNumber = 31;

/**
 * Whether a document is JSON in UTF-8 (RFC 8259, any value), found while its bytes arrive.
 *
 * Nothing is kept but the state: a document of any size takes the same memory, less one bit for each
 * level of nesting. There is no recursion, so depth is limited by the size of the document alone.
 */
export class JsonValidator {
  #state: number = state.value;
  /** Open objects and arrays. */
  #depth = 0;
  /** The innermost levels, the innermost of all in bit 0: 1 for an object. */
  #levels = 0;
  /** The outer levels, 31 to a number. */
  #outerLevels: number[] | undefined;
  /** The string being read is a field name. */
  #inName = false;
  /** The literal being read, and how many of its bytes have been. */
  #literal: Buffer = literals[0];
  #literalBytes = 0;
  /** Hex digits, or bytes of a character, that are still to come. */
  #missing = 0;
  /** Range of the next byte of the character being read. */
  #low = 0x80;
  #high = 0xbf;
  /** Bytes of the chunks before this one. */
  #offset = 0;
  #line = 1;
  #lineOffset = 0;
  #fault = "";
  #column = 0;

  /** Takes the next bytes. `false`: this cannot become JSON whatever follows. */
  write(chunk: Uint8Array): boolean {
    let index = 0;
    while (index < chunk.length) {
      if (this.#state <= state.done) index = this.#readToken(chunk, index);
      else if (this.#state === state.string) index = this.#readString(chunk, index);
      else if (this.#state === state.literal) index = this.#readLiteral(chunk, index);
      else if (this.#state === state.character) index = this.#readCharacter(chunk, index);
      else if (this.#state <= state.hexDigits) index = this.#readEscape(chunk, index);
      else if (this.#state <= state.exponentDigits) index = this.#readNumber(chunk, index);
      else return false;
    }
    this.#offset += chunk.length;
    return this.#state !== state.broken;
  }

  /** Says that no more bytes come. `true`: they were JSON. */
  end(): boolean {
    switch (this.#state) {
      case state.done:
        return true;
      case state.zero:
      case state.integer:
      case state.fraction:
      case state.exponentDigits:
        if (this.#depth === 0) return true;
        break;
      case state.broken:
        return false;
      default:
        break;
    }
    this.#fail(unexpectedEnd(), 0);
    return false;
  }

  /** What is wrong, as AWS words it, once {@link write} or {@link end} has said `false`. */
  get fault(): string {
    return jsonFaultMessage(this.#fault, { line: this.#line, column: this.#column });
  }

  /** Between tokens: skips white space and takes the first byte of a token. */
  #readToken(chunk: Uint8Array, start: number): number {
    let index = start;
    for (; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (byte > 0x20) {
        this.#startToken(byte, index);
        return index + 1;
      }
      if (byte === 0x0a) {
        this.#line++;
        this.#lineOffset = this.#offset + index + 1;
      } else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) {
        return this.#refuse(byte, index);
      }
    }
    return index;
  }

  #startToken(byte: number, index: number): void {
    switch (this.#state) {
      case state.value:
        this.#startValue(byte, index);
        break;
      case state.firstElement:
        if (byte === 0x5d) this.#close();
        else this.#startValue(byte, index);
        break;
      case state.firstName:
      case state.name:
        if (byte === 0x22) {
          this.#inName = true;
          this.#state = state.string;
        } else if (byte === 0x7d && this.#state === state.firstName) this.#close();
        else this.#refuse(byte, index);
        break;
      case state.colon:
        if (byte === 0x3a) this.#state = state.value;
        else this.#refuse(byte, index);
        break;
      case state.afterValue:
        this.#continue(byte, index);
        break;
      default:
        this.#refuse(byte, index);
    }
  }

  #startValue(byte: number, index: number): void {
    switch (byte) {
      case 0x22: // "
        this.#inName = false;
        this.#state = state.string;
        break;
      case 0x7b: // {
        this.#open(1);
        this.#state = state.firstName;
        break;
      case 0x5b: // [
        this.#open(0);
        this.#state = state.firstElement;
        break;
      case 0x2d: // -
        this.#state = state.minus;
        break;
      case 0x30:
        this.#state = state.zero;
        break;
      case 0x74: // t
        this.#startLiteral(literals[0]);
        break;
      case 0x66: // f
        this.#startLiteral(literals[1]);
        break;
      case 0x6e: // n
        this.#startLiteral(literals[2]);
        break;
      default:
        if (byte > 0x30 && byte <= 0x39) this.#state = state.integer;
        else this.#refuse(byte, index);
    }
  }

  #startLiteral(literal: Buffer): void {
    this.#literal = literal;
    this.#literalBytes = 1;
    this.#state = state.literal;
  }

  /** After a value inside an object or array. */
  #continue(byte: number, index: number): void {
    const inObject = (this.#levels & 1) === 1;
    if (byte === 0x2c) this.#state = inObject ? state.name : state.value;
    else if (byte === (inObject ? 0x7d : 0x5d)) this.#close();
    else this.#refuse(byte, index);
  }

  #open(level: 0 | 1): void {
    if (this.#depth !== 0 && this.#depth % levelsPerNumber === 0) {
      this.#outerLevels ??= [];
      this.#outerLevels.push(this.#levels);
      this.#levels = 0;
    }
    this.#levels = (this.#levels << 1) | level;
    this.#depth++;
  }

  #close(): void {
    this.#levels >>>= 1;
    this.#depth--;
    if (this.#depth !== 0 && this.#depth % levelsPerNumber === 0) {
      this.#levels = this.#outerLevels?.pop() ?? 0;
    }
    this.#endValue();
  }

  #endValue(): void {
    this.#state = this.#depth === 0 ? state.done : state.afterValue;
  }

  #readString(chunk: Uint8Array, start: number): number {
    let index = start;
    for (;;) {
      index = plainRunEnd(chunk, index);
      if (index === chunk.length) return index;
      const byte = chunk[index] as number;
      if (byte === 0x22) {
        if (this.#inName) this.#state = state.colon;
        else this.#endValue();
        return index + 1;
      }
      if (byte === 0x5c) {
        this.#state = state.escape;
        return index + 1;
      }
      if (byte < 0x20) return this.#fail(controlCharacter(byte), index);
      if (!this.#startCharacter(byte)) return this.#fail(invalidUtf8Start(byte), index);
      index = this.#readCharacter(chunk, index + 1);
      if (this.#state !== state.string) return index;
    }
  }

  /** First byte of a character of several bytes: how many follow, and the range of the first of them. */
  #startCharacter(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#low = 0x80;
    this.#high = 0xbf;
    if (byte < 0xe0) this.#missing = 1;
    else if (byte < 0xf0) {
      this.#missing = 2;
      // No overlong forms, no surrogates.
      if (byte === 0xe0) this.#low = 0xa0;
      else if (byte === 0xed) this.#high = 0x9f;
    } else {
      this.#missing = 3;
      // No overlong forms, nothing above U+10FFFF.
      if (byte === 0xf0) this.#low = 0x90;
      else if (byte === 0xf4) this.#high = 0x8f;
    }
    this.#state = state.character;
    return true;
  }

  #readCharacter(chunk: Uint8Array, start: number): number {
    let index = start;
    for (; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (byte < this.#low || byte > this.#high) return this.#fail(invalidUtf8Middle(byte), index);
      this.#low = 0x80;
      this.#high = 0xbf;
      this.#missing--;
      if (this.#missing === 0) {
        this.#state = state.string;
        return index + 1;
      }
    }
    return index;
  }

  /** One byte after a backslash, or one hex digit. */
  #readEscape(chunk: Uint8Array, index: number): number {
    const byte = chunk[index] as number;
    if (this.#state === state.hexDigits) {
      if (!isHexDigit(byte)) return this.#fail(unexpectedCharacter(byte, "hexDigit"), index);
      this.#missing--;
      if (this.#missing === 0) this.#state = state.string;
      return index + 1;
    }
    switch (byte) {
      case 0x22: // "
      case 0x5c: // \
      case 0x2f: // /
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        this.#state = state.string;
        return index + 1;
      case 0x75: // u
        this.#missing = 4;
        this.#state = state.hexDigits;
        return index + 1;
      default:
        return this.#fail(unrecognizedEscape(byte), index);
    }
  }

  #readLiteral(chunk: Uint8Array, start: number): number {
    let index = start;
    for (; index < chunk.length; index++) {
      if (chunk[index] !== this.#literal[this.#literalBytes]) {
        return this.#fail(unrecognizedToken(), index);
      }
      this.#literalBytes++;
      if (this.#literalBytes === this.#literal.length) {
        this.#endValue();
        return index + 1;
      }
    }
    return index;
  }

  /** Takes the bytes of a number. The byte after it is not taken. */
  #readNumber(chunk: Uint8Array, start: number): number {
    let index = start;
    for (; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      const next = afterNumberByte(this.#state, byte);
      if (next === undefined) {
        if (this.#state === state.zero && isDigit(byte)) return this.#fail(leadingZero(), index);
        if (isNumberEnd(this.#state)) {
          this.#endValue();
          return index;
        }
        return this.#fail(unexpectedCharacter(byte, "digit"), index);
      }
      this.#state = next;
    }
    return index;
  }

  /** Fails between tokens. */
  #refuse(byte: number, index: number): number {
    const isUtf8Start = byte < 0x80 || (byte >= 0xc2 && byte <= 0xf4);
    if (!isUtf8Start) return this.#fail(invalidUtf8Start(byte), index);
    return this.#fail(unexpectedCharacter(byte, this.#expectation()), index);
  }

  #expectation(): keyof typeof expectations {
    switch (this.#state) {
      case state.firstName:
      case state.name:
        return "name";
      case state.colon:
        return "colon";
      case state.afterValue:
        return (this.#levels & 1) === 1 ? "objectEntry" : "arrayEntry";
      case state.done:
        return "end";
      default:
        return "value";
    }
  }

  #fail(fault: string, index: number): number {
    this.#fault = fault;
    this.#column = this.#offset + index - this.#lineOffset + 1;
    this.#state = state.broken;
    return index;
  }
}
