import assert from "node:assert/strict";
import { assertRefused, etagOf } from "./expectation.ts";
import { begin, complete, largePart, send } from "./multipart.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "folder/made of parts";

/** What goes wrong with multipart uploads, and that the upload survives it. */
export const multipartErrorCases: readonly StoreCase[] = [
  {
    name: "completeMultipartUpload with a part that was not sent is InvalidPart",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const part = await send(s3, at, 1, "x");
      const missing = { PartNumber: 2, ETag: part.ETag };
      await assertRefused(complete(s3, at, [missing]), "InvalidPart", 400);
      const wrong = { PartNumber: 1, ETag: etagOf("other") };
      await assertRefused(complete(s3, at, [wrong]), "InvalidPart", 400);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
      await complete(s3, at, [part]);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 1);
    },
  },
  {
    name: "completeMultipartUpload takes ETags without their quotes",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const { PartNumber, ETag } = await send(s3, at, 1, "x");
      await complete(s3, at, [{ PartNumber, ETag: ETag?.slice(1, -1) }]);
      assert.equal((await s3.headObject({ Bucket, Key })).ContentLength, 1);
    },
  },
  {
    name: "completeMultipartUpload with parts out of order, or one twice, is InvalidPartOrder",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const [one, two] = [await send(s3, at, 1, largePart()), await send(s3, at, 2, largePart())];
      await assertRefused(complete(s3, at, [two, one]), "InvalidPartOrder", 400);
      await assertRefused(complete(s3, at, [one, one]), "InvalidPartOrder", 400);
      await complete(s3, at, [one, two]);
    },
  },
  {
    name: "completeMultipartUpload of no parts is MalformedXML",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      await send(s3, at, 1, "x");
      await assertRefused(complete(s3, at, []), "MalformedXML", 400);
    },
  },
  {
    name: "a part below 5 MiB that is not the last is EntityTooSmall",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const [one, two] = [await send(s3, at, 1, "small"), await send(s3, at, 2, "last")];
      await assertRefused(complete(s3, at, [one, two]), "EntityTooSmall", 400);
      await assertRefused(s3.headObject({ Bucket, Key }), "NotFound", 404);
      const large = await send(s3, at, 1, largePart());
      await complete(s3, at, [large, two]);
    },
  },
  ...[0, -1, 10_001].map((PartNumber): StoreCase => ({
    name: `uploadPart with PartNumber ${PartNumber} is InvalidArgument`,
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      await assertRefused(send(s3, at, PartNumber, "x"), "InvalidArgument", 400);
    },
  })),
  ...["no-such-upload", "../../x", "%2e%2e", "a/b", "x".repeat(200)].map((UploadId): StoreCase => ({
    name: `the upload ${JSON.stringify(UploadId.slice(0, 20))} is NoSuchUpload for every operation`,
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key, UploadId };
      const parts = [{ PartNumber: 1, ETag: etagOf("x") }];
      await s3.putObject({ Bucket, Key: "source", Body: "x" });
      const CopySource = `${Bucket}/source`;
      const calls: readonly (() => Promise<unknown>)[] = [
        () => send(s3, at, 1, "x"),
        () => s3.uploadPartCopy({ ...at, PartNumber: 1, CopySource }),
        () => s3.listParts(at),
        () => complete(s3, at, parts),
        () => s3.abortMultipartUpload(at),
      ];
      for (const call of calls) {
        const error = await assertRefused(call(), "NoSuchUpload", 404);
        assert.ok(error instanceof s3.errors.NoSuchUpload);
      }
    },
  })),
  {
    name: "an upload belongs to its key and its bucket",
    async run({ s3, bucket: Bucket, newName }) {
      const at = await begin(s3, Bucket, Key);
      const part = await send(s3, at, 1, "x");
      const otherKey = { ...at, Key: "another" };
      const otherBucket = { ...at, Bucket: newName() };
      await s3.createBucket({ Bucket: otherBucket.Bucket });
      for (const other of [otherKey, otherBucket]) {
        await assertRefused(send(s3, other, 2, "x"), "NoSuchUpload", 404);
        await assertRefused(complete(s3, other, [part]), "NoSuchUpload", 404);
        await assertRefused(s3.abortMultipartUpload(other), "NoSuchUpload", 404);
      }
      await complete(s3, at, [part]);
    },
  },
  {
    name: "uploadPart of a wrong ContentMD5 is BadDigest, and the part stays as it was",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const part = await send(s3, at, 1, "right");
      const ContentMD5 = Buffer.alloc(16).toString("base64");
      const wrong = s3.uploadPart({ ...at, PartNumber: 1, Body: "wrong", ContentMD5 });
      await assertRefused(wrong, "BadDigest", 400);
      await complete(s3, at, [part]);
      const { Body } = await s3.getObject({ Bucket, Key });
      assert.equal(await Body?.text(), "right");
    },
  },
  {
    name: "uploadPart of a wrong checksum is BadDigest",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key, { ChecksumAlgorithm: "CRC32" });
      const wrong = s3.uploadPart({ ...at, PartNumber: 1, Body: "x", ChecksumCRC32: "AAAAAA==" });
      await assertRefused(wrong, "BadDigest", 400);
      assert.equal((await s3.listParts(at)).Parts, undefined);
    },
  },
];
