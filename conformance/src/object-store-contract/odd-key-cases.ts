import assert from "node:assert/strict";
import { assertRefused } from "./expectation.ts";
import { keysOf, prefixesOf, put, walk } from "./listing.ts";
import { begin, complete, send } from "./multipart.ts";
import { longKeys, oddKeys, tooLongKeys } from "./odd-keys.ts";
import type { Place, StoreCase } from "./store-case.ts";

function inOrder(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Objects of all these keys live side by side, are listed in order, copied, and deleted one by one. */
async function assertHeld({ s3, bucket: Bucket }: Place, keys: readonly string[]): Promise<void> {
  const sorted = inOrder(keys);
  for (const Key of sorted) await s3.putObject({ Bucket, Key, Body: Key, Metadata: { n: "1" } });
  assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), sorted);
  assert.deepEqual((await walk(s3, { Bucket, MaxKeys: 2 })).keys, sorted);
  for (const Key of sorted) {
    const got = await s3.getObject({ Bucket, Key });
    assert.equal(await got.Body?.text(), Key, JSON.stringify(Key.slice(0, 50)));
    assert.deepEqual(got.Metadata, { n: "1" });
  }
  for (const [index, Key] of sorted.entries()) {
    await s3.copyObject({ Bucket, Key: "copy", CopySource: { Bucket, Key } });
    const { Body } = await s3.getObject({ Bucket, Key: "copy" });
    assert.equal(await Body?.text(), Key);
    await s3.deleteObject({ Bucket, Key: "copy" });
    await s3.deleteObject({ Bucket, Key });
    await assertRefused(s3.getObject({ Bucket, Key }), "NoSuchKey", 404);
    assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), sorted.slice(index + 1));
  }
  await s3.deleteBucket({ Bucket });
}

/** Keys that are just bytes to S3. */
export const oddKeyCases: readonly StoreCase[] = [
  ...Object.entries(oddKeys).map(([what, keys]): StoreCase => ({
    name: `keys with ${what} are keys like others`,
    run: (place) => assertHeld(place, keys),
  })),
  ...Object.entries(longKeys).map(([what, key]): StoreCase => ({
    name: `a key of 1,024 bytes, of ${what}, is kept`,
    run: (place) => assertHeld(place, [key]),
  })),
  ...Object.entries(tooLongKeys).map(([what, Key]): StoreCase => ({
    name: `a key of more than 1,024 bytes, of ${what}, is KeyTooLongError`,
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "source", Body: "x" });
      const tooLong = "KeyTooLongError";
      await assertRefused(s3.putObject({ Bucket, Key, Body: "x" }), tooLong, 400);
      const copy = s3.copyObject({ Bucket, Key, CopySource: `${Bucket}/source` });
      await assertRefused(copy, tooLong, 400);
      await assertRefused(s3.createMultipartUpload({ Bucket, Key }), tooLong, 400);
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["source"]);
    },
  })),
  {
    name: "a key, the folder of its name, and what is in that are three objects",
    async run({ s3, bucket: Bucket }) {
      const keys = ["a", "a/", "a/b", "a/b/", "a/b/c"];
      for (const order of [keys, keys.toReversed()]) {
        await put(s3, Bucket, order);
        for (const Key of order) {
          const { Body } = await s3.getObject({ Bucket, Key });
          assert.equal(await Body?.text(), Key);
        }
        await s3.deleteObject({ Bucket, Key: "a/b" });
        assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["a", "a/", "a/b/", "a/b/c"]);
        await s3.deleteObject({ Bucket, Key: "a/" });
        await s3.deleteObject({ Bucket, Key: "a/b/" });
        assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["a", "a/b/c"]);
        await s3.deleteObject({ Bucket, Key: "a/b/c" });
        assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["a"]);
        await s3.deleteObject({ Bucket, Key: "a" });
        assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
      }
    },
  },
  {
    name: "a folder that has no more keys is not listed, and does not keep the bucket",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a/b/c/d"]);
      await s3.deleteObject({ Bucket, Key: "a/b/c/d" });
      const page = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
      assert.deepEqual([keysOf(page), prefixesOf(page)], [[], []]);
      await put(s3, Bucket, ["a"]);
      await s3.deleteObject({ Bucket, Key: "a" });
      await s3.deleteBucket({ Bucket });
    },
  },
  {
    name: "a missing key below, above or beside an object is NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a/b"]);
      for (const Key of ["a", "a/", "a/b/", "a/b/c", "a/B", "a//b", "./a/b", "a/./b", "a/b\0"]) {
        await assertRefused(s3.getObject({ Bucket, Key }), "NoSuchKey", 404);
        await s3.deleteObject({ Bucket, Key });
      }
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["a/b"]);
    },
  },
  {
    name: "deleteObjects and multipart uploads take every odd key",
    async run({ s3, bucket: Bucket }) {
      const keys = inOrder(Object.values(oddKeys).flat());
      for (const Key of keys) {
        const at = await begin(s3, Bucket, Key);
        await complete(s3, at, [await send(s3, at, 1, Key)]);
      }
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), keys);
      const Objects = keys.map((Key) => ({ Key }));
      const { Deleted = [], Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      assert.equal(Errors, undefined);
      assert.deepEqual(inOrder(Deleted.map(({ Key = "" }) => Key)), keys);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
];
