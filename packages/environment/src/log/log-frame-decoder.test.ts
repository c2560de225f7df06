import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { LogFrameDecoder } from "./log-frame-decoder.ts";

type Entry = readonly [text: string, timeMs: number | undefined];

/** As the runtimes write it: `u32 type · u32 length · u64 microseconds · text`. */
function frame(text: string, timeMs: number, type = 0xa55a0003): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const head = Buffer.alloc(16);
  head.writeUInt32BE(type, 0);
  head.writeUInt32BE(bytes.length, 4);
  head.writeBigUInt64BE(BigInt(timeMs) * 1000n + 999n, 8);
  return Buffer.concat([head, bytes]);
}

/** As the oldest runtimes write it: without a time. */
function frameWithoutTime(text: string, type = 0xa55a0001): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(type, 0);
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text, "latin1")]);
}

function decode(
  pieces: readonly (Buffer | string)[],
  bytesMax = 1_000,
): { entries: Entry[]; dropped: number } {
  const entries: Entry[] = [];
  const decoder = new LogFrameDecoder(
    (text, timeMs) => entries.push([text.toString("latin1"), timeMs]),
    bytesMax,
  );
  for (const piece of pieces) decoder.push(Buffer.from(piece as string, "latin1"));
  decoder.end();
  return { entries, dropped: decoder.droppedBytes };
}

describe("LogFrameDecoder", () => {
  test("gives a frame of several lines as one text, with its time", () => {
    const { entries } = decode([frame("a\nb\nc\n", 1_700_000_000_123)]);
    assert.deepEqual(entries, [["a\nb\nc\n", 1_700_000_000_123]]);
  });

  test("adds a newline where there is none, and leaves out empty texts", () => {
    const frames = [frame("a", 1), frame("", 2), frame("\n", 3), frame("b\n\n", 4)];
    assert.deepEqual(decode(frames).entries, [
      ["a\n", 1],
      ["\n", 3],
      ["b\n\n", 4],
    ]);
  });

  for (const format of [2, 3]) {
    for (const level of [0, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18]) {
      const type = 0xa55a0000 + format + level;
      test(`takes type 0x${type.toString(16)}`, () => {
        assert.deepEqual(decode([frame("x", 5, type)]).entries, [["x\n", 5]]);
      });
    }
  }

  for (const type of [0xa55a0000, 0xa55a0001, 0xa55a0015]) {
    test(`takes type 0x${type.toString(16)}, which has no time`, () => {
      const frames = [frameWithoutTime("x\ny", type), frame("z", 6)];
      assert.deepEqual(decode(frames).entries, [
        ["x\ny\n", undefined],
        ["z\n", 6],
      ]);
    });
  }

  for (const micros of [0n, 999n, 2n ** 64n - 1n, 253_402_300_800_000_000n]) {
    test(`gives no time for ${micros} microseconds`, () => {
      const bytes = frame("x", 1);
      bytes.writeBigUInt64BE(micros, 8);
      assert.deepEqual(decode([bytes]).entries, [["x\n", undefined]]);
    });
  }

  test("cuts a text at the limit, and drops and counts the rest (RT-21)", () => {
    const { entries, dropped } = decode([frame("0123456789\nab", 7), frame("next", 8)], 8);
    assert.deepEqual(entries, [
      ["01234567 [line cut]\n", 7],
      ["next\n", 8],
    ]);
    assert.equal(dropped, 5);
  });

  test("does not cut a text of exactly the limit", () => {
    assert.deepEqual(decode([frame("01234567", 7)], 8), {
      entries: [["01234567\n", 7]],
      dropped: 0,
    });
  });

  test("passes the beginning of an endless text on, and keeps nothing of it (INV-8)", () => {
    const entries: string[] = [];
    const decoder = new LogFrameDecoder((text) => entries.push(text.toString("latin1")), 1_024);
    const bytes = frame("", 1);
    bytes.writeUInt32BE(0x7fffffff, 4);
    decoder.push(bytes);
    const piece = Buffer.alloc(65_536, "x");
    for (let count = 0; count < 64; count += 1) decoder.push(piece);
    assert.deepEqual(entries, [`${"x".repeat(1_024)} [line cut]\n`]);
    assert.equal(decoder.droppedBytes, 64 * 65_536 - 1_024);
  });

  test("takes bytes outside of frames as lines, and goes on with the next frame", () => {
    const pieces = ["plain\nhalf", frame("x", 1), "\xa5\x5a\x01\x03\n", "\xa5Z", frame("y\nz", 2)];
    assert.deepEqual(decode(pieces).entries, [
      ["plain\n", undefined],
      ["half\n", undefined],
      ["x\n", 1],
      ["\xa5Z\x01\x03\n", undefined],
      ["\xa5Z\n", undefined],
      ["y\nz\n", 2],
    ]);
  });

  test("takes no head whose length is negative", () => {
    const bytes = frame("x\n", 1);
    bytes.writeInt32BE(-1, 4);
    const { entries } = decode([bytes, frame("y", 2)]);
    assert.deepEqual(entries.at(-1), ["y\n", 2]);
    assert.equal(entries[0]?.[0], bytes.toString("latin1"));
  });

  test("a cut line outside of frames ends with the next frame", () => {
    const { entries } = decode(["0123456789", frame("a", 1), "b\n"], 4);
    assert.deepEqual(entries, [
      ["0123 [line cut]\n", undefined],
      ["a\n", 1],
      ["b\n", undefined],
    ]);
  });

  test("a frame that lost its end takes the beginning of the next, no more", () => {
    const whole = frame("0123456789", 1);
    const broken = whole.subarray(0, 20);
    const { entries } = decode([broken, frame("\nab", 2), frame("c", 3)]);
    assert.equal(entries[0]?.[1], 1);
    assert.deepEqual(entries.at(-1), ["c\n", 3]);
  });

  test("end() passes on what is there of a text, and of a head as it is", () => {
    assert.deepEqual(decode([frame("0123456789", 9).subarray(0, 19)]).entries, [["012\n", 9]]);
    assert.deepEqual(decode([frame("x", 9).subarray(0, 16)]).entries, []);
    assert.deepEqual(decode(["na\xc3\xa5"]).entries, [["na\xc3\xa5\n", undefined]]);
  });

  test("knows nothing any more after end()", () => {
    const entries: string[] = [];
    const decoder = new LogFrameDecoder((text) => entries.push(text.toString("latin1")));
    decoder.push(frame("0123456789", 9).subarray(0, 19));
    decoder.end();
    decoder.push(frame("x", 1));
    decoder.end();
    assert.deepEqual(entries, ["012\n", "x\n"]);
  });
});

