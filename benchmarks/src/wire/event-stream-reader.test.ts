import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStreamReader } from "./event-stream-reader.ts";

// Accepted by botocore's decoder.
const payloadHi = Buffer.from(
  "0000006c0000005ab25efdcf0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468691162e469",
  "hex",
);
const complete = Buffer.from(
  "00000066000000541f56c8690b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7d7006d467",
  "hex",
);

function read(bytes: Buffer, pieceBytes: number): string[] {
  const events: string[] = [];
  const reader = new EventStreamReader({
    payload: (chunk) => events.push(`payload ${chunk.toString()}`),
    complete: (json) => events.push(`complete ${json}`),
    exception: (text) => events.push(`exception ${text}`),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes));
  }
  return events;
}

for (const pieceBytes of [1, 5, 13, 109, 1_000]) {
  test(`EventStreamReader reads events in pieces of ${pieceBytes} bytes`, () => {
    const events = read(Buffer.concat([payloadHi, payloadHi, complete]), pieceBytes);
    assert.deepEqual(events, ["payload hi", "payload hi", "complete {}"]);
  });
}

for (const [at, what] of [
  [3, "prelude"],
  [60, "checksum"],
  [complete.length - 1, "checksum"],
] as const) {
  test(`EventStreamReader refuses an event whose byte ${at} is damaged`, () => {
    const damaged = Buffer.from(complete);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    assert.throws(() => read(damaged, 1_000), new RegExp(what));
  });
}
