import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { ClientContextError, decodeClientContext, encodeClientContext } from "./client-context.ts";

describe("decodeClientContext()", () => {
  test("gives what was encoded", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const decoded: unknown = JSON.parse(decodeClientContext(encodeClientContext(json)));
        assert.deepEqual(decoded, JSON.parse(json));
      }),
    );
  });

  test("has no line breaks, which a header of the Runtime API could not carry", () => {
    const text = decodeClientContext(encodeClientContext('{\r\n\t"a": "b\\nc"\n}'));
    assert.doesNotMatch(text, /[\r\n\t]/);
    assert.deepEqual(JSON.parse(text), { a: "b\nc" });
  });

  const mistakes = ["%", "a b", "ä", "e30=e", "bm90IGpzb24=", "", "\0"];
  for (const text of mistakes) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => decodeClientContext(text),
        (error: unknown) =>
          error instanceof ClientContextError &&
          error.name === "Runtime.LambdaContextUnmarshalError",
      );
    });
  }

  test("throws nothing but ClientContextError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        try {
          JSON.parse(decodeClientContext(text));
        } catch (error) {
          assert.ok(error instanceof ClientContextError, String(error));
        }
      }),
    );
  });
});
