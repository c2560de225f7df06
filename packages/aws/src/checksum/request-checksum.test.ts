import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseRequestChecksum,
  type ChecksumRules,
  type RequestChecksum,
  type RequestChecksumFacts,
} from "./request-checksum.ts";

const supported: ChecksumRules = { checksum: { requestAlgorithmMember: "ChecksumAlgorithm" } };
const required: ChecksumRules = {
  checksum: { requestAlgorithmMember: "ChecksumAlgorithm", requestChecksumRequired: true },
};
const facts: RequestChecksumFacts = {
  mode: "WHEN_SUPPORTED",
  algorithmHeader: "x-amz-sdk-checksum-algorithm",
  headers: ["host", "b"],
  oneShot: false,
  customEndpoint: false,
};
const crc32: RequestChecksum = {
  algorithm: "CRC32",
  place: "header",
  name: "x-amz-checksum-crc32",
  algorithmHeader: "x-amz-sdk-checksum-algorithm",
  contentMd5: false,
};
const sha256: RequestChecksum = {
  algorithm: "SHA256",
  place: "header",
  name: "x-amz-checksum-sha256",
  algorithmHeader: undefined,
  contentMd5: false,
};
const whenRequired = { ...facts, mode: "WHEN_REQUIRED" } as const;
const custom = { ...whenRequired, customEndpoint: true } as const;

const cases: readonly [string, ChecksumRules, RequestChecksumFacts, RequestChecksum | undefined][] =
  [
    ["an operation without checksums", {}, facts, undefined],
    ["a supported checksum", supported, facts, crc32],
    ["a supported checksum, WHEN_REQUIRED", supported, whenRequired, undefined],
    ["a required checksum, WHEN_REQUIRED", required, whenRequired, crc32],
    [
      "checksumRequired without trait",
      { checksumRequired: true },
      { ...whenRequired, algorithmHeader: undefined },
      { ...crc32, algorithmHeader: undefined },
    ],
    [
      "an algorithm that the caller chose",
      supported,
      { ...whenRequired, algorithm: "SHA256" },
      sha256,
    ],
    [
      "a value that the caller gave",
      supported,
      { ...facts, algorithm: "SHA256", headers: ["x-amz-checksum-sha256", "x"] },
      undefined,
    ],
    [
      "a stream that is read once",
      supported,
      { ...facts, oneShot: true },
      { ...crc32, place: "trailer" },
    ],
    ["a required checksum on a custom endpoint", required, custom, { ...crc32, contentMd5: true }],
    [
      "a stream to a custom endpoint, even WHEN_SUPPORTED",
      supported,
      { ...custom, mode: "WHEN_SUPPORTED", oneShot: true },
      undefined,
    ],
    [
      "a stream to a custom endpoint with an algorithm that the caller chose",
      supported,
      { ...custom, oneShot: true, algorithm: "sha256" },
      { ...sha256, place: "trailer" },
    ],
    [
      "CreateMultipartUpload",
      supported,
      { ...facts, algorithmHeader: "x-amz-checksum-algorithm" },
      { ...crc32, place: "none", algorithmHeader: "x-amz-checksum-algorithm" },
    ],
  ];

for (const [name, rules, given, expected] of cases) {
  test(`chooseRequestChecksum() for ${name}`, () => {
    assert.deepEqual(chooseRequestChecksum(rules, given), expected);
  });
}

test("chooseRequestChecksum() refuses an algorithm that it cannot compute", () => {
  assert.throws(() => chooseRequestChecksum(supported, { ...facts, algorithm: "XXHASH64" }), {
    name: "TypeError",
    message: /"XXHASH64": give its value/,
  });
});
