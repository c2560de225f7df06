import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import {
  encodeEventStreamHeaders,
  encodeEventStreamMessage,
  EventStreamDecoder,
  EventStreamError,
  eventStreamHeaderBytesMax,
  type EventStreamMessage,
  eventStreamPayloadBytesMax,
  frameEventStreamPayload,
} from "./event-stream.ts";

const chunkHeaders = {
  ":event-type": "PayloadChunk",
  ":content-type": "application/octet-stream",
  ":message-type": "event",
};
const completeHeaders = {
  ":event-type": "InvokeComplete",
  ":content-type": "application/json",
  ":message-type": "event",
};

/** Messages that botocore's decoder accepts. */
const vectors: readonly (readonly [Record<string, string>, string, string])[] = [
  [
    chunkHeaders,
    "hi",
    "0000006c0000005ab25efdcf0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468691162e469",
  ],
  [
    completeHeaders,
    "{}",
    "00000066000000541f56c8690b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7d7006d467",
  ],
  [{}, "", "000000100000000005c248eb7d98c8ff"],
];

function decode(pieces: readonly Uint8Array[]): EventStreamMessage[] {
  const messages: EventStreamMessage[] = [];
  const decoder = new EventStreamDecoder((message) => messages.push(message));
  for (const piece of pieces) decoder.write(piece);
  decoder.end();
  return messages;
}

/** A message with any headers and lengths, its checksums right. */
function forge(
  headers: Buffer,
  payload: Buffer,
  lengths: { total?: number; headers?: number },
): Buffer {
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(lengths.total ?? headers.length + payload.length + 16, 0);
  prelude.writeUInt32BE(lengths.headers ?? headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const body = Buffer.concat([prelude, headers, payload]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body), 0);
  return Buffer.concat([body, tail]);
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  pieces.push(bytes.subarray(offset));
  return pieces;
}

describe("encodeEventStreamMessage()", () => {
  for (const [headers, payload, hex] of vectors) {
    test(`writes '${headers[":event-type"]}' as the vector has it`, () => {
      const bytes = encodeEventStreamMessage(
        encodeEventStreamHeaders(headers),
        Buffer.from(payload),
      );
      assert.equal(Buffer.from(bytes).toString("hex"), hex);
    });
  }
});

describe("frameEventStreamPayload()", () => {
  for (const [headers, payload, hex] of vectors) {
    test(`gives the bytes around the payload of '${headers[":event-type"]}'`, () => {
      const bytes = Buffer.from(payload);
      const { head, tail } = frameEventStreamPayload(encodeEventStreamHeaders(headers), bytes);
      assert.equal(Buffer.concat([head, bytes, tail]).toString("hex"), hex);
    });
  }
});

describe("encodeEventStreamHeaders()", () => {
  test("refuses names and values that do not fit", () => {
    assert.throws(() => encodeEventStreamHeaders({ ["n".repeat(256)]: "" }), RangeError);
    assert.throws(() => encodeEventStreamHeaders({ n: "v".repeat(65_536) }), RangeError);
    assert.throws(() => encodeEventStreamHeaders({ "": "v" }), RangeError);
  });
});

describe("EventStreamDecoder", () => {
  for (const [headers, payload, hex] of vectors) {
    test(`reads '${headers[":event-type"]}' as the vector has it`, () => {
      const [message] = decode([Buffer.from(hex, "hex")]);
      assert.deepEqual(Object.fromEntries(message?.headers ?? []), headers);
      assert.equal(Buffer.from(message?.payload ?? []).toString(), payload);
    });
  }

  test("reads what was written, however it is cut", () => {
    const record = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    );
    const message = fc.tuple(record, fc.uint8Array({ maxLength: 64 }));
    const sizes = fc.array(fc.nat(40), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), sizes, (sent, cuts) => {
        const bytes = sent.map(([headers, payload]) =>
          encodeEventStreamMessage(encodeEventStreamHeaders(headers), payload),
        );
        const got = decode(cut(Buffer.concat(bytes), cuts));
        assert.deepEqual(
          got.map(({ headers, payload }) => [[...headers], [...payload]]),
          sent.map(([headers, payload]) => [Object.entries(headers), [...payload]]),
        );
      }),
    );
  });

  test("steps over headers of every other type", () => {
    const types = [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 4],
      [5, 8],
      [8, 8],
      [9, 16],
    ];
    const fixed = types.map(([type = 0, bytes = 0]) =>
      Buffer.from([1, 97 + type, type, ...Buffer.alloc(bytes)]),
    );
    const binary = Buffer.from([1, 122, 6, 0, 2, 255, 254]);
    const text = Buffer.from([1, 115, 7, 0, 1, 120]);
    const [message] = decode([forge(Buffer.concat([...fixed, binary, text]), Buffer.alloc(0), {})]);
    assert.deepEqual([...(message?.headers ?? [])], [["s", "x"]]);
  });

  const good = Buffer.from(vectors[0]?.[2] ?? "", "hex");
  const flipped = (offset: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    return bytes;
  };
  const header = (...bytes: number[]): Buffer => forge(Buffer.from(bytes), Buffer.alloc(0), {});
  const none = Buffer.alloc(0);
  const broken: readonly (readonly [string, Buffer, RegExp])[] = [
    ["a wrong prelude checksum", flipped(9), /checksum of a prelude/],
    ["a wrong message checksum", flipped(good.length - 1), /checksum of a message/],
    ["a changed payload", flipped(good.length - 5), /checksum of a message/],
    ["a message that is cut off", good.subarray(0, -1), /107 bytes into a message/],
    [
      "headers over 128 KiB",
      forge(none, none, { total: 200_000, headers: eventStreamHeaderBytesMax + 1 }),
      /too long/,
    ],
    [
      "a payload over 24 MiB",
      forge(none, none, { total: eventStreamPayloadBytesMax + 17 }),
      /out of range/,
    ],
    ["a total below the headers", forge(none, none, { total: 20, headers: 30 }), /out of range/],
    ["a header name that is cut off", header(5, 97), /cut off/],
    ["a header value that is cut off", header(1, 97, 7, 0, 9, 97), /cut off/],
    ["a header without a type", header(1, 97), /cut off/],
    ["an unknown header type", header(1, 97, 10), /no header type '10'/],
    ["a header that is there twice", header(1, 97, 0, 1, 97, 1), /there twice/],
  ];
  for (const [what, bytes, reason] of broken) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => decode([bytes]),
        (error) => error instanceof EventStreamError && reason.test(error.message),
      );
    });
  }

  test("throws nothing but EventStreamError for arbitrary and for mutated bytes", () => {
    const mutated = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([offset, byte]) => {
      const bytes = Buffer.from(good);
      bytes.writeUInt8(byte, offset);
      return new Uint8Array(bytes);
    });
    const headersOnly = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => new Uint8Array(forge(Buffer.from(bytes), none, {})));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated, headersOnly);
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(30), { maxLength: 6 }), (input, cuts) => {
        try {
          decode(cut(input, cuts));
        } catch (error) {
          assert.ok(error instanceof EventStreamError);
        }
      }),
    );
  });
});
