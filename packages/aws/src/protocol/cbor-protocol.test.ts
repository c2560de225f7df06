import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ResponseParseError } from "../client/errors.ts";
import { decodeCbor } from "./cbor/cbor-decoder.ts";
import { rpcv2Cbor } from "./cbor-protocol.ts";
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

const shape = structure("Everything", [
  member("Text", string),
  member("When", scalar("timestamp")),
  member("Blob", scalar("blob")),
  member("Token", string, { idempotencyToken: true }),
  member("Texts", list(string)),
  member("Sparse", { ...list(string), sparse: true }),
  member("Map", map(scalar("long"))),
  member("Double", scalar("double")),
]);
const failure = structure("Failed", [member("Text", string), member("message", string)], {
  error: { fault: "server", retryable: true },
});
const model = operation({ input: shape, output: shape });
const protocolHeader = ["smithy-protocol", "rpc-v2-cbor"];

for (const [name, options] of backEnds) {
  describe(`rpcv2Cbor with ${name}`, () => {
    const codec = rpcv2Cbor(service({ targetPrefix: "Prefix" }, [failure]), model, options);
    const parse = (hex: string): unknown =>
      codec.parse({ status: 200, headers: protocolHeader, body: Buffer.from(hex, "hex") });

    test("serialize() posts to the operation's path", () => {
      const request = draft();
      codec.serialize(
        { Text: "a", Texts: ["x", null], Sparse: [null], Map: { a: 1, b: null } },
        request,
      );
      assert.equal(request.path, "/service/Prefix/operation/DoIt");
      assert.equal(request.method, "POST");
      assert.deepEqual(request.headers, [
        "accept",
        "application/cbor",
        "content-type",
        "application/cbor",
        ...protocolHeader,
      ]);
      assert.deepEqual(decodeCbor(request.body as Buffer).value, {
        Text: "a",
        Token: "token",
        Texts: ["x"],
        Sparse: [null],
        Map: { a: 1 },
      });
    });

    test("a union's unknown variant is given back as it was read", () => {
      const union = structure("Choice", [member("A", string)], { union: true });
      const holder = structure("Holder", [member("Choice", union)]);
      const both = operation({ input: holder, output: holder });
      const unions = rpcv2Cbor(service(), both, options);
      const body = Buffer.from("bf6643686f696365bf634e65778201f6ffff", "hex");
      const output = unions.parse({ status: 200, headers: protocolHeader, body });
      assert.deepEqual(output, { Choice: { $unknown: ["New", [1, null]] } });
      const request = draft();
      unions.serialize(output, request);
      assert.deepEqual(request.body, body);
    });

    test("serialize() sends neither body nor type for the unit type", () => {
      const request = draft();
      rpcv2Cbor(service({ queryCompatible: true }), operation(), options).serialize({}, request);
      assert.equal(request.body, undefined);
      assert.deepEqual(request.headers, [
        "accept",
        "application/cbor",
        ...protocolHeader,
        "x-amzn-query-mode",
        "true",
      ]);
    });

    test("serialize() begins anew after an input that could not be written", () => {
      assert.throws(() => codec.serialize({ Text: "x".repeat(600), Blob: 1 }, draft()), TypeError);
      const request = draft();
      codec.serialize({ Token: "t" }, request);
      assert.equal((request.body as Buffer).toString("hex"), "bf65546f6b656e6174ff");
    });

    test("requests do not share memory", () => {
      const [one, two] = [draft(), draft()];
      codec.serialize({ Token: "1" }, one);
      codec.serialize({ Token: "2" }, two);
      assert.deepEqual(decodeCbor(one.body as Buffer).value, { Token: "1" });
    });

    test("parse() reads members, and drops others and null", () => {
      // {"Text": null, "When": 1(1.5), "Other": 1, "Texts": [null, "a"], "Blob": h'01'}
      assert.deepEqual(
        parse(
          "bf6454657874f6645768656ec1fb3ff8000000000000654f74686572016554657874738 2f66161".replace(
            " ",
            "",
          ) + "64426c6f624101ff",
        ),
        {
          When: new Date(1500),
          Texts: ["a"],
          Blob: Buffer.from([1]),
        },
      );
      assert.deepEqual(parse(""), {});
      assert.deepEqual(parse("f6"), {});
    });

    test("parse() reads a double as a number, also where it is written as an integer beyond 2^53", () => {
      assert.deepEqual(parse("a166446f75626c651b0de0b6b3a7640000"), { Double: 1e18 });
    });

    for (const [what, hex] of [
      ["a list", "80"],
      ["a number", "01"],
      ["text as bytes", "a164426c6f626161"],
      ["half a map", "a1"],
      ["text as time", "a1645768656e6178"],
    ] as const) {
      test(`parse() refuses ${what}`, () => assert.throws(() => parse(hex), ResponseParseError));
    }

    test("parseError() reads code and members; without the protocol's header it knows nothing", () => {
      // {"__type": "x#Failed", "message": "m", "Text": "t"}
      const body = Buffer.from(
        "a3665f5f747970656878234661696c6564676d657373616765616d64546578746174",
        "hex",
      );
      const error = codec.parseError({ status: 400, headers: protocolHeader, body });
      assert.deepEqual(
        [error.code, error.message, error.members, error.fault, error.retryable],
        ["Failed", "m", { Text: "t" }, "server", true],
      );
      const unknown = codec.parseError({ status: 503, headers: [], body });
      assert.deepEqual([unknown.code, unknown.message], ["503", "Service Unavailable"]);
      const broken = codec.parseError({
        status: 500,
        headers: protocolHeader,
        body: Buffer.from("a1", "hex"),
      });
      assert.equal(broken.code, "500");
    });
  });
}
