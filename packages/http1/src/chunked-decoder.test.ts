import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { latin1 } from "./memory-socket.test.ts";

/** The pieces that come of these pieces of input. */
function decode(inputs: readonly Buffer[]): { pieces: Buffer[]; last: string } {
  const decoder = new ChunkedDecoder(1024);
  const pieces: Buffer[] = [];
  let last = "more";
  for (const input of inputs) {
    let position = 0;
    do {
      last = decoder.read(input, position);
      position = decoder.position;
      if (last === "data") pieces.push(input.subarray(decoder.dataStart, decoder.dataEnd));
    } while (last === "data" && position < input.length);
  }
  return { pieces, last };
}

function encode(chunks: readonly Uint8Array[]): Buffer {
  const parts = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, "\r\n"]);
  return Buffer.concat([...parts, "0\r\n\r\n"].map((part) => Buffer.from(part as string)));
}

describe("ChunkedDecoder", () => {
  test("gives back what was encoded, however it was cut into chunks and pieces", () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat({ max: 400 })), (body, cuts) => {
        const encoded = encode(body);
        const offsets = [...cuts.filter((cut) => cut < encoded.length).sort((a, b) => a - b)];
        const inputs = [...offsets, encoded.length].map((cut, i) => {
          return encoded.subarray(offsets[i - 1] ?? 0, cut);
        });
        const { pieces, last } = decode(inputs.filter(({ length }) => length > 0));
        assert.equal(last, "end");
        assert.deepEqual(Buffer.concat(pieces), Buffer.concat(body));
      }),
    );
  });

  test("hands a large chunk over where it lies", () => {
    const input = encode([Buffer.alloc(10_000, "x")]);
    const { pieces } = decode([input]);
    assert.equal(pieces.length, 1);
    assert.equal(pieces[0]!.byteOffset, input.byteOffset + "2710\r\n".length);
  });

  test("INV-8: hands the tiny chunks of one piece of input over together", () => {
    const body = Array.from({ length: 10_000 }, (_, i) => Buffer.from([i & 0xff]));
    const { pieces } = decode([encode(body)]);
    assert.equal(pieces.length, 1);
    assert.deepEqual(pieces[0], Buffer.concat(body));
  });

  test("does not move large chunks together", () => {
    const { pieces } = decode([encode([Buffer.from("a"), Buffer.alloc(5000), Buffer.from("b")])]);
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [1, 5001],
    );
  });

  test("hands over what came before a fault", () => {
    const { pieces, last } = decode([Buffer.from("1\r\na\r\n1\r\nb\r\nx")]);
    assert.equal(latin1(Buffer.concat(pieces)), "ab");
    assert.equal(last, "fault");
  });

  test("reads trailers as headers", () => {
    const decoder = new ChunkedDecoder(1024);
    const input = Buffer.from("0\r\nA: 1\r\nb:2\r\n\r\nrest");
    assert.equal(decoder.read(input, 0), "end");
    assert.deepEqual(
      [...decoder.trailers.entries()],
      [
        ["a", "1"],
        ["b", "2"],
      ],
    );
    assert.equal(decoder.position, input.length - 4);
  });
});
