import assert from "node:assert/strict";
import { assertOutput, assertRefused, bytesOf, etagOf } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const mib = 1_048_576;

/** Around the size up to which a body is in memory when the call resolves. */
const sizes: Readonly<Record<string, number>> = {
  "no bytes": 0,
  "1 byte": 1,
  "5 KB": 5_000,
  "1 MiB less 1": mib - 1,
  "1 MiB": mib,
  "1 MiB and 1": mib + 1,
};

/** Objects: put, read, overwritten, deleted. */
export const objectCases: readonly StoreCase[] = [
  ...Object.entries(sizes).map(([what, size]): StoreCase => ({
    name: `putObject and getObject of ${what} keep the bytes, and their MD5 is the ETag`,
    async run({ s3, bucket: Bucket }) {
      const [Key, Body] = ["size", bytesOf(size)];
      const ETag = etagOf(Body);
      assertOutput(await s3.putObject({ Bucket, Key, Body }), { ETag });
      const got = await s3.getObject({ Bucket, Key });
      assert.ok(Buffer.from((await got.Body?.bytes()) ?? "none").equals(Body), "bytes");
      const expected = {
        AcceptRanges: "bytes",
        ContentLength: size,
        ContentType: /./,
        ETag,
        LastModified: Date,
        Metadata: {},
      };
      assertOutput(got, expected);
      assertOutput(await s3.headObject({ Bucket, Key }), expected);
    },
  })),
  {
    name: "putObject without Body makes an empty object",
    async run({ s3, bucket: Bucket }) {
      assertOutput(await s3.putObject({ Bucket, Key: "empty" }), { ETag: etagOf("") });
      const { Body, ContentLength } = await s3.getObject({ Bucket, Key: "empty" });
      assert.equal((await Body?.bytes())?.length, 0);
      assert.equal(ContentLength, 0);
    },
  },
  {
    name: "putObject without ContentType makes binary/octet-stream of it",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "typeless", Body: "body" });
      const { ContentType } = await s3.headObject({ Bucket, Key: "typeless" });
      assert.equal(ContentType, "binary/octet-stream");
    },
  },
  {
    name: "putObject over an object replaces bytes, headers, metadata and tags",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "overwritten" };
      await s3.putObject({
        ...at,
        Body: "a longer body",
        ContentType: "text/plain",
        CacheControl: "no-store",
        Metadata: { old: "yes" },
        Tagging: "old=yes",
      });
      await s3.putObject({ ...at, Body: "short", Metadata: { new: "yes" } });
      const got = await s3.getObject(at);
      assert.equal(await got.Body?.text(), "short");
      assert.deepEqual(got.Metadata, { new: "yes" });
      assert.equal(got.CacheControl, undefined);
      assert.notEqual(got.ContentType, "text/plain");
      assert.equal(got.ContentLength, 5);
      assert.equal(got.TagCount, undefined);
      assert.deepEqual((await s3.getObjectTagging(at)).TagSet, []);
    },
  },
  {
    name: "LastModified is the time of the put, and goes on with the next one",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "dated" };
      const before = Math.floor(Date.now() / 1_000) * 1_000;
      await s3.putObject({ ...at, Body: "one" });
      const { LastModified: first } = await s3.headObject(at);
      await s3.putObject({ ...at, Body: "two" });
      const { LastModified: second } = await s3.getObject(at);
      const after = Date.now() + 1_000;
      assert.ok(first !== undefined && second !== undefined);
      assert.ok(first.getTime() >= before && first.getTime() <= after, first.toISOString());
      assert.ok(second.getTime() >= first.getTime() && second.getTime() <= after);
    },
  },
  {
    name: "getObject of a missing key is NoSuchKey, never an empty body",
    async run({ s3, bucket: Bucket }) {
      const error = await assertRefused(s3.getObject({ Bucket, Key: "none" }), "NoSuchKey", 404);
      assert.ok(error instanceof s3.errors.NoSuchKey);
      assert.equal(error.$operation, "GetObject");
      assert.equal(error.retryable, false);
    },
  },
  {
    name: "headObject of a missing key is NotFound with status 404",
    async run({ s3, bucket: Bucket }) {
      const error = await assertRefused(s3.headObject({ Bucket, Key: "none" }), "NotFound", 404);
      assert.equal(error.$operation, "HeadObject");
    },
  },
  {
    name: "deleteObject takes an object away, and a missing key is no error",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "deleted" };
      await s3.putObject({ ...at, Body: "body", Tagging: "a=b", Metadata: { a: "b" } });
      assertOutput(await s3.deleteObject(at), {}, 204);
      await assertRefused(s3.getObject(at), "NoSuchKey", 404);
      await assertRefused(s3.headObject(at), "NotFound", 404);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
      assertOutput(await s3.deleteObject(at), {}, 204);
      assertOutput(await s3.deleteObject({ Bucket, Key: "never/there" }), {}, 204);
    },
  },
  {
    name: "an object that was deleted and put again has nothing of the old one",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "again" };
      const old = { Metadata: { a: "b" }, ContentType: "text/css", Tagging: "a=b" };
      await s3.putObject({ ...at, Body: "old", ...old });
      await s3.deleteObject(at);
      await s3.putObject({ ...at, Body: "new" });
      const got = await s3.getObject(at);
      assert.equal(await got.Body?.text(), "new");
      assert.deepEqual(got.Metadata, {});
      assert.notEqual(got.ContentType, "text/css");
      assert.equal(got.TagCount, undefined);
    },
  },
  {
    name: "reads see a write as soon as its call has resolved, lists too",
    async run({ s3, bucket: Bucket }) {
      for (let index = 0; index < 20; index += 1) {
        const Key = `fresh-${String(index).padStart(2, "0")}`;
        await s3.putObject({ Bucket, Key, Body: Key });
        const [got, listed] = await Promise.all([
          s3.getObject({ Bucket, Key }),
          s3.listObjectsV2({ Bucket }),
        ]);
        assert.equal(await got.Body?.text(), Key);
        assert.equal(listed.KeyCount, index + 1);
      }
    },
  },
  {
    name: "an empty Key is refused before anything is done",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "stays", Body: "" });
      const invalid = { name: "ParamValidationError", path: "Key" };
      await assert.rejects(s3.deleteObject({ Bucket, Key: "" }), invalid);
      await assert.rejects(s3.putObject({ Bucket, Key: "", Body: "x" }), invalid);
      await assert.rejects(s3.getObject({ Bucket, Key: "" }), invalid);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 1);
    },
  },
];
