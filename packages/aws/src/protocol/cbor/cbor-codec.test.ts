import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Decimal } from "../decimal.ts";
import { member, scalar } from "../shapes-fixture.test.ts";
import { cborDepthMax, decodeCbor } from "./cbor-decoder.ts";
import { CborEncoder, cborScalar } from "./cbor-encoder.ts";

function encode(value: unknown, kind: Parameters<typeof scalar>[0] = "document"): Buffer {
  const encoder = new CborEncoder();
  cborScalar(member("", scalar(kind)))(encoder, value);
  return encoder.take();
}

function decode(hex: string): unknown {
  return decodeCbor(Buffer.from(hex, "hex")).value;
}

describe("decodeCbor()", () => {
  for (const [what, hex, value] of [
    ["an integer that a number cannot hold", "1b0020000000000000", 2n ** 53n],
    ["the last integer that a number holds", "1b001fffffffffffff", 2 ** 53 - 1],
    ["a negative integer that a number cannot hold", "3b001fffffffffffff", -(2n ** 53n)],
    ["the least 64-bit negative integer", "3bffffffffffffffff", -(2n ** 64n)],
    ["a timestamp of whole seconds", "c101", new Date(1000)],
    ["a timestamp with a fraction", "c1fb3ff8000000000000", new Date(1500)],
    ["a positive bignum", "c249010000000000000000", 2n ** 64n],
    ["a negative bignum", "c349010000000000000000", -(2n ** 64n) - 1n],
    ["an empty bignum", "c240", 0],
    ["a bignum that a number holds", "c24105", 5],
    ["a negative bignum that a number holds", "c34104", -5],
    ["a decimal fraction of a bignum", "c48221c2426ab3", 273.15],
    ["a decimal fraction", "c48221196ab3", 273.15],
    [
      "a decimal fraction that no number holds",
      "c482211b7fffffffffffffff",
      new Decimal("9223372036854775807e-2"),
    ],
    ["unknown tags", "d9d9f7da00010000d81801", 1],
    ["a half", "f93c00", 1],
    ["the least half", "f90001", 2 ** -24],
    ["a negative half zero", "f98000", -0],
    ["undefined as null", "f7", null],
    ["a text of chunks", "7f6161626262ff", "abb"],
    ["bytes of chunks", "5f410142ffffff", Buffer.from([1, 255, 255])],
    ["a long text", `7818${"c3a9".repeat(12)}`, "é".repeat(12)],
    [
      "a key like the prototype's",
      "a1695f5f70726f746f5f5fa16178f5",
      Object.fromEntries([["__proto__", { x: true }]]),
    ],
  ] as const) {
    test(`reads ${what}`, () => {
      assert.deepEqual(decode(hex), value);
    });
  }

  test("says whether there is a null", () => {
    assert.equal(decodeCbor(Buffer.from("8101", "hex")).hasNull, false);
    assert.equal(decodeCbor(Buffer.from("81f6", "hex")).hasNull, true);
  });

  for (const [what, hex] of [
    ["nothing", ""],
    ["bytes after the item", "0000"],
    ["a lone break", "ff"],
    ["a break in a definite list", "81ff"],
    ["a break as a map's value", "bf6161ff"],
    ["a break after a tag", "c1ff"],
    ["an array longer than the rest", "9b00ffffffffffffff"],
    ["a map longer than the rest", "bb00ffffffffffffff"],
    ["a text longer than the rest", "7bffffffffffffffff"],
    ["a number as key", "a10101"],
    ["reserved simple values", "f8ff"],
    ["an indefinite integer", "1f"],
    ["a time that is no number", "c1fb7ff8000000000000"],
    ["a time beyond ECMAScript's", "c1fb7fe0000000000000"],
    ["a time beyond ECMAScript's, as an integer", "c11bffffffffffffffff"],
    // Its decimal text would take seconds (CL-19).
    ["a bignum longer than any", `c25a00100000${"ff".repeat(1 << 20)}`],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => decode(hex), RangeError));
  }

  for (const [what, open, close] of [
    ["arrays", "81", ""],
    ["indefinite arrays", "9f", "ff"],
    ["maps", "a161", ""],
    ["tags", "c1", ""],
  ] as const) {
    test(`ends ${what} of any depth with an error (CL-19)`, () => {
      assert.throws(
        () => decode(open.repeat(1_000_000) + "00" + close.repeat(1_000_000)),
        RangeError,
      );
    });
  }

  test("takes items within items up to its limit", () => {
    assert.ok(decode(`${"81".repeat(cborDepthMax)}00`));
    assert.throws(() => decode(`${"81".repeat(cborDepthMax + 1)}00`), RangeError);
  });

  test("ends any bytes with a value or a RangeError (CL-19)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeCbor(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("CborEncoder", () => {
  for (const [value, hex] of [
    [23, "17"],
    [24, "1818"],
    [255, "18ff"],
    [256, "190100"],
    [65_536, "1a00010000"],
    [2 ** 32, "1b0000000100000000"],
    [-1, "20"],
    [-(2 ** 53 - 1), "3b001ffffffffffffe"],
    [2n ** 64n - 1n, "1bffffffffffffffff"],
    [-(2n ** 64n), "3bffffffffffffffff"],
    [2n ** 64n, "c249010000000000000000"],
    [-(2n ** 64n) - 1n, "c349010000000000000000"],
  ] as const) {
    test(`writes the integer ${value} in the smallest form`, () => {
      assert.equal(encode(value, "bigInteger").toString("hex"), hex);
    });
  }

  test("writes floats in single precision when that loses nothing", () => {
    assert.equal(encode(1.5, "float").toString("hex"), "fa3fc00000");
    assert.equal(encode(0.1, "float").toString("hex"), "fb3fb999999999999a");
    assert.equal(encode(1.5, "double").toString("hex"), "fb3ff8000000000000");
  });

  test("writes timestamps as seconds with tag 1", () => {
    assert.equal(encode(new Date(1500), "timestamp").toString("hex"), "c1fb3ff8000000000000");
  });

  test("writes decimals with tag 4", () => {
    assert.equal(decode(encode("-1.50e3", "bigDecimal").toString("hex")), -1500);
  });

  test("is undone by decodeCbor() for any document", () => {
    const documents = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(documents, (value) => {
        assert.deepEqual(decodeCbor(encode(value)).value, value);
      }),
    );
  });

  test("grows", () => {
    const text = "é".repeat(100_000);
    assert.ok(Array.isArray(decodeCbor(encode([text, Buffer.alloc(5000), text])).value));
    assert.equal((decodeCbor(encode([text, text])).value as string[])[1], text);
  });
});
