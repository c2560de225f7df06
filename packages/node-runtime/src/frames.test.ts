import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeFrameHead as encodeHostHead,
  FrameDecoder,
  frameType as hostFrameType,
  payloadText,
} from "@lambdad/core";
import fc from "fast-check";
import {
  bareFrameBytes,
  encodeFrame,
  encodeFrameHead,
  FrameReader,
  frameType,
  writeBareFrame,
} from "./frames.ts";

interface TextFrame {
  readonly type: number;
  readonly head: string;
  readonly payload: string;
}

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const frames = fc.array(
  fc.record(
    { type: fc.constantFrom(...Object.values(frameType)), head: text, payload: text },
    { noNullPrototype: true },
  ),
  {
    maxLength: 6,
  },
);

/** Reads the bytes in pieces, overwriting each piece afterwards as a reused read buffer is. */
function readInPieces(bytes: Buffer, cuts: readonly number[]): TextFrame[] {
  const read: TextFrame[] = [];
  const reader = new FrameReader((type, head, payload) => read.push({ type, head, payload }));
  let start = 0;
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const end of ends) {
    const piece = Buffer.from(bytes.subarray(start, end));
    reader.push(piece);
    piece.fill(0xff);
    start = end;
  }
  return read;
}

test("frameType is core's", () => {
  assert.deepEqual(frameType, hostFrameType);
});

test("FrameReader reads what the host writes, however it is cut", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (sent, cuts) => {
      const bytes = Buffer.concat(
        sent.flatMap(({ type, head, payload }) => {
          const body = Buffer.from(payload);
          return [encodeHostHead(type, head, body.byteLength), body];
        }),
      );
      assert.deepEqual(readInPieces(bytes, cuts), sent);
    }),
  );
});

test("FrameReader reads frames that arrive byte by byte", () => {
  const bytes = Buffer.concat([encodeFrame(1, "{}", "é"), encodeFrame(2, "", "")]);
  const everywhere = Array.from(bytes.keys());
  assert.deepEqual(readInPieces(bytes, everywhere), [
    { type: 1, head: "{}", payload: "é" },
    { type: 2, head: "", payload: "" },
  ]);
});

for (const [name, bytes] of [
  ["a frame longer than any limit", [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0]],
  ["a head longer than its frame", [4, 0, 0, 0, 1, 1, 0, 0]],
  ["a frame shorter than its prefix", [3, 0, 0, 0, 1, 0, 0, 0]],
] as const) {
  test(`FrameReader refuses ${name}`, () => {
    const reader = new FrameReader(() => assert.fail("no frame is complete"));
    assert.throws(() => reader.push(Buffer.from(bytes)), RangeError);
    const slow = new FrameReader(() => assert.fail("no frame is complete"));
    slow.push(Buffer.from(bytes.slice(0, 5)));
    assert.throws(() => slow.push(Buffer.from(bytes.slice(5))), RangeError);
  });
}

test("FrameReader never throws anything but a RangeError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reader = new FrameReader(() => undefined);
      try {
        reader.push(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
  );
});

test("encodeFrame() leaves room for the frame that follows, and the host reads both", () => {
  fc.assert(
    fc.property(text, text, (head, payload) => {
      const bytes = encodeFrame(frameType.response, head, payload, bareFrameBytes);
      writeBareFrame(bytes, bytes.length - bareFrameBytes, frameType.next);
      const read: TextFrame[] = [];
      new FrameDecoder().push(bytes, (frame) =>
        read.push({ type: frame.type, head: frame.head, payload: payloadText(frame.payload) }),
      );
      assert.deepEqual(read, [
        { type: frameType.response, head, payload },
        { type: frameType.next, head: "", payload: "" },
      ]);
    }),
  );
});

test("encodeFrameHead() is what the host writes", () => {
  const ours = encodeFrameHead(frameType.streamChunk, '{"id":"é"}', 70_000);
  const theirs = encodeHostHead(frameType.streamChunk, '{"id":"é"}', 70_000);
  assert.deepEqual([...ours], [...theirs]);
});
