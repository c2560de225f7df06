import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { JsonValidator } from "./json-validator.ts";

/** The message for a document that is not JSON; `undefined` for one that is. */
function validate(pieces: readonly Uint8Array[]): string | undefined {
  const validator = new JsonValidator();
  for (const piece of pieces) {
    if (!validator.write(piece)) {
      assert.equal(validator.end(), false);
      return validator.fault;
    }
  }
  return validator.end() ? undefined : validator.fault;
}

function oneByteEach(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What JSON.parse() and a fatal TextDecoder say. */
function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(decoder.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

const good = [
  "{}",
  "[]",
  "null",
  "true",
  "false",
  '""',
  "0",
  "-0",
  "-0.0e-0",
  "12.5E+07",
  "1e9999",
  ' \t\r\n{ "a" : [ 1 , -2.5 , "b" , null , true , false , { } , [ ] ] } \n',
  String.raw`"\"\\\/\b\f\n\r\t\u00e9\uD834\udd1e\ud800"`,
  '"\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}"',
  '{"__proto__":{"a":1},"a":1,"a":2,"":0}',
];

const tail = (column: number, line = 1): string =>
  ` at [Source: (byte[]); line: ${line}, column: ${column}]`;
const values =
  "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const end = "Unexpected end-of-input";
const bad: readonly (readonly [document: string | Uint8Array, fault: string])[] = [
  ["", end + tail(1)],
  [" ", end + tail(2)],
  ["x", `Unexpected character ('x' (code 120)): ${values}${tail(1)}`],
  ["NaN", `Unexpected character ('N' (code 78)): ${values}${tail(1)}`],
  ["'a'", `Unexpected character (''' (code 39)): ${values}${tail(1)}`],
  [
    "{x",
    `Unexpected character ('x' (code 120)): was expecting double-quote to start field name${tail(2)}`,
  ],
  [
    "{,",
    `Unexpected character (',' (code 44)): was expecting double-quote to start field name${tail(2)}`,
  ],
  [
    '{"a":1,}',
    `Unexpected character ('}' (code 125)): was expecting double-quote to start field name${tail(8)}`,
  ],
  [
    '{"a" 1}',
    `Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value${tail(6)}`,
  ],
  [
    '{"a":1 2}',
    `Unexpected character ('2' (code 50)): was expecting comma to separate Object entries${tail(8)}`,
  ],
  [
    '{"a":1]',
    `Unexpected character (']' (code 93)): was expecting comma to separate Object entries${tail(7)}`,
  ],
  [
    "[1}",
    `Unexpected character ('}' (code 125)): was expecting comma to separate Array entries${tail(3)}`,
  ],
  ["[1,]", `Unexpected character (']' (code 93)): ${values}${tail(4)}`],
  ["[,]", `Unexpected character (',' (code 44)): ${values}${tail(2)}`],
  [
    "{}\n\n {}",
    `Unexpected character ('{' (code 123)): was expecting the end of the input${tail(2, 3)}`,
  ],
  ["[1,\n2,\n  x]", `Unexpected character ('x' (code 120)): ${values}${tail(3, 3)}`],
  ["[\v]", `Unexpected character ((CTRL-CHAR, code 11)): ${values}${tail(2)}`],
  ["[\u00a0]", `Unexpected character (byte 0xc2): ${values}${tail(2)}`],
  ["\ufeff{}", `Unexpected character (byte 0xef): ${values}${tail(1)}`],
  ["tru", end + tail(4)],
  [
    "trux",
    `Unrecognized token: was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')${tail(4)}`,
  ],
  ["nulll", `Unexpected character ('l' (code 108)): was expecting the end of the input${tail(5)}`],
  ["01", `Invalid numeric value: Leading zeroes not allowed${tail(2)}`],
  ["-", end + tail(2)],
  [
    "-x",
    `Unexpected character ('x' (code 120)): expected digit (0-9) for valid numeric value${tail(2)}`,
  ],
  ["+1", `Unexpected character ('+' (code 43)): ${values}${tail(1)}`],
  [".5", `Unexpected character ('.' (code 46)): ${values}${tail(1)}`],
  ["1.", end + tail(3)],
  [
    "1.e5",
    `Unexpected character ('e' (code 101)): expected digit (0-9) for valid numeric value${tail(3)}`,
  ],
  ["1e", end + tail(3)],
  ["1e+", end + tail(4)],
  ["1e5.0", `Unexpected character ('.' (code 46)): was expecting the end of the input${tail(4)}`],
  ["1e5e5", `Unexpected character ('e' (code 101)): was expecting the end of the input${tail(4)}`],
  ["0x10", `Unexpected character ('x' (code 120)): was expecting the end of the input${tail(2)}`],
  ['"a', end + tail(3)],
  [
    '"a\nb"',
    `Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value${tail(3)}`,
  ],
  [
    '"\0"',
    `Illegal unquoted character ((CTRL-CHAR, code 0)): has to be escaped using backslash to be included in string value${tail(2)}`,
  ],
  [String.raw`"\x"`, `Unrecognized character escape 'x' (code 120)${tail(3)}`],
  [
    String.raw`"\u12g4"`,
    `Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence${tail(6)}`,
  ],
  [Buffer.from([0x87]), `Invalid UTF-8 start byte 0x87${tail(1)}`],
  [Buffer.from([0x22, 0x87, 0x22]), `Invalid UTF-8 start byte 0x87${tail(2)}`],
  [Buffer.from([0x22, 0xc0, 0x80, 0x22]), `Invalid UTF-8 start byte 0xc0${tail(2)}`],
  [Buffer.from([0x22, 0xf5, 0x80, 0x80, 0x80, 0x22]), `Invalid UTF-8 start byte 0xf5${tail(2)}`],
  [Buffer.from([0x22, 0xe0, 0x80, 0x80, 0x22]), `Invalid UTF-8 middle byte 0x80${tail(3)}`],
  [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), `Invalid UTF-8 middle byte 0xa0${tail(3)}`],
  [Buffer.from([0x22, 0xf0, 0x80, 0x80, 0x80, 0x22]), `Invalid UTF-8 middle byte 0x80${tail(3)}`],
  [Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]), `Invalid UTF-8 middle byte 0x90${tail(3)}`],
  [Buffer.from([0x22, 0xe2, 0x82, 0x22]), `Invalid UTF-8 middle byte 0x22${tail(4)}`],
  [Buffer.from([0x22, 0xe2, 0x82]), end + tail(4)],
];

