import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { attributeValueShape } from "./attribute-value.ts";
import { DynamoNumber } from "./dynamo-number.ts";

const values = attributeValueShape({});
const write = (value: unknown): string => values.write(value);
const readText = (text: string): unknown => values.read(JSON.parse(text));

class Point {
  x = 1;
  skipped = undefined;
}

const bytes = new Uint8Array([0, 1, 254, 255]);
const written: [string, unknown, unknown][] = [
  ["null", null, { NULL: true }],
  ["a boolean", false, { BOOL: false }],
  ["a string", 'a "b" \n \ud83d\ude00', { S: 'a "b" \n \ud83d\ude00' }],
  ["an empty string", "", { S: "" }],
  ["an integer", -12, { N: "-12" }],
  ["minus zero", -0, { N: "0" }],
  ["a fraction", 0.1, { N: "0.1" }],
  ["a large number", 1e125, { N: "1e+125" }],
  ["a bigint", 12345678901234567890n, { N: "12345678901234567890" }],
  ["38 digits and zeros", 10n ** 120n, { N: `1${"0".repeat(120)}` }],
  ["a DynamoNumber", new DynamoNumber("1.10"), { N: "1.10" }],
  ["bytes", bytes, { B: "AAH+/w==" }],
  ["no bytes", new Uint8Array(), { B: "" }],
  ["a part of a buffer", bytes.subarray(1, 3), { B: "Af4=" }],
  ["an ArrayBuffer", bytes.buffer, { B: "AAH+/w==" }],
  ["a DataView", new DataView(bytes.buffer, 2), { B: "/v8=" }],
  ["a set of strings", new Set(["b", "a"]), { SS: ["b", "a"] }],
  ["a set of numbers", new Set([1, 2n, new DynamoNumber("3.5")]), { NS: ["1", "2", "3.5"] }],
  ["a set of bytes", new Set([bytes]), { BS: ["AAH+/w=="] }],
  ["a list", [1, [null], undefined, "x"], { L: [{ N: "1" }, { L: [{ NULL: true }] }, { S: "x" }] }],
  ["an empty list", [], { L: [] }],
  ["an object", { a: { b: 1 }, c: undefined }, { M: { a: { M: { b: { N: "1" } } } } }],
  [
    "a Map",
    new Map<string, unknown>([
      ["a", 1],
      ["b", undefined],
    ]),
    { M: { a: { N: "1" } } },
  ],
  [
    "an object without prototype",
    Object.assign(Object.create(null), { a: 1 }),
    { M: { a: { N: "1" } } },
  ],
  [
    "an object of another realm",
    runInNewContext("({ a: [1] })"),
    { M: { a: { L: [{ N: "1" }] } } },
  ],
];

const refused: [string, unknown, RegExp][] = [
  ["NaN", Number.NaN, /NaN is no number that DynamoDB has/],
  ["infinity", { a: [Number.POSITIVE_INFINITY] }, /a\[0\]: Infinity/],
  ["a number too large", 1e126, /magnitude/],
  ["a number too small", 1e-131, /magnitude/],
  ["39 digits", 10n ** 38n + 1n, /at most 38 digits, not 39/],
  ["a DynamoNumber with 39 digits", new DynamoNumber(`0.${"1".repeat(39)}`), /at most 38/],
  ["an empty set", { a: new Set() }, /a: a Set must not be empty/],
  ["a mixed set", new Set(["a", 1]), /not several of them/],
  ["a set of others", new Set([true]), /not a boolean/],
  ["a class instance", { p: new Point() }, /p: an instance of Point .*convertClassInstances/],
  ["a Date", new Date(), /a Date is no attribute value/],
  ["a Blob", new Blob([]), /give its bytes\(\)/],
  ["a function", { a: { b: () => 1 } }, /a\.b: a value of type function/],
  ["a symbol", Symbol("x"), /of type symbol/],
  ["undefined alone", undefined, /of type undefined/],
  ["a Map with other keys", new Map([[1, 1]]), /keys of a Map must be strings/],
];

describe("attributeValueShape()", () => {
  for (const [name, value, expected] of written) {
    test(`writes ${name}`, () => assert.deepEqual(JSON.parse(write(value)), expected));
  }

  for (const [name, value, message] of refused) {
    test(`refuses ${name}`, () => {
      assert.throws(() => write(value), { name: "ParamValidationError", message });
    });
  }

  test("refuses values that contain themselves", () => {
    const endless: Record<string, unknown> = {};
    endless["a"] = [endless];
    assert.throws(() => write(endless), /nested too deeply or contains itself/);
  });

  test("writes what DynamoDB takes: 32 levels", () => {
    let value: unknown = 1;
    for (let level = 0; level < 32; level++) value = [value];
    assert.match(write(value), /^(\{"L":\[){32}/);
  });

  test("takes class instances where the option says so, but no Date", () => {
    const shape = attributeValueShape({ convertClassInstances: true });
    assert.equal(shape.write(new Point()), '{"M":{"x":{"N":"1"}}}');
    assert.throws(() => shape.write({ at: new Date() }), /at: a Date/);
  });

  test("writes strings with lone surrogates as JSON can", () => {
    assert.deepEqual(JSON.parse(write("a\ud800")), { S: "a\ud800" });
  });

  test("reads every type", () => {
    const json =
      '{"M":{"s":{"S":""},"n":{"N":"1"},"b":{"B":"AQ=="},"t":{"BOOL":true},"z":{"NULL":true},' +
      '"ss":{"SS":["a"]},"ns":{"NS":["1","12345678901234567890"]},"bs":{"BS":["AQ=="]},"l":{"L":[{"L":[]}]}}}';
    assert.deepEqual(readText(json), {
      s: "",
      n: 1,
      b: Buffer.from([1]),
      t: true,
      z: null,
      ss: new Set(["a"]),
      ns: new Set([1, 12345678901234567890n]),
      bs: new Set([Buffer.from([1])]),
      l: [[]],
    });
  });

  test("keeps types that it does not know", () => {
    assert.deepEqual(readText('{"X":[1]}'), { $unknown: ["X", [1]] });
  });

  for (const json of ["{}", "null", '"text"', '{"S":null}']) {
    test(`refuses to read ${json}`, () => assert.throws(() => readText(json), /it has no type/));
  }

  test("reads keys of the network without reaching a prototype", () => {
    const value = readText('{"M":{"__proto__":{"M":{"x":{"S":"y"}}}}}') as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ["__proto__"]);
    assert.deepEqual(readText(write(value)), value);
  });

  test("gives back whatever it was given", () => {
    const number = fc.oneof(
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
        .map((value) => (value !== 0 && Math.abs(value) < 1e-130 ? 0 : value + 0)),
      fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.string({ unit: "grapheme" }),
        number,
        fc.array(tie("tree")),
        fc.dictionary(fc.string(), tie("tree"), { noNullPrototype: true }),
        fc.uniqueArray(fc.string(), { minLength: 1 }).map((items) => new Set(items)),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        assert.deepEqual(readText(write(value)), normal(value));
      }),
    );
  });
});

/** As DynamoDB has it: integers are what they are worth, whatever their type was. */
function normal(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value === "bigint" && BigInt(Number(value)) === value) {
    return String(Number(value)) === String(value) || Number.isSafeInteger(Number(value))
      ? Number(value)
      : readText(`{"N":"${value}"}`);
  }
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Set || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, normal(item)]);
  return Object.fromEntries(entries) as unknown;
}
