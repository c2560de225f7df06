import assert from "node:assert/strict";
import { test } from "node:test";
import { ChecksumError } from "../client/errors.ts";
import { checksum } from "./checksum.ts";
import {
  chooseResponseChecksum,
  validateChecksum,
  validateDynamoDbCrc32,
  type ResponseChecksum,
} from "./response-checksum.ts";

const cases: readonly [string, string[], number, ResponseChecksum | undefined][] = [
  ["no checksum", ["etag", "x"], 200, undefined],
  [
    "the cheapest, whatever the order",
    ["x-amz-checksum-crc64nvme", "n", "x-amz-checksum-sha1", "s", "x-amz-checksum-crc32c", "c"],
    200,
    { algorithm: "SHA1", expected: "s" },
  ],
  [
    "one that covers the whole object",
    ["x-amz-checksum-crc32", "AAAAAA==-3", "x-amz-checksum-crc64nvme", "n"],
    200,
    { algorithm: "CRC64NVME", expected: "n" },
  ],
  [
    "composite by type",
    ["x-amz-checksum-sha256", "a", "x-amz-checksum-type", "COMPOSITE"],
    200,
    undefined,
  ],
  ["a part of the object", ["x-amz-checksum-crc32", "AAAAAA=="], 206, undefined],
  ["an algorithm that is not known", ["x-amz-checksum-xxhash3", "a"], 200, undefined],
];

for (const [name, headers, status, expected] of cases) {
  test(`chooseResponseChecksum() for ${name}`, () => {
    assert.deepEqual(chooseResponseChecksum(headers, status), expected);
  });
}

test("validateChecksum() accepts the bytes that were sent and no others (CL-9)", () => {
  const body = Buffer.from("hello");
  const expected = checksum("CRC32C", body);
  validateChecksum({ algorithm: "CRC32C", expected }, body);
  assert.throws(
    () => validateChecksum({ algorithm: "CRC32C", expected }, Buffer.from("hellp")),
    (error) =>
      error instanceof ChecksumError &&
      error.algorithm === "CRC32C" &&
      error.expected === expected &&
      error.actual === checksum("CRC32C", "hellp"),
  );
});

test("validateDynamoDbCrc32() compares decimal numbers (CL-9)", () => {
  const body = Buffer.from("123456789");
  validateDynamoDbCrc32("3421780262", body);
  validateDynamoDbCrc32(undefined, body);
  validateDynamoDbCrc32("", body);
  assert.throws(() => validateDynamoDbCrc32("3421780263", body), ChecksumError);
  assert.throws(() => validateDynamoDbCrc32("0", body), ChecksumError);
});
