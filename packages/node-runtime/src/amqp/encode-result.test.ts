import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadBytes, payloadText } from "@lambdad/core";
import { encodeResult, RawResponse } from "./encode-result.ts";

describe("encodeResult()", () => {
  const values: readonly (readonly [unknown, string])[] = [
    [undefined, "null"],
    [null, "null"],
    [0, "0"],
    [-1.5, "-1.5"],
    [false, "false"],
    ["", '""'],
    ['a "quote"', String.raw`"a \"quote\""`],
    [[1, undefined], "[1,null]"],
    [{ a: 1, b: undefined }, '{"a":1}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [Number.NaN, "null"],
  ];
  for (const [value, json] of values) {
    test(`makes ${json} of ${String(value)}`, () => {
      const { payload, contentType } = encodeResult(value);
      assert.equal(payloadText(payload), json);
      assert.equal(contentType, "application/json");
    });
  }

  const bytes = Uint8Array.of(0, 255, 65);
  const views: readonly (readonly [string, unknown])[] = [
    ["a Buffer", Buffer.from(bytes)],
    ["a Uint8Array", bytes],
    ["a part of a larger buffer", new Uint8Array(Uint8Array.of(9, 0, 255, 65, 9).buffer, 1, 3)],
    ["an ArrayBuffer", bytes.buffer],
    ["a DataView", new DataView(bytes.buffer)],
    ["an Int8Array", new Int8Array(bytes.buffer)],
  ];
  for (const [what, value] of views) {
    test(`sends ${what} as it is`, () => {
      const { payload, contentType } = encodeResult(value);
      assert.deepEqual([...payloadBytes(payload)], [...bytes]);
      assert.equal(payload.byteLength, 3);
      assert.equal(contentType, "application/octet-stream");
    });
  }

  test("keeps what it sends apart from memory that the function uses again", () => {
    const scratch = Buffer.from("first");
    const { payload } = encodeResult(scratch);
    scratch.write("other");
    assert.equal(payloadText(payload), "first");
  });

  test("copies nothing of the event, and all of what is only beside it", () => {
    const memory = Buffer.from("an event and its neighbour");
    const event = memory.subarray(0, 8);
    const ofEvent = encodeResult(event.subarray(3), event);
    const beside = encodeResult(memory.subarray(3, 9), event);
    memory.fill("x");
    assert.equal(payloadText(ofEvent.payload), "xxxxx");
    assert.equal(payloadText(beside.payload), "event ");
  });

  for (const [what, viewOf] of [
    ["an ArrayBuffer", (buffer: ArrayBuffer) => buffer],
    ["a Buffer", (buffer: ArrayBuffer) => Buffer.from(buffer)],
    ["a DataView", (buffer: ArrayBuffer) => new DataView(buffer)],
  ] as const) {
    test(`refuses ${what} that was transferred`, () => {
      const buffer = new ArrayBuffer(3);
      const view = viewOf(buffer);
      structuredClone(buffer, { transfer: [buffer] });
      assert.throws(() => encodeResult(view), {
        name: "TypeError",
        message: "Cannot send the response: its bytes were transferred to another owner",
      });
    });
  }

  test("sends no bytes as none", () => {
    const { payload, contentType } = encodeResult(Buffer.alloc(0));
    assert.equal(payload.byteLength, 0);
    assert.equal(contentType, "application/octet-stream");
  });

  test("leaves a raw response its content type", () => {
    const { payload, contentType } = encodeResult(
      new RawResponse([Buffer.from("a"), Buffer.from("b")], "text/html"),
    );
    assert.equal(payloadText(payload), "ab");
    assert.equal(contentType, "text/html");
  });

  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ["a BigInt", 1n, /: Do not know how to serialize a BigInt$/],
    ["a circle", circle, /: Converting circular structure to JSON$/],
    ["a function", () => 1, /: JSON has nothing for a function$/],
    ["a symbol", Symbol("s"), /: JSON has nothing for a symbol$/],
    [
      "a toJSON that throws",
      {
        toJSON: () => {
          throw new Error("no");
        },
      },
      /: no$/,
    ],
  ];
  for (const [what, value, message] of refused) {
    test(`refuses ${what}, and says why`, () => {
      assert.throws(() => encodeResult(value), { name: "Runtime.JSONStringifyError", message });
    });
  }
});
