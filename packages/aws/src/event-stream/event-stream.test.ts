import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { crc32 } from "../checksum/crc32.ts";
import { ChecksumError, ResponseParseError } from "../client/errors.ts";
import type { EventHeader } from "../protocol/protocol.ts";
import { EventDecoder, type EventFrame } from "./event-decoder.ts";
import { encodeEvent, encodeFrame, HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX } from "./event-frame.ts";

function decode(...chunks: readonly Uint8Array[]): EventFrame[] {
  const decoder = new EventDecoder();
  const frames: EventFrame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      frames.push(frame);
    }
  }
  decoder.end();
  return frames;
}

// Frames that the event stream specification's other implementations test with.
const samples: readonly [string, string, ReadonlyMap<string, unknown>, string][] = [
  ["an empty frame", "00000010 00000000 05c248eb 7d98c8ff", new Map(), ""],
  [
    "a header of 8 bits",
    "00000017 00000007 29860158 0462797465 02ff c2f869dc",
    new Map([["byte", -1]]),
    "",
  ],
  [
    "a header of 16 bits",
    "00000019 00000009 710e923e 0573686f7274 03ffff b27cb6cc",
    new Map([["short", -1]]),
    "",
  ],
];

for (const [name, hex, headers, payload] of samples) {
  test(`EventDecoder reads ${name}`, () => {
    const [frame, ...others] = decode(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    assert.equal(others.length, 0);
    assert.deepEqual(frame?.headers, headers);
    assert.equal(frame?.payload.toString(), payload);
  });
}

/** A frame around bytes of headers that no encoder of ours writes. */
function frameOf(headers: Buffer, payload: Buffer = Buffer.alloc(0)): Buffer {
  const frame = encodeFrame([], Buffer.concat([headers, payload]));
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
  return frame;
}

function header(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from(value.replaceAll(" ", ""), "hex"),
  ]);
}

const values: readonly [string, string, unknown][] = [
  ["true", "00", true],
  ["false", "01", false],
  ["8 bits", "0280", -128],
  ["16 bits", "038000", -32_768],
  ["32 bits", "0480000000", -2_147_483_648],
  ["64 bits", "058000000000000000", -(2n ** 63n)],
  ["bytes", "060003010203", Buffer.from([1, 2, 3])],
  ["text", "070002c3a9", "é"],
  ["a timestamp", "080000018bcfe56800", new Date(1_700_000_000_000)],
  ["a UUID", "09 00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff"],
];

for (const [name, hex, value] of values) {
  test(`EventDecoder reads a header value of ${name}`, () => {
    const [frame] = decode(frameOf(header("x", hex), Buffer.from("p")));
    assert.deepEqual(frame?.headers.get("x"), value);
    assert.equal(frame?.payload.toString(), "p");
  });
}

const headerArbitrary: fc.Arbitrary<EventHeader> = fc.oneof(
  ...(
    [
      ["boolean", fc.boolean()],
      ["integer", fc.integer()],
      ["long", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
      ["blob", fc.uint8Array({ maxLength: 300 })],
      ["string", fc.string({ unit: "grapheme", maxLength: 30 })],
      ["timestamp", fc.date({ noInvalidDate: true })],
    ] as const
  ).map(([type, value]) =>
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 20 }),
      type: fc.constant(type),
      value: value as fc.Arbitrary<unknown>,
    }),
  ),
);

test("EventDecoder reads what encodeFrame() wrote, in any pieces", () => {
  const message = fc.record({
    headers: fc.uniqueArray(headerArbitrary, { selector: ({ name }) => name, maxLength: 6 }),
    payload: fc.uint8Array({ maxLength: 100 }),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      (messages, step) => {
        const bytes = Buffer.concat(
          messages.map(({ headers, payload }) => encodeFrame(headers, payload)),
        );
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
        const frames = decode(...pieces);
        assert.equal(frames.length, messages.length);
        for (const [index, frame] of frames.entries()) {
          const { headers, payload } = messages[index] as (typeof messages)[number];
          assert.deepEqual(frame.payload, Buffer.from(payload));
          assert.deepEqual(
            [...frame.headers],
            headers.map(({ name, type, value }) => [
              name,
              type === "blob" ? Buffer.from(value as Uint8Array) : value,
            ]),
          );
        }
      },
    ),
  );
});

