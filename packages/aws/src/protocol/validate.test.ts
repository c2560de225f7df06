import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Member, Shape, StructureShape } from "../model/model.ts";
import { compileLabelCheck, compileValidator } from "./validate.ts";

const string: Shape = { kind: "string" };
const blob: Shape = { kind: "blob" };

function member(name: string, shape: Shape, traits: Partial<Member> = {}): Member {
  return { name, shape, ...traits };
}

function structure(name: string, members: Member[], traits: Partial<StructureShape> = {}) {
  return { kind: "structure", name, members, ...traits } satisfies StructureShape;
}

const choice = structure("Choice", [member("A", string), member("B", blob)], { union: true });
const objectIdentifier = structure("ObjectIdentifier", [
  member("Key", string, { required: true }),
  member("Size", { kind: "long" }),
  member("At", { kind: "timestamp" }),
  member("Choice", choice),
]);
const tree = structure("Tree", []) as StructureShape & { members: Member[] };
tree.members.push(member("Next", tree), member("Leaf", string));
const input = structure("TestRequest", [
  member("Bucket", string, { location: "uri", required: true }),
  member("Path", string, { location: "uri" }),
  member("Token", string, { required: true, idempotencyToken: true }),
  member("Body", blob, { streaming: true }),
  member("Data", blob),
  member("Count", { kind: "integer" }),
  member("Rate", { kind: "double" }),
  member("Flag", { kind: "boolean" }),
  member("Json", string, { jsonValue: true }),
  member("Any", { kind: "document" }),
  member(
    "Delete",
    structure("Delete", [
      member("Objects", { kind: "list", name: "L", member: member("", objectIdentifier) }),
    ]),
  ),
  member("Tags", { kind: "map", name: "M", key: member("", string), value: member("", string) }),
  member("Tree", tree),
]);
const labels = { Bucket: "b", Path: "p" };

class Request {
  #count = 2;
  Bucket = "b";
  get Path(): string {
    return "p";
  }
  get Count(): number {
    return this.#count;
  }
}

const accepted: [string, unknown][] = [
  ["the smallest input", labels],
  ["null and undefined members, unknown ones too", { ...labels, Count: null, Nope: undefined }],
  ["a class instance with getters", new Request()],
  ["an object without prototype", Object.assign(Object.create(null), labels)],
  ["strings as blobs", { ...labels, Data: "text", Body: "text" }],
  ["buffers as blobs", { ...labels, Data: Buffer.from("x"), Body: new Uint8Array(2) }],
  [
    "array buffers as blobs",
    { ...labels, Data: new ArrayBuffer(2), Body: new DataView(new ArrayBuffer(2)) },
  ],
  ["a file as stream", { ...labels, Body: { path: "/etc/hostname", start: 1 } }],
  ["an iterable as stream", { ...labels, Body: (function* bytes() {})() }],
  ["a web stream", { ...labels, Body: new ReadableStream() }],
  ["a Blob", { ...labels, Body: new Blob(["x"]) }],
  ["a function that gives a source", { ...labels, Body: () => new Blob(["x"]) }],
  ["bigint longs", { ...labels, Delete: { Objects: [{ Key: "k", Size: 2n ** 60n }] } }],
  ["dates", { ...labels, Delete: { Objects: [{ Key: "k", At: new Date() }] } }],
  ["epoch milliseconds", { ...labels, Delete: { Objects: [{ Key: "k", At: 1_700_000_000_000 }] } }],
  ["ISO 8601", { ...labels, Delete: { Objects: [{ Key: "k", At: "2026-11-21T10:00:00+01:00" }] } }],
  ["NaN as double", { ...labels, Rate: Number.NaN }],
  ["any document", { ...labels, Any: [1, { a: null }], Json: { a: 1 } }],
  [
    "null items and entries",
    { ...labels, Delete: { Objects: [null, { Key: "k" }] }, Tags: { a: null } },
  ],
  [
    "a union with one member",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: { A: "a", B: null } }] } },
  ],
  [
    "a union's unknown variant, as an output has it",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: { $unknown: ["New", { a: 1 }] } }] } },
  ],
  ["a shape within itself", { ...labels, Tree: { Next: { Next: { Leaf: "x" } } } }],
];