/** Bytes that are likely to be taken for a head, or to be one. */
const byte = fc.constantFrom(0xa5, 0x5a, 0x00, 0x02, 0x03, 0x0f, 0x80, 0x0a, 0x61);
const garbage = fc.array(byte, { maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const anyText = fc
  .array(byte, { maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));
const anyTime = fc.integer({ min: 1, max: 9_000_000_000_000 });
const anyFrame = fc.tuple(anyText, anyTime).map(([text, timeMs]) => frame(text, timeMs));
const anyInput = fc
  .array(fc.oneof(anyFrame, garbage), { maxLength: 6 })
  .map((pieces) => Buffer.concat(pieces));

describe("LogFrameDecoder, for any bytes", () => {
  test("does not depend on how they were cut", () => {
    fc.assert(
      fc.property(anyInput, fc.array(fc.nat(20)), (bytes, cuts) => {
        const pieces: Buffer[] = [];
        let rest = bytes;
        for (const cut of cuts) {
          pieces.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        assert.deepEqual(decode([...pieces, rest], 6), decode([bytes], 6));
      }),
      { numRuns: 1_000 },
    );
  });

  test("does not depend on being cut at every byte", () => {
    fc.assert(
      fc.property(anyInput, (bytes) => {
        const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
        assert.deepEqual(decode(pieces, 6), decode([bytes], 6));
      }),
      { numRuns: 1_000 },
    );
  });

  test("gives back the texts of frames, whatever is in them", () => {
    const anyEntry = fc.tuple(anyText, anyTime);
    fc.assert(
      fc.property(fc.array(anyEntry), (given) => {
        const frames = given.map(([text, timeMs]) => frame(text, timeMs));
        const expected = given
          .filter(([text]) => text !== "")
          .map(([text, timeMs]) => [text.endsWith("\n") ? text : `${text}\n`, timeMs]);
        assert.deepEqual(decode([Buffer.concat(frames)]).entries, expected);
      }),
    );
  });

  test("gives texts within the limit, each with a newline, and a time that can be written", () => {
    fc.assert(
      fc.property(fc.oneof(anyInput, fc.uint8Array()), (bytes) => {
        for (const [text, timeMs] of decode([Buffer.from(bytes)], 6).entries) {
          assert.ok(text.length <= 6 + " [line cut]\n".length);
          assert.ok(text.endsWith("\n"));
          if (timeMs !== undefined) assert.match(new Date(timeMs).toISOString(), /^\d{4}-/);
        }
      }),
    );
  });

  test("loses no frame after a line of any garbage without a head", () => {
    const noHead = fc.array(fc.constantFrom(0xa5, 0x5a, 0x61, 0x80)).map((it) => Buffer.from(it));
    fc.assert(
      fc.property(noHead, (bytes) => {
        assert.deepEqual(decode([bytes, frame("x", 1)]).entries.at(-1), ["x\n", 1]);
      }),
    );
  });
});
