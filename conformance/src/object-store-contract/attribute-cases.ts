import assert from "node:assert/strict";
import { assertOutput, assertRefused, etagOf, etagOfParts } from "./expectation.ts";
import { begin, complete, largePart, partBytesMin, send } from "./multipart.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "looked at";

/** GetObjectAttributes. */
export const attributeCases: readonly StoreCase[] = [
  {
    name: "getObjectAttributes gives the ETag without its quotes",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "body" });
      const output = await s3.getObjectAttributes({ Bucket, Key, ObjectAttributes: ["ETag"] });
      assertOutput(output, { ETag: etagOf("body").slice(1, -1), LastModified: Date });
    },
  },
  {
    name: "getObjectAttributes gives the size",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "" });
      const at = { Bucket, Key };
      const empty = await s3.getObjectAttributes({ ...at, ObjectAttributes: ["ObjectSize"] });
      assertOutput(empty, { LastModified: Date, ObjectSize: 0 });
      await s3.putObject({ Bucket, Key, Body: "body" });
      const output = await s3.getObjectAttributes({ ...at, ObjectAttributes: ["ObjectSize"] });
      assertOutput(output, { LastModified: Date, ObjectSize: 4 });
    },
  },
  {
    name: "getObjectAttributes gives all that was asked for, and no parts of an object of one piece",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "body", ChecksumAlgorithm: "CRC32" });
      const output = await s3.getObjectAttributes({
        Bucket,
        Key,
        ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"],
      });
      assert.equal(output.ETag, etagOf("body").slice(1, -1));
      assert.equal(output.ObjectSize, 4);
      assert.equal(output.StorageClass, "STANDARD");
      assert.equal(output.Checksum?.ChecksumCRC32, "26gLsg==");
      assert.equal(output.ObjectParts, undefined);
    },
  },
  {
    name: "getObjectAttributes counts the parts",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const parts = [await send(s3, at, 1, largePart()), await send(s3, at, 2, "tail")];
      await complete(s3, at, parts);
      const input = { Bucket, Key };
      const counted = await s3.getObjectAttributes({ ...input, ObjectAttributes: ["ObjectParts"] });
      assert.equal(counted.ObjectParts?.TotalPartsCount, 2);
      const output = await s3.getObjectAttributes({ ...input, ObjectAttributes: ["ETag"] });
      assert.equal(`"${output.ETag}"`, etagOfParts([largePart(), "tail"]));
      const sized = await s3.getObjectAttributes({ ...input, ObjectAttributes: ["ObjectSize"] });
      assert.equal(sized.ObjectSize, partBytesMin + 4);
    },
  },
  {
    name: "getObjectAttributes lists parts that have checksums, page by page",
    async run({ s3, bucket: Bucket }) {
      const ChecksumAlgorithm = "SHA256";
      const at = await begin(s3, Bucket, Key, { ChecksumAlgorithm });
      const Parts = [];
      for (const [number, Body] of [
        [1, largePart()],
        [2, "tail"],
      ] as const) {
        const part = { ...at, PartNumber: number, Body, ChecksumAlgorithm } as const;
        const { ETag, ChecksumSHA256 } = await s3.uploadPart(part);
        Parts.push({ PartNumber: number, ETag, ChecksumSHA256 });
      }
      await s3.completeMultipartUpload({ ...at, MultipartUpload: { Parts } });
      const input = { Bucket, Key, ObjectAttributes: ["ObjectParts"], MaxParts: 1 };
      const { ObjectParts: first } = await s3.getObjectAttributes(input);
      assert.deepEqual(first?.Parts, [
        { PartNumber: 1, Size: partBytesMin, ChecksumSHA256: Parts[0]?.ChecksumSHA256 },
      ]);
      assert.deepEqual([first?.IsTruncated, first?.MaxParts, first?.TotalPartsCount], [true, 1, 2]);
      const PartNumberMarker = first?.NextPartNumberMarker;
      const { ObjectParts: second } = await s3.getObjectAttributes({ ...input, PartNumberMarker });
      assert.deepEqual(second?.Parts, [
        { PartNumber: 2, Size: 4, ChecksumSHA256: Parts[1]?.ChecksumSHA256 },
      ]);
      assert.equal(second?.IsTruncated, false);
    },
  },
  {
    name: "getObjectAttributes of a missing key is NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      const call = s3.getObjectAttributes({ Bucket, Key: "none", ObjectAttributes: ["ETag"] });
      await assertRefused(call, "NoSuchKey", 404);
    },
  },
];