const refused: [string, unknown, string, RegExp][] = [
  ["no input", undefined, "", /must be an object, not undefined/],
  ["an array", [], "", /must be an object, not an array/],
  ["a Map", new Map(Object.entries(labels)), "", /must be an object, not a Map/],
  ["a missing label", { Path: "p" }, "Bucket", /must not be empty/],
  ["an empty label", { ...labels, Path: "" }, "Path", /must not be empty/],
  [
    "a missing required member",
    { ...labels, Delete: { Objects: [{}, { Key: "k" }, {}] } },
    "Delete.Objects[0].Key",
    /is required/,
  ],
  [
    "an unknown member",
    { ...labels, Dleete: {} },
    "Dleete",
    /not a member of TestRequest; did you mean "Delete"/,
  ],
  [
    "an unknown nested member",
    { ...labels, Delete: { Objects: [{ Key: "k", key: 1 }] } },
    "Delete.Objects[0].key",
    /did you mean "Key"/,
  ],
  ["a member far from all", { ...labels, Xyzzyxyz: 1 }, "Xyzzyxyz", /not a member of TestRequest$/],
  [
    "an own __proto__",
    JSON.parse('{"Bucket":"b","Path":"p","__proto__":{"x":1}}'),
    "__proto__",
    /not a member/,
  ],
  [
    "a number as string",
    { ...labels, Tags: { "a b": 1 } },
    'Tags["a b"]',
    /must be a string, not a number/,
  ],
  ["a number as blob", { ...labels, Data: 1 }, "Data", /must be bytes or a string/],
  ["an object as stream", { ...labels, Body: {} }, "Body", /must be bytes, a string, a stream/],
  ["a stream where bytes are wanted", { ...labels, Data: new Blob([]) }, "Data", /not a Blob/],
  [
    "a fraction as integer",
    { ...labels, Count: 1.5 },
    "Count",
    /must be an integer, not a number with a fraction/,
  ],
  ["a bigint as double", { ...labels, Rate: 1n }, "Rate", /must be a number, not a bigint/],
  ["text as boolean", { ...labels, Flag: "true" }, "Flag", /must be a boolean, not a string/],
  [
    "an invalid date",
    { ...labels, Delete: { Objects: [{ Key: "k", At: new Date("x") }] } },
    "Delete.Objects[0].At",
    /not an invalid Date/,
  ],
  [
    "an object as list",
    { ...labels, Delete: { Objects: {} } },
    "Delete.Objects",
    /must be an array/,
  ],
  [
    "an empty union",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: {} }] } },
    "Delete.Objects[0].Choice",
    /exactly one of A, B set, not 0/,
  ],
  [
    "a union with a member and an unknown variant",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: { A: "a", $unknown: ["New", 1] } }] } },
    "Delete.Objects[0].Choice",
    /not 2/,
  ],
  [
    "an unknown variant without name",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: { $unknown: ["New"] } }] } },
    "Delete.Objects[0].Choice.$unknown",
    /not a member of Choice/,
  ],
  [
    "an unknown variant of a structure",
    { ...labels, $unknown: ["New", 1] },
    "$unknown",
    /not a member of TestRequest/,
  ],
  [
    "a union with two members",
    { ...labels, Delete: { Objects: [{ Key: "k", Choice: { A: "a", B: "b" } }] } },
    "Delete.Objects[0].Choice",
    /not 2/,
  ],
];

for (const generateCode of [true, false]) {
  const validate = compileValidator(input, { generateCode });
  describe(`compileValidator() with ${generateCode ? "generated code" : "closures"}`, () => {
    for (const [name, value] of accepted) {
      test(`accepts ${name}`, () => assert.equal(validate(value), undefined));
    }
    for (const [name, value, path, message] of refused) {
      test(`refuses ${name}`, () => {
        const [problem] = validate(value) ?? [];
        assert.equal(problem?.path, path);
        assert.match(problem.message, message);
      });
    }

    test("says that a getter throws, and where", () => {
      const hostile = {
        ...labels,
        get Count() {
          throw new Error("no");
        },
      };
      assert.deepEqual(validate(hostile), [{ path: "Count", message: "cannot be read: no" }]);
    });

    test("never throws: proxies, thrown objects without text, endless inputs", () => {
      const proxy = new Proxy(
        {},
        {
          ownKeys() {
            throw Object.create(null);
          },
          getPrototypeOf() {
            throw new Error("x");
          },
        },
      );
      assert.ok(validate(proxy));
      const endless: Record<string, unknown> = {};
      endless["Next"] = endless;
      const [problem] = validate({ ...labels, Tree: endless }) ?? [];
      assert.match(problem?.message ?? "", /contains itself/);
    });

    test("gives a bounded number of problems", () => {
      const problems = validate({
        ...labels,
        Delete: { Objects: Array.from({ length: 1000 }, () => ({})) },
      });
      assert.equal(problems?.length, 50);
    });

    test("never names a value", () => {
      const problems = validate({ ...labels, Delete: "secret text", Tags: ["secret"] });
      assert.equal(JSON.stringify(problems).includes("secret"), false);
    });

    test("does not look into custom shapes", () => {
      const custom = { write: String, read: String };
      const check = compileValidator(input, {
        generateCode,
        customShapes: new Map([["Choice", custom]]),
      });
      assert.equal(check({ ...labels, Delete: { Objects: [{ Key: "k", Choice: 3 }] } }), undefined);
    });
  });
}

test("compileLabelCheck() looks at labels only", () => {
  const check = compileLabelCheck(input);
  assert.equal(check?.({ ...labels, Nope: 1, Count: "x" }), undefined);
  assert.deepEqual(
    check?.({ Bucket: "b" })?.map(({ path }) => path),
    ["Path"],
  );
  assert.deepEqual(
    check?.(undefined)?.map(({ path }) => path),
    [""],
  );
});

test("compileLabelCheck() is undefined without labels", () => {
  assert.equal(compileLabelCheck(tree), undefined);
});