describe("EventDecoder refuses", () => {
  const sound = encodeFrame([{ name: "a", type: "string", value: "b" }], "payload");

  test("a frame with any bit changed (CL-9)", () => {
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const broken = Buffer.from(sound);
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.throws(() => decode(broken), ChecksumError);
    }
  });

  test("a stream that ends within a frame (CL-8)", () => {
    for (let size = 1; size < sound.length; size++) {
      assert.throws(() => decode(sound, sound.subarray(0, size)), ResponseParseError);
    }
  });

  const lengths: readonly [string, number, number][] = [
    ["a total below the smallest", 15, 0],
    ["headers beyond the frame", 20, 5],
    ["headers above the limit", HEADER_BYTES_MAX + 100, HEADER_BYTES_MAX + 1],
    ["a payload above the limit", PAYLOAD_BYTES_MAX + 17, 0],
    ["the largest numbers", 0xffffffff, 0xffffffff],
  ];
  for (const [name, total, headers] of lengths) {
    test(`${name} before it has arrived (CL-19)`, () => {
      const prelude = Buffer.alloc(12);
      prelude.writeUInt32BE(total, 0);
      prelude.writeUInt32BE(headers, 4);
      prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
      const decoder = new EventDecoder();
      decoder.push(prelude);
      assert.throws(() => decoder.next(), { name: "ResponseParseError", message: /out of bounds/ });
    });
  }

  const broken: readonly [string, Buffer][] = [
    ["a type that is not known", header("x", "0a")],
    ["a cut name", Buffer.from([5, 97])],
    ["a missing value", Buffer.from([1, 97])],
    ["a cut number", header("x", "0400")],
    ["a cut text", header("x", "07000561")],
    ["a cut UUID", header("x", "090011")],
    ["a header twice", Buffer.concat([header("x", "00"), header("x", "01")])],
  ];
  for (const [name, headers] of broken) {
    test(`${name} (CL-19)`, () => {
      assert.throws(() => decode(frameOf(headers)), ResponseParseError);
    });
  }

  test("any bytes with an error of its own (CL-19)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (headers) => {
        try {
          decode(frameOf(Buffer.from(headers)));
        } catch (error) {
          assert.ok(error instanceof ResponseParseError);
        }
      }),
    );
  });
});

test("EventDecoder keeps header names from Object's prototype", () => {
  const [frame] = decode(encodeFrame([{ name: "__proto__", type: "string", value: "x" }], ""));
  assert.equal(frame?.headers.get("__proto__"), "x");
});

test("encodeEvent() writes the type, the content type and the event's own headers", () => {
  const event = encodeEvent({
    type: "AudioEvent",
    contentType: "application/octet-stream",
    headers: [{ name: "n", type: "integer", value: 7 }],
    payload: "é",
  });
  const [frame] = decode(event);
  assert.deepEqual(
    frame?.headers,
    new Map<string, unknown>([
      [":message-type", "event"],
      [":event-type", "AudioEvent"],
      [":content-type", "application/octet-stream"],
      ["n", 7],
    ]),
  );
  assert.equal(frame?.payload.toString(), "é");
});

const refused: readonly [string, EventHeader][] = [
  ["an empty name", { name: "", type: "boolean", value: true }],
  ["a name of 256 bytes", { name: "n".repeat(256), type: "boolean", value: true }],
  ["text of 65,536 bytes", { name: "n", type: "string", value: "v".repeat(65_536) }],
  ["an integer of 33 bits", { name: "n", type: "integer", value: 2 ** 32 }],
  ["a timestamp that is none", { name: "n", type: "timestamp", value: "soon" }],
  ["bytes that are none", { name: "n", type: "blob", value: 5 }],
];
for (const [name, given] of refused) {
  test(`encodeFrame() refuses ${name}`, () => {
    assert.throws(
      () => encodeFrame([given], ""),
      (error) => error instanceof RangeError || error instanceof TypeError,
    );
  });
}

test("encodeFrame() refuses headers and payloads above the limits", () => {
  const large: EventHeader = { name: "n", type: "string", value: "v".repeat(65_535) };
  assert.throws(() => encodeFrame([large, large, large], ""), RangeError);
  assert.throws(() => encodeFrame([], Buffer.alloc(PAYLOAD_BYTES_MAX + 1)), RangeError);
});
