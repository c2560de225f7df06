import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  checksum,
  checksumHeader,
  checksumTextLength,
  createChecksum,
  isChecksumAlgorithm,
  type ChecksumAlgorithm,
} from "./checksum.ts";

// Check values of the CRC catalogue, and digests as md5sum, sha1sum, … print them.
const checks: readonly [ChecksumAlgorithm, string][] = [
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["MD5", "25f9e794323b453885f5181f1b624d0b"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  [
    "SHA512",
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
  ],
];

for (const [algorithm, value] of checks) {
  test(`checksum() has ${algorithm}'s check value of "123456789"`, () => {
    const expected = Buffer.from(value, "hex").toString("base64");
    assert.equal(checksum(algorithm, "123456789"), expected);
    assert.equal(checksum(algorithm, Buffer.from("123456789")), expected);
    assert.equal(checksumTextLength(algorithm), expected.length);
  });

  test(`createChecksum("${algorithm}") gives the same for any pieces as checksum() in one`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
        const pieced = createChecksum(algorithm);
        for (const piece of pieces) pieced.update(piece);
        assert.equal(pieced.digest(), checksum(algorithm, Buffer.concat(pieces)));
      }),
      { numRuns: 60 },
    );
  });
}

/** The definition, bit by bit. */
function slowCrc(data: Uint8Array, polynomial: bigint, bits: bigint): bigint {
  const ones = (1n << bits) - 1n;
  let crc = ones;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return crc ^ ones;
}

const crcs: readonly [ChecksumAlgorithm, bigint, bigint][] = [
  ["CRC32", 0xedb88320n, 32n],
  ["CRC32C", 0x82f63b78n, 32n],
  ["CRC64NVME", 0x9a6c9329ac4bc9b5n, 64n],
];

for (const [algorithm, polynomial, bits] of crcs) {
  test(`checksum("${algorithm}") equals its definition for any bytes`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
        const hex = slowCrc(data, polynomial, bits)
          .toString(16)
          .padStart(Number(bits) / 4, "0");
        assert.equal(Buffer.from(checksum(algorithm, data), "base64").toString("hex"), hex);
      }),
      { numRuns: 100 },
    );
  });
}

test("checksum() takes text as UTF-8", () => {
  for (const [algorithm] of checks) {
    assert.equal(checksum(algorithm, "é€𝄞"), checksum(algorithm, Buffer.from("é€𝄞")));
  }
});

test("isChecksumAlgorithm() knows no names of Object's prototype", () => {
  assert.equal(isChecksumAlgorithm("CRC32C"), true);
  assert.equal(isChecksumAlgorithm("XXHASH64"), false);
  assert.equal(isChecksumAlgorithm("constructor"), false);
});

test("checksumHeader() is in lower case", () => {
  assert.equal(checksumHeader("CRC64NVME"), "x-amz-checksum-crc64nvme");
});