describe("JsonValidator", () => {
  for (const document of good) {
    test(`accepts ${document.slice(0, 30)}`, () => {
      const bytes = Buffer.from(document);
      assert.equal(validate([bytes]), undefined);
      assert.equal(validate(oneByteEach(bytes)), undefined);
    });
  }

  for (const [document, fault] of bad) {
    test(`refuses ${JSON.stringify(String(document))} with AWS's text (HT-8)`, () => {
      const bytes = Buffer.from(document);
      const message = `Could not parse request body into json: Could not parse payload into json: ${fault}`;
      assert.equal(validate([bytes]), message);
      assert.equal(validate(oneByteEach(bytes)), message);
      assert.equal(isJson(bytes), false);
    });
  }

  for (const depth of [31, 32, 62, 63, 10_000, 1_000_000]) {
    test(`holds ${depth} levels of nesting (HT-8)`, () => {
      const open = "[".repeat(depth);
      assert.equal(validate([Buffer.from(open + "]".repeat(depth))]), undefined);
      assert.match(validate([Buffer.from(open + "]".repeat(depth - 1))]) ?? "", /end-of-input/);
      assert.match(
        validate([Buffer.from(open + "]".repeat(depth + 1))]) ?? "",
        /the end of the input/,
      );
      assert.match(validate([Buffer.from(`${open}}`)]) ?? "", /'}'/);
    });
  }

  test("tells objects from arrays at every level", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }),
        fc.nat(199),
        (kinds, wrong) => {
          const open = kinds.map((inObject) => (inObject ? '{"a":' : "[")).join("");
          const close = kinds.toReversed().map((inObject) => (inObject ? "}" : "]"));
          assert.equal(validate([Buffer.from(`${open}1${close.join("")}`)]), undefined);
          const at = wrong % close.length;
          close[at] = close[at] === "}" ? "]" : "}";
          assert.notEqual(validate([Buffer.from(`${open}1${close.join("")}`)]), undefined);
        },
      ),
    );
  });

  test("says what JSON.parse() and a fatal TextDecoder say, at every split (HT-8)", () => {
    const json = fc.json({ stringUnit: "binary", maxDepth: 4 });
    const spaced = fc
      .tuple(fc.jsonValue({ stringUnit: "grapheme" }), fc.constantFrom(1, "\t", "\r\n"))
      .map(([value, space]) => JSON.stringify(value, undefined, space));
    const document = fc.oneof(json, spaced).map((text) => new Uint8Array(Buffer.from(text)));
    const syntax = Buffer.from(
      '{}[]",:\\/u0123456789.+-eEtrufalsn \n\t\0\u0080\u07ff\ud7ff\u{10ffff}',
    );
    const byte = fc.oneof(fc.constantFrom(...syntax), fc.nat(255));
    const mutated = fc
      .tuple(document, fc.array(fc.tuple(fc.nat(), byte, fc.nat(2)), { maxLength: 3 }))
      .map(([bytes, changes]) => {
        const changed = [...bytes];
        for (const [where, value, removed] of changes) {
          changed.splice(where % (changed.length + 1), removed, value);
        }
        return new Uint8Array(changed);
      });
    const noise = fc.array(byte, { maxLength: 12 }).map((bytes) => new Uint8Array(bytes));
    fc.assert(
      fc.property(fc.oneof(document, mutated, noise), (bytes) => {
        const expected = isJson(bytes);
        assert.equal(validate([bytes]) === undefined, expected);
        assert.equal(validate(oneByteEach(bytes)) === undefined, expected);
        for (let cut = 1; cut < Math.min(bytes.length, 40); cut++) {
          const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
          assert.equal(validate(pieces) === undefined, expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("finds every special byte of a long string, wherever it is", () => {
    for (let offset = 0; offset < 4; offset++) {
      for (let special = 0; special < 256; special++) {
        const memory = Buffer.alloc(200 + offset, "x");
        const bytes = memory.subarray(offset);
        bytes[0] = 0x22;
        bytes[199] = 0x22;
        bytes[100 + (special % 60)] = special;
        assert.equal(validate([bytes]) === undefined, isJson(bytes), `${special} at ${offset}`);
      }
    }
  });
});
