import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ScalarKind } from "../model/model.ts";
import { restJson } from "./rest-json-protocol.ts";
import {
  backEnds,
  draft,
  list,
  map,
  member,
  operation,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const kinds: readonly ScalarKind[] = [
  "string",
  "boolean",
  "integer",
  "long",
  "float",
  "double",
  "timestamp",
  "blob",
  "bigInteger",
  "bigDecimal",
];
const headers = kinds.flatMap((kind) => [
  member(kind, scalar(kind), { location: "header", wireName: `x-${kind}` }),
  member(`${kind}List`, list(scalar(kind)), { location: "header", wireName: `x-${kind}-list` }),
]);
const shape = structure("Bound", [
  ...headers,
  member("Map", map(string), { location: "headers", wireName: "x-map-" }),
  member("Json", string, { location: "header", wireName: "x-json", jsonValue: true }),
]);
const names = fc.oneof(
  fc.constantFrom(
    ...headers.map(({ wireName }) => wireName ?? ""),
    "x-map-a",
    "x-map-__proto__",
    "x-json",
  ),
  fc.string(),
);
const texts = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "",
    ",",
    '"',
    "1e999",
    "9".repeat(3000),
    "NaN",
    "true",
    "Mon, 16 Dec 2019",
    "=",
    "-",
  ),
);

/** Values whose text in a header is theirs again when it is read. */
const samples = fc.record(
  {
    string: fc
      .string({ unit: fc.constantFrom("a", " ", ",", '"', "\\", "é") })
      .map((text) => text.trim()),
    boolean: fc.boolean(),
    integer: fc.integer(),
    long: fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n }),
    double: fc.double({ noNaN: true }).map((value) => value + 0),
    timestamp: fc.integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000)),
    stringList: fc.array(fc.stringMatching(/^[a-z,"]{1,5}$/), { minLength: 1 }),
    integerList: fc.array(fc.integer(), { minLength: 1 }),
    timestampList: fc.array(
      fc.integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000)),
      { minLength: 1 },
    ),
    blob: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: [] },
);

for (const [name, options] of backEnds) {
  describe(`HTTP bindings with ${name}`, () => {
    const codec = restJson(service(), operation({ input: shape, output: shape }), options);

    test("any headers give an output (CL-19)", () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(names, texts)), (pairs) => {
          const output = codec.parse({ status: 200, headers: pairs.flat(), body: Buffer.alloc(0) });
          assert.equal(Object.getPrototypeOf(output), Object.prototype);
          assert.equal(Object.getPrototypeOf(output["Map"]), Object.prototype);
        }),
      );
    });

    test("values survive the way through headers", () => {
      fc.assert(
        fc.property(samples, (value) => {
          const request = draft();
          codec.serialize(value, request);
          const output = codec.parse({
            status: 200,
            headers: request.headers,
            body: Buffer.alloc(0),
          });
          assert.deepEqual(output, { ...value, Map: {} });
        }),
      );
    });
  });
}
