import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadFromChunks, payloadOf } from "@lambdad/core";
import fc from "fast-check";
import { decodeEvent } from "./decode-event.ts";

const json = '{"a":[1,"\u00e9"]}';
const value = { a: [1, "\u00e9"] };
const text = Buffer.from("Hello World");

describe("decodeEvent()", () => {
  const cases: readonly (readonly [string, string | Uint8Array, unknown])[] = [
    ["application/json", json, value],
    ["APPLICATION/JSON; charset=utf-8", json, value],
    [" application/json ;charset=utf-8", json, value],
    ["application/cloudevents+json", json, value],
    ["application/problem+JSON; x=y", json, value],
    ["application/octet-stream", json, Buffer.from(json)],
    ["Application/Octet-Stream; x=y", json, Buffer.from(json)],
    ["application/octet-stream", "", Buffer.alloc(0)],
    ["", json, value],
    ["", text, text],
    ["", "", Buffer.alloc(0)],
    ["text/plain", text, text],
    ["text/plain", "1", 1],
    ["text/plain", "null", null],
    ["application/jsonx", json.slice(1), Buffer.from(json.slice(1))],
    // Not UTF-8: it would be JSON if the bytes could be replaced.
    ["", Uint8Array.of(0x22, 0xff, 0x22), Buffer.from([0x22, 0xff, 0x22])],
    ["application/json", '"\uFFFD"', "\uFFFD"],
  ];
  for (const [contentType, body, event] of cases) {
    test(`reads ${JSON.stringify(String(body))} as '${contentType}'`, () => {
      assert.deepEqual(decodeEvent(payloadOf(body), contentType), event);
    });
  }

  for (const body of ["", "{", "Hello World", Uint8Array.of(0x22, 0xff, 0x22)]) {
    test(`refuses ${JSON.stringify(String(body))} as JSON`, () => {
      assert.throws(() => decodeEvent(payloadOf(body), "application/json"), {
        name: "Runtime.UnmarshalError",
        message: /^Cannot read the event as JSON: ./,
      });
    });
  }

  test("hands bytes over without a copy", () => {
    const bytes = Buffer.from("abc");
    const event = decodeEvent(payloadOf(bytes), "application/octet-stream") as Buffer;
    assert.equal(event.buffer, bytes.buffer);
    assert.equal(event.byteOffset, bytes.byteOffset);
  });

  test("gives a Buffer for bytes that came as another view, and joins pieces", () => {
    const pieces = payloadFromChunks([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    const event = decodeEvent(pieces, "application/octet-stream");
    assert.ok(event instanceof Buffer);
    assert.deepEqual([...event], [1, 2, 3]);
  });

  test("either reads any bytes as JSON or gives them as they are", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const event = decodeEvent(payloadOf(bytes), "");
        if (event instanceof Buffer) assert.deepEqual([...event], [...bytes]);
        else assert.deepEqual(event, JSON.parse(Buffer.from(bytes).toString()));
      }),
    );
  });

  test("reads any JSON value back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (wanted) => {
        const body = JSON.stringify(wanted);
        const event = decodeEvent(payloadOf(body), "application/json");
        assert.equal(JSON.stringify(event), body);
      }),
    );
  });
});
