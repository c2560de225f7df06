import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { payloadText } from "./payload.ts";
import { encodeFrameHead, FrameDecoder, type FrameType, frameType } from "./runtime-channel.ts";

interface TextFrame {
  readonly type: FrameType;
  readonly head: string;
  readonly payload: string;
}

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const anyFrame = fc.record(
  { type: fc.constantFrom(...Object.values(frameType)), head: text, payload: text },
  { noNullPrototype: true },
);

function encode({ type, head, payload }: TextFrame): Uint8Array[] {
  const bytes = new TextEncoder().encode(payload);
  return [encodeFrameHead(type, head, bytes.byteLength), bytes];
}

/** Cuts the bytes anywhere and gives them to a decoder piece by piece. */
function decode(bytes: Uint8Array, cuts: readonly number[]): TextFrame[] {
  const read: TextFrame[] = [];
  const decoder = new FrameDecoder();
  const ends = cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.byteLength]) {
    decoder.push(bytes.subarray(start, end), ({ type, head, payload }) => {
      read.push({ type, head, payload: payloadText(payload) });
    });
    start = end;
  }
  return read;
}

test("FrameDecoder reads what encodeFrameHead() writes, however it is cut", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat()), (frames, cuts) => {
      const bytes = Buffer.concat(frames.flatMap(encode));
      assert.deepEqual(decode(bytes, cuts), frames);
    }),
  );
});

test("FrameDecoder passes payload bytes on as views of what arrived", () => {
  const bytes = Buffer.concat(encode({ type: frameType.response, head: "{}", payload: "body" }));
  new FrameDecoder().push(bytes, ({ payload }) => {
    assert.equal(payload.chunks.length, 1);
    assert.equal(payload.chunks[0]?.buffer, bytes.buffer);
  });
});

test("encodeFrameHead() writes length, type and length of the head, little-endian", () => {
  const bytes = encodeFrameHead(frameType.streamChunk, "ab", 0x01_02_03);
  const rest = 4 + 2 + 0x01_02_03;
  assert.deepEqual(
    [...bytes],
    [rest & 0xff, (rest >> 8) & 0xff, rest >> 16, 0, 21, 2, 0, 0, 0x61, 0x62],
  );
});

function unexpected(): void {
  assert.fail("no frame is complete");
}

for (const [name, bytes] of [
  ["a frame longer than any limit", [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0]],
  ["a head longer than its frame", [4, 0, 0, 0, 1, 1, 0, 0]],
  ["a frame shorter than its prefix", [3, 0, 0, 0, 1, 0, 0, 0]],
] as const) {
  test(`FrameDecoder refuses ${name}`, () => {
    const decoder = new FrameDecoder();
    assert.throws(() => decoder.push(Uint8Array.from(bytes), unexpected), RangeError);
  });
}

test("INV-7: FrameDecoder throws nothing but a RangeError, whatever arrives", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 8 }), (pieces) => {
      const decoder = new FrameDecoder();
      try {
        for (const piece of pieces) decoder.push(piece, () => undefined);
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
  );
});
