import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ResponseParseError } from "../client/errors.ts";
import { loadModel } from "../model/load-model.ts";
import type { OperationModel, Shape } from "../model/model.ts";
import { awsJson } from "./json-protocol.ts";
import type { CompileOptions, OperationCodec } from "./protocol.ts";
import {
  backEnds,
  draft,
  list,
  map,
  member,
  operation,
  response,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const union = structure("Choice", [member("A", string), member("When", scalar("timestamp"))], {
  union: true,
});
const shape = structure("Everything", [
  member("Text", string),
  member("Flag", scalar("boolean")),
  member("Long", scalar("long")),
  member("Double", scalar("double")),
  member("Big", scalar("bigDecimal")),
  member("When", scalar("timestamp")),
  member("Iso", scalar("timestamp"), { timestampFormat: "iso8601" }),
  member("Blob", scalar("blob")),
  member("Any", scalar("document")),
  member("Json", string, { jsonValue: true }),
  member("Token", string, { idempotencyToken: true }),
  member("Choice", union),
  member("Parts", list(structure("Part", [member("Name", string)]))),
  member("Texts", list(string)),
  member("Sparse", { ...list(string), sparse: true }),
  member("Whens", map(scalar("timestamp"))),
  member("SparseMap", { ...map(string), sparse: true }),
  member("Longs", list(scalar("long"))),
]);

function codec(options: CompileOptions, input: Shape = shape): OperationCodec {
  assert.ok(input.kind === "structure");
  const model = operation({ input, output: input });
  return awsJson(service({ targetPrefix: "Target", jsonVersion: "1.0" }), model, options);
}

/** What goes out, and its JSON. */
const written: [string, Record<string, unknown>, string][] = [
  ["fills a token", {}, '{"Token":"token"}'],
  ["keeps a token", { Token: "mine" }, '{"Token":"mine"}'],
  ["leaves out null and undefined", { Text: null, Flag: undefined }, '{"Token":"token"}'],
  ["escapes", { Text: '"\\\u0001\n' }, '{"Text":"\\"\\\\\\u0001\\n","Token":"token"}'],
  ["keeps lone surrogates", { Text: "a\ud800b" }, '{"Text":"a\\ud800b","Token":"token"}'],
  [
    "writes bigints with all digits",
    { Long: 2n ** 60n },
    '{"Long":1152921504606846976,"Token":"token"}',
  ],
  [
    "writes special floats as strings",
    { Double: -Infinity },
    '{"Double":"-Infinity","Token":"token"}',
  ],
  ["writes small numbers", { Double: 1e-7 }, '{"Double":1e-7,"Token":"token"}'],
  ["writes decimal text as number", { Big: "1.10" }, '{"Big":1.10,"Token":"token"}'],
  ["writes seconds with their fraction", { When: new Date(1500) }, '{"When":1.5,"Token":"token"}'],
  ["writes epoch milliseconds given as number", { When: 1500 }, '{"When":1.5,"Token":"token"}'],
  ["writes seconds before 1970", { When: new Date(-1500) }, '{"When":-1.5,"Token":"token"}'],
  [
    "writes ISO 8601 as modelled",
    { Iso: new Date(0) },
    '{"Iso":"1970-01-01T00:00:00Z","Token":"token"}',
  ],
  ["writes bytes", { Blob: new Uint8Array([1, 2]) }, '{"Blob":"AQI=","Token":"token"}'],
  ["writes text as bytes", { Blob: "é" }, '{"Blob":"w6k=","Token":"token"}'],
  [
    "writes documents",
    { Any: { a: [1, null, 2n ** 60n] } },
    '{"Any":{"a":[1,null,1152921504606846976]},"Token":"token"}',
  ],
  ["writes JSON in a string", { Json: { a: 1 } }, '{"Json":"{\\"a\\":1}","Token":"token"}'],
  ["keeps JSON text in a string", { Json: "[1]" }, '{"Json":"[1]","Token":"token"}'],
  [
    "drops null items",
    { Texts: ["a", null, undefined, "b"] },
    '{"Token":"token","Texts":["a","b"]}',
  ],
  [
    "keeps null items of sparse lists",
    { Sparse: ["a", null] },
    '{"Token":"token","Sparse":["a",null]}',
  ],
  [
    "keeps null entries of sparse maps",
    { SparseMap: { a: null, b: undefined } },
    '{"Token":"token","SparseMap":{"a":null}}',
  ],
  [
    "writes an own __proto__ as a key",
    { SparseMap: JSON.parse('{"__proto__":"x"}') },
    '{"Token":"token","SparseMap":{"__proto__":"x"}}',
  ],
  ["writes empty lists", { Texts: [] }, '{"Token":"token","Texts":[]}'],
];

/** What comes in, and its value. */
const read: [string, string, unknown][] = [
  ["an empty body", "", {}],
  ["null", "null", {}],
  ["without null members", '{"Text":null,"Flag":true}', { Flag: true }],
  [
    "without null items",
    '{"Texts":[null,"a",null],"Whens":{"a":null}}',
    { Texts: ["a"], Whens: {} },
  ],
  [
    "null items of sparse lists",
    '{"Sparse":[null,"a"],"SparseMap":{"a":null}}',
    { Sparse: [null, "a"], SparseMap: { a: null } },
  ],
  ["null in documents", '{"Any":{"a":null}}', { Any: { a: null } }],
  [
    "the word null in a text",
    '{"Text":"null and void","Texts":["x"]}',
    { Text: "null and void", Texts: ["x"] },
  ],
  ["safe longs as numbers", '{"Long":9007199254740991}', { Long: 9_007_199_254_740_991 }],
  ["longs beyond 2^53 as bigint", '{"Long":9007199254740993}', { Long: 9_007_199_254_740_993n }],
  [
    "longs in lists",
    '{"Longs":[1,-9223372036854775808,null]}',
    { Longs: [1, -9_223_372_036_854_775_808n] },
  ],
  [
    "long digits in doubles and documents as numbers",
    '{"Long":9007199254740993,"Double":12345678901234567890,"Any":[12345678901234567890]}',
    {
      Long: 9_007_199_254_740_993n,
      Double: Number("12345678901234567890"),
      Any: [Number("12345678901234567890")],
    },
  ],
  ["exponents of longs", '{"Long":1e3}', { Long: 1000 }],
  ["special floats", '{"Double":"NaN"}', { Double: Number.NaN }],
  ["infinite floats", '{"Double":"-Infinity"}', { Double: -Infinity }],
  ["timestamps in seconds", '{"When":1398796238.5}', { When: new Date(1_398_796_238_500) }],
  [
    "timestamps in another form than modelled",
    '{"When":"2014-04-29T18:30:38Z","Iso":"Tue, 29 Apr 2014 18:30:38 GMT"}',
    { When: new Date(1_398_796_238_000), Iso: new Date(1_398_796_238_000) },
  ],
  ["bytes", '{"Blob":"AQI="}', { Blob: Buffer.from([1, 2]) }],
  [
    "an own __proto__ of a map",
    '{"Whens":{"__proto__":1}}',
    { Whens: Object.fromEntries([["__proto__", new Date(1000)]]) },
  ],
  [
    "no prototype from the network",
    '{"Choice":{"A":"a"},"__proto__":{"polluted":true}}',
    { Choice: { A: "a" } },
  ],
  [
    "no members that the model does not have, wherever they are: else the value could not be given back",
    '{"Parts":[{"Name":"a","New":{"x":1},"Other":null}],"Choice":{"A":"a","New":1,"Old":null}}',
    { Parts: [{ Name: "a" }], Choice: { A: "a" } },
  ],
  ["no members that the model does not have", '{"Text":"a","New":null,"Other":1}', { Text: "a" }],
  ["unions without the type", '{"Choice":{"__type":"x","A":"a"}}', { Choice: { A: "a" } }],
  [
    "unions without null members",
    '{"Choice":{"A":null,"When":1}}',
    { Choice: { When: new Date(1000) } },
  ],
  ["unknown variants", '{"Choice":{"New":{"x":1}}}', { Choice: { $unknown: ["New", { x: 1 }] } }],
  ["no type of the output", '{"__type":"com.amazon#Out","Text":"a"}', { Text: "a" }],
];

test("an attribute of a type that is not known yet is kept as such", () => {
  // Unions in AWS's own models, but not in botocore's.
  const dynamodb = loadModel("dynamodb");
  const getItem = dynamodb.operation("GetItem") as OperationModel;
  for (const [, options] of backEnds) {
    const output = awsJson(dynamodb, getItem, options).parse(
      response('{"Item":{"a":{"S":"x"},"b":{"V":[1]},"c":{"M":{"d":{"V":null,"W":2}}}}}'),
    );
    assert.deepEqual(output, {
      Item: { a: { S: "x" }, b: { $unknown: ["V", [1]] }, c: { M: { d: { $unknown: ["W", 2] } } } },
    });
  }
});

for (const [name, options] of backEnds) {
  describe(`awsJson with ${name}`, () => {
    test("serialize() names the operation in a header", () => {
      const request = draft();
      codec(options).serialize({ Token: "t" }, request);
      assert.deepEqual(request, {
        method: "POST",
        path: "/",
        query: [],
        headers: ["content-type", "application/x-amz-json-1.0", "x-amz-target", "Target.DoIt"],
        body: '{"Token":"t"}',
        hostPrefix: "",
      });
    });

    for (const [what, input, body] of written) {
      test(`serialize() ${what}`, () => {
        const request = draft();
        codec(options).serialize(input, request);
        assert.deepEqual(JSON.parse(request.body as string), JSON.parse(body));
        // The order of members is the model's or the caller's; the text is the same otherwise.
        assert.equal((request.body as string).length, body.length);
      });
    }

    test("a union's unknown variant is given back as it was read", () => {
      const body = '{"Token":"t","Choice":{"New":{"a":[1,null],"__proto__":2}}}';
      const output = codec(options).parse(response(body));
      const request = draft();
      codec(options).serialize(output, request);
      assert.equal(request.body, body);
    });

    for (const [what, body, value] of read) {
      test(`parse() reads ${what}`, () => {
        const output = codec(options).parse(response(body));
        assert.deepEqual({ ...output }, value as object);
        assert.equal((output as { polluted?: boolean }).polluted, undefined);
      });
    }

    for (const body of ["[]", "1", "{", '{"When":"never"}', '{"Blob":1}', '"text"', "<html>"]) {
      test(`parse() refuses ${body}`, () => {
        assert.throws(() => codec(options).parse(response(body)), ResponseParseError);
      });
    }

    test("parse() ends documents of any depth with an error or a value (CL-19)", () => {
      const tree = structure("Tree", []);
      (tree.members as unknown[]).push(member("T", tree), member("W", scalar("timestamp")));
      const deep = '{"T":'.repeat(200_000) + "{}" + "}".repeat(200_000);
      assert.throws(() => codec(options, tree).parse(response(deep)), ResponseParseError);
      const nulls = '{"T":'.repeat(200_000) + "null" + "}".repeat(200_000);
      assert.throws(() => codec(options, tree).parse(response(nulls)), ResponseParseError);
      const brackets = `{"Any":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
      assert.ok(codec(options).parse(response(brackets)));
    });

    test("serialize() reads getters and instances of classes", () => {
      class Input {
        get Text(): string {
          return "from a getter";
        }
        Token = "t";
      }
      const request = draft();
      codec(options).serialize(new Input() as unknown as Record<string, unknown>, request);
      assert.deepEqual(JSON.parse(request.body as string), { Text: "from a getter", Token: "t" });
    });

    test("values of a shape that contains itself are written and read at any place", () => {
      const value = structure("Attribute", []);
      (value.members as unknown[]).push(
        ...["S", "N", "X", "Y", "Z"].map((each) => member(each, string)),
        member("B", scalar("blob")),
        member("BS", list(scalar("blob"))),
        member("M", map(value)),
        member("L", list(value)),
      );
      const table = codec(options, structure("Put", [member("Item", map(value))]));
      const bytes = Buffer.from([1, 2]);
      const Item = {
        a: { S: "x" },
        b: { M: { c: { B: bytes }, d: { L: [{ BS: [bytes] }, {}] } } },
      };
      const request = draft();
      table.serialize({ Item: { ...Item, e: Object.create({ S: "inherited" }) } }, request);
      const json = '"a":{"S":"x"},"b":{"M":{"c":{"B":"AQI="},"d":{"L":[{"BS":["AQI="]},{}]}}}';
      assert.equal(request.body, `{"Item":{${json},"e":{"S":"inherited"}}}`);
      assert.deepEqual(table.parse(response(`{"Item":{${json}}}`)), { Item });
      const withNull = table.parse(response(`{"Item":{${json},"n":{"B":null,"S":"y"}}}`));
      assert.deepEqual(withNull, { Item: { ...Item, n: { S: "y" } } });
    });

    test("custom shapes are written and read by their own rules, null too", () => {
      const value = structure("Attribute", [member("S", string), member("N", string)]);
      const input = structure("Put", [
        member("Item", map(value)),
        member("Items", list(map(value))),
        member("One", value),
      ]);
      const customShapes = new Map([
        [
          "Attribute",
          {
            write: (each: unknown) => `{"J":${JSON.stringify(each)}}`,
            read: (json: unknown) => (json as { J: unknown }).J,
          },
        ],
      ]);
      const custom = codec({ ...options, customShapes }, input);
      const request = draft();
      const put = { Item: { a: null, b: [1], c: undefined }, Items: [{ d: "x" }], One: true };
      custom.serialize(put, request);
      const body = request.body as string;
      assert.equal(
        body,
        '{"Item":{"a":{"J":null},"b":{"J":[1]}},"Items":[{"d":{"J":"x"}}],"One":{"J":true}}',
      );
      assert.deepEqual(custom.parse(response(body)), {
        Item: { a: null, b: [1] },
        Items: [{ d: "x" }],
        One: true,
      });
    });
  });
}

test("awsJson tells a query-compatible service that it may answer with query codes", () => {
  const request = draft();
  const [, options] = backEnds[0] as (typeof backEnds)[number];
  awsJson(service({ queryCompatible: true }), operation(), options).serialize({}, request);
  assert.deepEqual(request.headers.slice(-2), ["x-amzn-query-mode", "true"]);
  assert.equal(request.body, "{}");
});
