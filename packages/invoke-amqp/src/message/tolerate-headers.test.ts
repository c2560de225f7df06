import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type FrameReader, readHeaderFrame, tolerateHeaders } from "./tolerate-headers.ts";

/** A content header frame of channel 7, for a body of 300 bytes. */
function headerFrame(flags: number, properties: Buffer): Buffer {
  const head = Buffer.alloc(21);
  head.writeUInt8(2, 0);
  head.writeUInt16BE(7, 1);
  head.writeUInt32BE(14 + properties.length, 3);
  head.writeUInt16BE(60, 7);
  head.writeBigUInt64BE(300n, 11);
  head.writeUInt16BE(flags, 19);
  return Buffer.concat([head, properties, Buffer.from([0xce])]);
}

/** Short strings of one character each. */
function texts(...values: readonly string[]): Buffer {
  return Buffer.concat(values.map((text) => Buffer.from(`\u0001${text}`)));
}

describe("readHeaderFrame()", () => {
  test("reads every property, and skips the table", () => {
    const properties = Buffer.concat([
      texts("c", "e"),
      Buffer.from([0, 0, 0, 3, 0xff, 0xff, 0xff]),
      Buffer.from([2, 9]),
      texts("i", "r", "5", "m"),
      Buffer.from([0, 0, 0, 0, 0, 0, 1, 0]),
      texts("t", "u", "a", "k"),
    ]);
    assert.deepEqual(readHeaderFrame(headerFrame(0xff_fc, properties)), {
      id: 60,
      channel: 7,
      size: 300,
      fields: {
        contentType: "c",
        contentEncoding: "e",
        headers: {},
        deliveryMode: 2,
        priority: 9,
        correlationId: "i",
        replyTo: "r",
        expiration: "5",
        messageId: "m",
        timestamp: 256,
        type: "t",
        userId: "u",
        appId: "a",
        clusterId: "k",
      },
    });
  });

  test("leaves out what is not there", () => {
    const frame = readHeaderFrame(headerFrame(0x02_00, Buffer.from("\u0002rq")));
    const set = Object.entries(frame?.fields ?? {}).filter(([, value]) => value !== undefined);
    assert.deepEqual(set, [["replyTo", "rq"]]);
  });

  const others: readonly (readonly [string, Buffer])[] = [
    ["no bytes", Buffer.alloc(0)],
    ["a method frame", Buffer.from([1, 0, 1, 0, 0, 0, 0, 0xce])],
    ["a body frame", Buffer.from([3, 0, 1, 0, 0, 0, 0, 0xce])],
    ["half a header frame", headerFrame(0x02_00, Buffer.alloc(0)).subarray(0, 15)],
  ];
  for (const [what, bytes] of others) {
    test(`has no answer for ${what}`, () => {
      assert.equal(readHeaderFrame(bytes), undefined);
    });
  }
});

describe("tolerateHeaders()", () => {
  const failure = new TypeError("Unexpected type tag");

  /** Fails over each frame; `isPast` says whether it has been taken from the bytes. */
  function reader(bytes: Buffer, isPast: boolean): FrameReader {
    let rest = bytes;
    return {
      get rest() {
        return rest;
      },
      recvFrame() {
        if (isPast) rest = Buffer.alloc(0);
        throw failure;
      },
    };
  }

  test("gives a frame whose table cannot be read", () => {
    const connection = reader(headerFrame(0, Buffer.alloc(0)), true);
    tolerateHeaders(connection);
    assert.equal((connection.recvFrame() as { size: number }).size, 300);
  });

  const fatal: readonly (readonly [string, FrameReader])[] = [
    ["bytes that are no frame", reader(headerFrame(0, Buffer.alloc(0)), false)],
    ["a frame of another kind", reader(Buffer.from([1, 0, 1, 0, 0, 0, 0, 0xce]), true)],
  ];
  for (const [what, connection] of fatal) {
    test(`fails over ${what} as before`, () => {
      tolerateHeaders(connection);
      assert.throws(() => connection.recvFrame(), failure);
    });
  }
});
