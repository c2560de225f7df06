import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const text = "123456789";

function big(value: bigint, bytes: number): string {
  return Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex").toString("base64");
}

/** The checksums of `123456789`, those of the CRCs as published. */
const values = {
  CRC32: big(BigInt(crc32(text)), 4),
  CRC32C: big(0xe3069283n, 4),
  CRC64NVME: big(0xae8b14860a799888n, 8),
  SHA1: createHash("sha1").update(text).digest("base64"),
  SHA256: createHash("sha256").update(text).digest("base64"),
} as const;

type Algorithm = keyof typeof values;
const algorithms = Object.keys(values) as Algorithm[];

/** Content-MD5 and the checksums that a caller may give. */
export const checksumCases: readonly StoreCase[] = [
  {
    name: "ContentMD5 that is right is accepted",
    async run({ s3, bucket: Bucket }) {
      const ContentMD5 = createHash("md5").update(text).digest("base64");
      await s3.putObject({ Bucket, Key: "md5", Body: text, ContentMD5 });
      const { Body } = await s3.getObject({ Bucket, Key: "md5" });
      assert.equal(await Body?.text(), text);
    },
  },
  {
    name: "ContentMD5 of other bytes is BadDigest, and stores nothing",
    async run({ s3, bucket: Bucket }) {
      const ContentMD5 = createHash("md5").update("other").digest("base64");
      const put = s3.putObject({ Bucket, Key: "md5", Body: text, ContentMD5 });
      await assertRefused(put, "BadDigest", 400);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  ...["AAAA", "no base64!", ""].map((ContentMD5): StoreCase => ({
    name: `ContentMD5 that is none (${JSON.stringify(ContentMD5)}) is InvalidDigest`,
    async run({ s3, bucket: Bucket }) {
      const put = s3.putObject({ Bucket, Key: "md5", Body: text, ContentMD5 });
      await assertRefused(put, "InvalidDigest", 400);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  })),
  ...algorithms.flatMap((algorithm): StoreCase[] => {
    const member = `Checksum${algorithm}` as const;
    return [
      {
        name: `${member} that is right is kept, and shown with ChecksumMode`,
        async run({ s3, bucket: Bucket }) {
          const at = { Bucket, Key: member };
          const put = await s3.putObject({ ...at, Body: text, [member]: values[algorithm] });
          assert.equal(put[member], values[algorithm]);
          const got = await s3.getObject({ ...at, ChecksumMode: "ENABLED" });
          assert.equal(await got.Body?.text(), text);
          assert.equal(got[member], values[algorithm]);
          assert.equal(got.ChecksumType, "FULL_OBJECT");
          const head = await s3.headObject({ ...at, ChecksumMode: "ENABLED" });
          assert.equal(head[member], values[algorithm]);
          assert.equal((await s3.headObject(at))[member], undefined);
        },
      },
      {
        name: `${member} of other bytes is BadDigest, and the object stays as it was`,
        async run({ s3, bucket: Bucket }) {
          const at = { Bucket, Key: member };
          await s3.putObject({ ...at, Body: "as before" });
          const wrong = s3.putObject({ ...at, Body: "other", [member]: values[algorithm] });
          await assertRefused(wrong, "BadDigest", 400);
          const { Body } = await s3.getObject(at);
          assert.equal(await Body?.text(), "as before");
        },
      },
      {
        name: `${member} that is none is InvalidRequest`,
        async run({ s3, bucket: Bucket }) {
          const put = s3.putObject({ Bucket, Key: member, Body: text, [member]: "AA" });
          await assertRefused(put, "InvalidRequest", 400);
        },
      },
      {
        name: `ChecksumAlgorithm ${algorithm} makes the checksum, of bytes and of streams`,
        async run({ s3, bucket: Bucket }) {
          const at = { Bucket, Key: algorithm, ChecksumAlgorithm: algorithm };
          const put = await s3.putObject({ ...at, Body: text });
          assert.equal(put[member], values[algorithm]);
          const Body = new Blob([text]).stream();
          await s3.putObject({ ...at, Body, ContentLength: text.length });
          const head = await s3.headObject({ Bucket, Key: algorithm, ChecksumMode: "ENABLED" });
          assert.equal(head[member], values[algorithm]);
        },
      },
    ];
  }),
  {
    name: "a range of an object is not compared with the checksum of the whole",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "ranged" };
      await s3.putObject({ ...at, Body: text, ChecksumCRC32: values.CRC32 });
      const { Body } = await s3.getObject({ ...at, Range: "bytes=2-4", ChecksumMode: "ENABLED" });
      assert.equal(await Body?.text(), "345");
    },
  },
  {
    name: "two checksums in one put are InvalidRequest",
    async run({ s3, bucket: Bucket }) {
      const both = { ChecksumCRC32: values.CRC32, ChecksumSHA256: values.SHA256 };
      const put = s3.putObject({ Bucket, Key: "two", Body: text, ...both });
      await assertRefused(put, "InvalidRequest", 400);
    },
  },
];
