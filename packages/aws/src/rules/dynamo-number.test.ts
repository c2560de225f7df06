import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DynamoNumber, numberProblem, readAutoNumber, readBigInt } from "./dynamo-number.ts";

describe("DynamoNumber", () => {
  test("keeps the decimal text", () => {
    const number = new DynamoNumber("1.10");
    assert.equal(String(number), "1.10");
    assert.equal(JSON.stringify({ number }), '{"number":"1.10"}');
    assert.equal(number.toNumber(), 1.1);
  });

  test("equals numbers of the same value, in any form", () => {
    const number = new DynamoNumber("1500");
    for (const same of [1500, 1500n, "1.50e3", new DynamoNumber("1500.0")]) {
      assert.ok(number.equals(same), String(same));
    }
    for (const other of [1501, -1500, "x", Number.NaN]) assert.ok(!number.equals(other));
  });

  test("is told apart from others by its members, as pages of keys need it", () => {
    assert.notDeepEqual(new DynamoNumber("1.5"), new DynamoNumber("2.5"));
  });

  test("becomes a bigint if it is an integer", () => {
    assert.equal(new DynamoNumber("1.5e3").toBigInt(), 1500n);
    assert.equal(new DynamoNumber("-9007199254740993").toBigInt(), -9007199254740993n);
    assert.equal(new DynamoNumber("0.0").toBigInt(), 0n);
    assert.throws(() => new DynamoNumber("1.5").toBigInt(), RangeError);
  });

  for (const text of ["", "x", "1,5", "NaN", "Infinity", "0x10", "1e", " 1"]) {
    test(`refuses "${text}"`, () => assert.throws(() => new DynamoNumber(text), RangeError));
  }
});

const automatic: [string, unknown][] = [
  ["0", 0],
  ["-1.5", -1.5],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", 9007199254740993n],
  ["0.1", 0.1],
  ["1E+30", 1e30],
  ["123456789012345678901234567890", 123456789012345678901234567890n],
];

describe("readAutoNumber()", () => {
  for (const [text, expected] of automatic) {
    test(`reads ${text}`, () => assert.deepEqual(readAutoNumber(text), expected));
  }

  test("keeps fractions that a number would round", () => {
    const number = readAutoNumber("0.12345678901234567890123");
    assert.ok(number instanceof DynamoNumber);
    assert.equal(String(number), "0.12345678901234567890123");
  });

  test("never loses a digit", () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.nat(40));
    fc.assert(
      fc.property(digits, ([mantissa, scale]) => {
        const text = `${mantissa}E-${scale}`;
        assert.ok(new DynamoNumber(text).equals(String(readAutoNumber(text))), text);
      }),
    );
  });
});

test("readBigInt() gives integers as bigint, fractions as they are", () => {
  assert.equal(readBigInt("5"), 5n);
  assert.equal(readBigInt("1E+3"), 1000n);
  assert.equal(readBigInt("0.5"), 0.5);
});

const limits: [string, boolean][] = [
  ["1E-130", true],
  ["9.9999999999999999999999999999999999999E+125", true],
  ["-1E-130", true],
  ["0E+999", true],
  ["9.99E-131", false],
  ["1E+126", false],
  [`1${"0".repeat(125)}`, true],
  ["0.00000000000000000000000000000000000000000000000001", true],
  ["1.23456789012345678901234567890123456789", false],
];

describe("numberProblem()", () => {
  for (const [text, fits] of limits) {
    test(`${fits ? "takes" : "refuses"} ${text}`, () => {
      assert.equal(numberProblem(text) === undefined, fits);
    });
  }
});
