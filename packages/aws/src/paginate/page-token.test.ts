import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DynamoNumber } from "../rules/dynamo-number.ts";
import { decodePlace, encodePlace } from "./page-token.ts";

describe("encodePlace() and decodePlace()", () => {
  test("give back every kind of token", () => {
    const key = {
      id: { S: "a😀" },
      bytes: { B: Buffer.from([0, 255]) },
      count: 12345678901234567890n,
      at: new Date(5),
      list: [1, "x", null],
      $: ["bytes", "not bytes"],
    };
    const place = { tokens: ["text", 5, key, undefined], used: 3 };
    const text = encodePlace(place);
    assert.match(text, /^[\w.-]+$/);
    assert.deepEqual(decodePlace(text, 4), {
      tokens: ["text", 5, { ...key, list: [1, "x", undefined] }, undefined],
      used: 3,
    });
  });

  test("give back the decimals of DynamoDB's native values", () => {
    const id = new DynamoNumber("0.12345678901234567890123");
    const { tokens } = decodePlace(encodePlace({ tokens: [{ id }], used: 0 }), 1);
    const [key] = tokens as [{ id: DynamoNumber }];
    assert.ok(key.id instanceof DynamoNumber && key.id.equals(id));
  });

  test("give back any JSON", () => {
    // JSON itself has no minus zero.
    const json = fc
      .jsonValue()
      .filter((value) => !JSON.stringify(value).includes("null"))
      .map((value): unknown => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.array(json), fc.nat(), (tokens, used) => {
        assert.deepEqual(decodePlace(encodePlace({ tokens, used }), tokens.length), {
          tokens,
          used,
        });
      }),
    );
  });

  test("a member __proto__ stays a member", () => {
    const token = JSON.parse('{"__proto__":{"polluted":true}}') as object;
    const text = encodePlace({ tokens: [token], used: 0 });
    const [back] = decodePlace(text, 1).tokens;
    assert.equal(Object.getPrototypeOf(back), Object.prototype);
    assert.deepEqual(Object.keys(back as object), ["__proto__"]);
  });

  test("another text is a service's own token", () => {
    assert.deepEqual(decodePlace("eyJhIjoxfQ==", 2), { tokens: ["eyJhIjoxfQ=="], used: 0 });
  });

  const WRONG: readonly (readonly [string, RegExp])[] = [
    ["page1.", /is damaged/],
    ["page1.xyz", /is damaged/],
    [`page1.${Buffer.from("[-1,[]]").toString("base64url")}`, /is damaged/],
    [`page1.${Buffer.from('[0,"a"]').toString("base64url")}`, /is damaged/],
    [encodePlace({ tokens: ["a", "b"], used: 0 }), /is another operation's/],
  ];
  for (const [text, message] of WRONG) {
    test(`decodePlace() refuses ${text}`, () => {
      assert.throws(() => decodePlace(text, 1), message);
    });
  }

  test("encodePlace() refuses what has no text form", () => {
    assert.throws(
      () => encodePlace({ tokens: [{ key: new Map() }], used: 0 }),
      /^TypeError: Cannot make a token to resume with: a Map has no text form$/,
    );
  });
});
