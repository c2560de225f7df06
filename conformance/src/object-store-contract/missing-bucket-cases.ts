import assert from "node:assert/strict";
import type { S3Client } from "@lambdad/aws/s3";
import { assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "key";
const UploadId = "0123456789";

/** Every operation on a bucket that does not exist. */
const calls: Readonly<
  Record<string, (s3: S3Client, Bucket: string, existing: string) => Promise<unknown>>
> = {
  DeleteBucket: (s3, Bucket) => s3.deleteBucket({ Bucket }),
  GetBucketLocation: (s3, Bucket) => s3.getBucketLocation({ Bucket }),
  PutObject: (s3, Bucket) => s3.putObject({ Bucket, Key, Body: "body" }),
  "PutObject with a condition": (s3, Bucket) =>
    s3.putObject({ Bucket, Key, Body: "body", IfNoneMatch: "*" }),
  GetObject: (s3, Bucket) => s3.getObject({ Bucket, Key }),
  DeleteObject: (s3, Bucket) => s3.deleteObject({ Bucket, Key }),
  DeleteObjects: (s3, Bucket) => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key }] } }),
  ListObjects: (s3, Bucket) => s3.listObjects({ Bucket }),
  ListObjectsV2: (s3, Bucket) => s3.listObjectsV2({ Bucket }),
  "ListObjectsV2 of no keys": (s3, Bucket) => s3.listObjectsV2({ Bucket, MaxKeys: 0 }),
  "CopyObject into it": (s3, Bucket, existing) =>
    s3.copyObject({ Bucket, Key, CopySource: `${existing}/${Key}` }),
  "CopyObject out of it": (s3, Bucket, existing) =>
    s3.copyObject({ Bucket: existing, Key, CopySource: `${Bucket}/${Key}` }),
  CreateMultipartUpload: (s3, Bucket) => s3.createMultipartUpload({ Bucket, Key }),
  UploadPart: (s3, Bucket) => s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: "body" }),
  UploadPartCopy: (s3, Bucket, existing) =>
    s3.uploadPartCopy({ Bucket, Key, UploadId, PartNumber: 1, CopySource: `${existing}/${Key}` }),
  CompleteMultipartUpload: (s3, Bucket) => {
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: '"e"' }] };
    return s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload });
  },
  AbortMultipartUpload: (s3, Bucket) => s3.abortMultipartUpload({ Bucket, Key, UploadId }),
  ListParts: (s3, Bucket) => s3.listParts({ Bucket, Key, UploadId }),
  ListMultipartUploads: (s3, Bucket) => s3.listMultipartUploads({ Bucket }),
  GetObjectTagging: (s3, Bucket) => s3.getObjectTagging({ Bucket, Key }),
  PutObjectTagging: (s3, Bucket) => s3.putObjectTagging({ Bucket, Key, Tagging: { TagSet: [] } }),
  DeleteObjectTagging: (s3, Bucket) => s3.deleteObjectTagging({ Bucket, Key }),
  GetObjectAttributes: (s3, Bucket) =>
    s3.getObjectAttributes({ Bucket, Key, ObjectAttributes: ["ETag"] }),
};

/** Names that would lead a folder's store out of its folder. */
const escapes = ["..", "."];

/** Buckets that are not there, for every operation; and none is made by a call that fails. */
export const missingBucketCases: readonly StoreCase[] = [
  ...Object.entries(calls).map(([what, call]): StoreCase => ({
    name: `${what}: a missing bucket is NoSuchBucket`,
    async run({ s3, bucket, newName }) {
      await s3.putObject({ Bucket: bucket, Key, Body: "body" });
      const Bucket = newName();
      const error = await assertRefused(call(s3, Bucket, bucket), "NoSuchBucket", 404);
      assert.ok(error instanceof s3.errors.NoSuchBucket);
      assert.equal(error.$operation, what.split(" ")[0]);
      await assertRefused(s3.headBucket({ Bucket }), "NotFound", 404);
    },
  })),
  {
    name: "HeadObject in a missing bucket is a 404 without a body",
    async run({ s3, newName }) {
      await assertRefused(s3.headObject({ Bucket: newName(), Key }), "NotFound", 404);
    },
  },
  ...escapes.flatMap((Bucket): StoreCase[] => [
    {
      name: `the bucket ${JSON.stringify(Bucket)} is refused by every operation`,
      only: "stores",
      async run({ s3, bucket }) {
        for (const call of Object.values(calls)) {
          await assertRefused(
            call(s3, Bucket, bucket),
            ["InvalidBucketName", "NoSuchBucket", "NoSuchKey"],
            [400, 404],
          );
        }
        await assertRefused(s3.createBucket({ Bucket }), "InvalidBucketName", 400);
      },
    },
  ]),
];
