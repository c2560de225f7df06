import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choosePayloadSigning,
  EMPTY_PAYLOAD_HASH,
  payloadHash,
  type PayloadFacts,
} from "./payload-signing.ts";

const s3 = { s3: true, https: true, streamingInput: true } as const;
const plain = { ...s3, https: false } as const;
const other = { s3: false, https: true } as const;

const cases: readonly [string, PayloadFacts, string][] = [
  ["no body", { ...s3, body: "none" }, "hash"],
  ["bytes, not S3", { ...other, body: "bytes", checksumHeader: true }, "hash"],
  [
    "S3 bytes with checksum over HTTPS",
    { ...s3, body: "bytes", checksumHeader: true },
    "UNSIGNED-PAYLOAD",
  ],
  ["S3 bytes without checksum", { ...s3, body: "bytes" }, "hash"],
  [
    "S3 bytes of an operation without streaming input",
    { ...s3, body: "bytes", checksumHeader: true, streamingInput: false },
    "hash",
  ],
  [
    "S3 bytes with payloadSigning",
    { ...s3, body: "bytes", checksumHeader: true, payloadSigning: true },
    "hash",
  ],
  ["S3 bytes over HTTP", { ...plain, body: "bytes", checksumHeader: true }, "hash"],
  [
    "S3 bytes over HTTP, whatever the caller wishes",
    { ...plain, body: "bytes", payloadSigning: false },
    "hash",
  ],
  [
    "S3 stream with trailer over HTTPS",
    { ...s3, body: "stream", checksumTrailer: true },
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  ],
  ["S3 stream without trailer over HTTPS", { ...s3, body: "stream" }, "UNSIGNED-PAYLOAD"],
  ["S3 stream over HTTP, replayable", { ...plain, body: "stream", replayable: true }, "hash"],
  [
    "S3 stream over HTTP, one-shot",
    { ...plain, body: "stream" },
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  ],
  [
    "S3 stream with trailer over HTTP, one-shot",
    { ...plain, body: "stream", checksumTrailer: true },
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  ],
  [
    "operation with unsigned payload",
    { ...other, body: "bytes", unsignedOperation: true },
    "UNSIGNED-PAYLOAD",
  ],
  [
    "operation with unsigned payload over HTTP",
    { ...other, https: false, body: "bytes", unsignedOperation: true },
    "hash",
  ],
  ["stream to another service, replayable", { ...other, body: "stream", replayable: true }, "hash"],
  ["stream to another service, one-shot", { ...other, body: "stream" }, "UNSIGNED-PAYLOAD"],
  ["events", { ...other, body: "events" }, "STREAMING-AWS4-HMAC-SHA256-EVENTS"],
];

for (const [name, facts, expected] of cases) {
  test(`choosePayloadSigning() for ${name}`, () => {
    assert.equal(choosePayloadSigning(facts), expected);
  });
}

test("payloadHash() of nothing is the constant, of text that of its UTF-8 bytes", () => {
  assert.equal(payloadHash(undefined), EMPTY_PAYLOAD_HASH);
  assert.equal(payloadHash(""), EMPTY_PAYLOAD_HASH);
  assert.equal(payloadHash(new Uint8Array()), EMPTY_PAYLOAD_HASH);
  assert.equal(payloadHash("é"), payloadHash(Buffer.from("é")));
});
