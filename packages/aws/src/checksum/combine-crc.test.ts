import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ChecksumAlgorithm, checksum } from "./checksum.ts";
import { combineCrc } from "./combine-crc.ts";

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
  test(`combineCrc() of pieces is the ${algorithm} of all bytes`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
        const parts = pieces.map((piece) => ({
          value: valueOf(algorithm, piece),
          size: piece.length,
        }));
        const whole = valueOf(algorithm, Buffer.concat(pieces));
        assert.deepEqual(combineCrc(algorithm, parts), whole);
      }),
    );
  });
}

function valueOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Buffer {
  return Buffer.from(checksum(algorithm, bytes), "base64");
}

test("combineCrc() refuses what is no cyclic code", () => {
  assert.throws(() => combineCrc("SHA256", []), TypeError);
});
