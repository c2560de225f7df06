import assert from "node:assert/strict";
import { assertOutput, assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const invalidNames: Readonly<Record<string, string>> = {
  "two characters": "ab",
  "64 characters": "a".repeat(64),
  "an upper-case letter": "Bucket-name",
  "an underscore": "bucket_name",
  "an IPv4 address": "192.168.5.4",
  "a hyphen first": "-bucket",
  "a hyphen last": "bucket-",
  "a dot first": ".bucket",
  "two dots together": "bucket..name",
};

const validNames: Readonly<Record<string, (name: string) => string>> = {
  "dots and hyphens": (name) => `${name}.with-dots.1`,
  "a digit first": (name) => `0${name}`,
  "63 characters": (name) => name.padEnd(63, "x"),
};

/** Buckets: created, found, listed, deleted. */
export const bucketCases: readonly StoreCase[] = [
  {
    name: "createBucket answers with the bucket's location",
    async run({ s3, newName }) {
      const Bucket = newName();
      assertOutput(await s3.createBucket({ Bucket }), { Location: `/${Bucket}` });
      assertOutput(await s3.headBucket({ Bucket }), {});
      assertOutput(await s3.listObjectsV2({ Bucket }), {
        Name: Bucket,
        IsTruncated: false,
        KeyCount: 0,
        MaxKeys: 1_000,
      });
    },
  },
  {
    name: "createBucket of a bucket of one's own is BucketAlreadyOwnedByYou, and the objects stay",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "stays", Body: "here" });
      const error = await assertRefused(
        s3.createBucket({ Bucket }),
        "BucketAlreadyOwnedByYou",
        409,
      );
      assert.ok(error instanceof s3.errors.BucketAlreadyOwnedByYou);
      assert.equal(error.$operation, "CreateBucket");
      const { Body } = await s3.getObject({ Bucket, Key: "stays" });
      assert.equal(await Body?.text(), "here");
    },
  },
  ...Object.entries(invalidNames).map(([what, Bucket]): StoreCase => ({
    name: `createBucket refuses ${what} with InvalidBucketName`,
    async run({ s3 }) {
      await assertRefused(s3.createBucket({ Bucket }), "InvalidBucketName", 400);
      const { Buckets = [] } = await s3.listBuckets();
      assert.ok(!Buckets.some(({ Name }) => Name === Bucket));
    },
  })),
  ...Object.entries(validNames).map(([what, make]): StoreCase => ({
    name: `createBucket takes a name of ${what}`,
    async run({ s3, newName }) {
      const Bucket = make(newName());
      await s3.createBucket({ Bucket });
      await s3.putObject({ Bucket, Key: "key", Body: "body" });
      const { Body } = await s3.getObject({ Bucket, Key: "key" });
      assert.equal(await Body?.text(), "body");
    },
  })),
  {
    name: "headBucket of a missing bucket is a 404 without a body",
    async run({ s3, newName }) {
      const error = await assertRefused(s3.headBucket({ Bucket: newName() }), "NotFound", 404);
      assert.equal(error.$operation, "HeadBucket");
    },
  },
  {
    name: "listBuckets lists by name, with the time of creation",
    async run({ s3, newName }) {
      const names = ["b", "a", "a.b", "a-b"].map((end) => `${newName()}${end}`);
      const before = Date.now();
      for (const Bucket of names) await s3.createBucket({ Bucket });
      const { Buckets = [], $metadata } = await s3.listBuckets();
      assert.equal($metadata.httpStatusCode, 200);
      const found = Buckets.flatMap(({ Name }) => Name ?? []);
      assert.deepEqual(found, found.toSorted(), "in byte order");
      for (const name of names) {
        const created = Buckets.find(({ Name }) => Name === name)?.CreationDate;
        assert.ok(created instanceof Date, name);
        // Whole seconds on a server.
        assert.ok(created.getTime() >= before - 1_000 && created.getTime() <= Date.now() + 1_000);
      }
    },
  },
  {
    name: "listBuckets pages by MaxBuckets, and keeps to a Prefix",
    async run({ s3, newName }) {
      const Prefix = newName();
      const names = ["a", "b", "c", "d", "e"].map((end) => `${Prefix}${end}`);
      for (const Bucket of names) await s3.createBucket({ Bucket });
      const first = await s3.listBuckets({ Prefix, MaxBuckets: 2 });
      assert.deepEqual(
        first.Buckets?.map(({ Name }) => Name),
        names.slice(0, 2),
      );
      assert.equal(typeof first.ContinuationToken, "string");
      const all: (string | undefined)[] = [];
      const pages = s3.paginate.listBuckets({ Prefix }, { pageSize: 2 });
      for await (const { Name } of pages.items()) all.push(Name);
      assert.deepEqual(all, names);
    },
  },
  {
    name: "getBucketLocation of a bucket in us-east-1 is absent",
    async run({ s3, bucket: Bucket }) {
      assertOutput(await s3.getBucketLocation({ Bucket }), {});
    },
  },
  {
    name: "deleteBucket takes an empty bucket away",
    async run({ s3, newName }) {
      const Bucket = newName();
      await s3.createBucket({ Bucket });
      await s3.putObject({ Bucket, Key: "folder/key", Body: "" });
      await s3.deleteObject({ Bucket, Key: "folder/key" });
      assertOutput(await s3.deleteBucket({ Bucket }), {}, 204);
      await assertRefused(s3.headBucket({ Bucket }), "NotFound", 404);
      const { Buckets = [] } = await s3.listBuckets();
      assert.ok(!Buckets.some(({ Name }) => Name === Bucket));
    },
  },
  {
    name: "deleteBucket of a bucket with objects is BucketNotEmpty, and takes nothing away",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "a/b", Body: "kept" });
      await assertRefused(s3.deleteBucket({ Bucket }), "BucketNotEmpty", 409);
      const { Body } = await s3.getObject({ Bucket, Key: "a/b" });
      assert.equal(await Body?.text(), "kept");
    },
  },
  {
    name: "a bucket that is created again is empty",
    async run({ s3, newName }) {
      const Bucket = newName();
      await s3.createBucket({ Bucket });
      await s3.putObject({ Bucket, Key: "old", Body: "old" });
      await s3.deleteObject({ Bucket, Key: "old" });
      await s3.deleteBucket({ Bucket });
      await s3.createBucket({ Bucket });
      await assertRefused(s3.getObject({ Bucket, Key: "old" }), "NoSuchKey", 404);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "buckets with names that begin alike keep their objects apart",
    async run({ s3, newName }) {
      const name = newName();
      for (const Bucket of [name, `${name}-b`, `${name}.b`]) {
        await s3.createBucket({ Bucket });
        await s3.putObject({ Bucket, Key: `of ${Bucket}`, Body: Bucket });
      }
      for (const Bucket of [name, `${name}-b`, `${name}.b`]) {
        const { Contents } = await s3.listObjectsV2({ Bucket });
        assert.deepEqual(
          Contents?.map(({ Key }) => Key),
          [`of ${Bucket}`],
        );
      }
    },
  },
];
