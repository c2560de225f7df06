import assert from "node:assert/strict";
import { assertRefused } from "./expectation.ts";
import { keysOf, prefixesOf, put, walk } from "./listing.ts";
import type { StoreCase } from "./store-case.ts";

const letters = ["a", "b", "c", "d", "e"];
const folders = ["a", "b/1", "b/2", "c", "d/1", "d/2/3", "e"];

/** Pages of lists: tokens, markers, and what is counted. */
export const pagingCases: readonly StoreCase[] = [
  {
    name: "IsTruncated is exact: a full page at the end is the end",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      const first = await s3.listObjectsV2({ Bucket, MaxKeys: 3 });
      assert.deepEqual(keysOf(first), ["a", "b", "c"]);
      assert.equal(first.IsTruncated, true);
      assert.equal(first.KeyCount, 3);
      const ContinuationToken = first.NextContinuationToken;
      const second = await s3.listObjectsV2({ Bucket, MaxKeys: 2, ContinuationToken });
      assert.deepEqual(keysOf(second), ["d", "e"]);
      assert.equal(second.IsTruncated, false);
      assert.equal(second.NextContinuationToken, undefined);
      assert.equal(second.ContinuationToken, ContinuationToken);
      const all = await s3.listObjectsV2({ Bucket, MaxKeys: 5 });
      assert.equal(all.IsTruncated, false);
    },
  },
  {
    name: "common prefixes count as keys do, for MaxKeys and KeyCount",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, folders);
      const first = await s3.listObjectsV2({ Bucket, Delimiter: "/", MaxKeys: 2 });
      assert.deepEqual([keysOf(first), prefixesOf(first)], [["a"], ["b/"]]);
      assert.deepEqual([first.KeyCount, first.IsTruncated], [2, true]);
      const ContinuationToken = first.NextContinuationToken;
      const second = await s3.listObjectsV2({
        Bucket,
        Delimiter: "/",
        MaxKeys: 3,
        ContinuationToken,
      });
      assert.deepEqual([keysOf(second), prefixesOf(second)], [["c", "e"], ["d/"]]);
      assert.deepEqual([second.KeyCount, second.IsTruncated], [3, false]);
    },
  },
  ...[1, 2, 3, 4, 5].map((MaxKeys): StoreCase => ({
    name: `pages of ${MaxKeys} with a delimiter list everything once`,
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, folders);
      const { keys, prefixes, pages } = await walk(s3, { Bucket, Delimiter: "/", MaxKeys });
      assert.deepEqual(
        [keys, prefixes],
        [
          ["a", "c", "e"],
          ["b/", "d/"],
        ],
      );
      assert.equal(pages, Math.ceil(5 / MaxKeys));
    },
  })),
  {
    name: "a page that ends with the last common prefix is the last page",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a", "z/1", "z/2", "z/3"]);
      const page = await s3.listObjectsV2({ Bucket, Delimiter: "/", MaxKeys: 2 });
      assert.deepEqual([keysOf(page), prefixesOf(page)], [["a"], ["z/"]]);
      assert.equal(page.IsTruncated, false);
      const v1 = await s3.listObjects({ Bucket, Delimiter: "/", MaxKeys: 2 });
      assert.equal(v1.IsTruncated, false);
    },
  },
  {
    name: "a token stays valid while keys come and go",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      const { NextContinuationToken: ContinuationToken } = await s3.listObjectsV2({
        Bucket,
        MaxKeys: 3,
      });
      for (const Key of ["a", "c", "d"]) await s3.deleteObject({ Bucket, Key });
      await put(s3, Bucket, ["0", "b1", "cc", "f"]);
      const rest = await s3.listObjectsV2({ Bucket, ContinuationToken });
      assert.deepEqual(keysOf(rest), ["cc", "e", "f"]);
      const again = await s3.listObjectsV2({ Bucket, ContinuationToken });
      assert.deepEqual(keysOf(again), keysOf(rest), "a token may be used again");
    },
  },
  {
    name: "a token of a common prefix goes on behind all of it, also what is added later",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, folders);
      const input = { Bucket, Delimiter: "/", MaxKeys: 2 };
      const { NextContinuationToken: ContinuationToken } = await s3.listObjectsV2(input);
      await put(s3, Bucket, ["b/9", "b/\u{10FFFF}"]);
      const rest = await s3.listObjectsV2({ Bucket, Delimiter: "/", ContinuationToken });
      assert.deepEqual([keysOf(rest), prefixesOf(rest)], [["c", "e"], ["d/"]]);
    },
  },
  {
    name: "a token wins over StartAfter",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      const input = { Bucket, MaxKeys: 1, StartAfter: "a" };
      const first = await s3.listObjectsV2(input);
      assert.deepEqual(keysOf(first), ["b"]);
      const ContinuationToken = first.NextContinuationToken;
      assert.deepEqual(keysOf(await s3.listObjectsV2({ ...input, ContinuationToken })), ["c"]);
    },
  },
  {
    name: "a token that is none is InvalidArgument",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      for (const ContinuationToken of ["no token", "€", "%00", "x".repeat(100)]) {
        const list = s3.listObjectsV2({ Bucket, ContinuationToken });
        await assertRefused(list, "InvalidArgument", 400);
      }
    },
  },
  {
    name: "a token is no key: it may stand in a URL or a log",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a\0b\n", "b"]);
      const { NextContinuationToken = "" } = await s3.listObjectsV2({ Bucket, MaxKeys: 1 });
      assert.match(NextContinuationToken, /^[\x21-\x7e]+$/);
    },
  },
  {
    name: "listObjects goes on behind Marker; NextMarker is there with a delimiter alone",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      const plain = await s3.listObjects({ Bucket, MaxKeys: 2 });
      assert.deepEqual(keysOf(plain), ["a", "b"]);
      assert.equal(plain.IsTruncated, true);
      assert.equal(plain.NextMarker, undefined);
      const second = await s3.listObjects({ Bucket, Marker: "b" });
      assert.deepEqual(keysOf(second), ["c", "d", "e"]);
      assert.equal(second.Marker, "b");
      const parted = await s3.listObjects({ Bucket, MaxKeys: 2, Delimiter: "/" });
      assert.equal(parted.NextMarker, "b");
      const between = await s3.listObjects({ Bucket, Marker: "bb" });
      assert.deepEqual(keysOf(between), ["c", "d", "e"]);
    },
  },
  {
    name: "listObjects with NextMarker goes from common prefix to common prefix",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, folders);
      const seen: (string | undefined)[] = [];
      let Marker: string | undefined;
      for (let pages = 0; pages < 10; pages += 1) {
        const page = await s3.listObjects({ Bucket, Delimiter: "/", MaxKeys: 1, Marker });
        seen.push(...keysOf(page), ...prefixesOf(page));
        if (page.IsTruncated !== true) break;
        Marker = page.NextMarker;
      }
      assert.deepEqual(seen, ["a", "b/", "c", "d/", "e"]);
    },
  },
  {
    name: "MaxKeys 0 lists nothing, and there is nothing more",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, letters);
      for (const list of [
        s3.listObjects({ Bucket, MaxKeys: 0 }),
        s3.listObjectsV2({ Bucket, MaxKeys: 0 }),
      ]) {
        const page = await list;
        assert.deepEqual([keysOf(page), page.IsTruncated], [[], false]);
      }
    },
  },
  {
    name: "2,500 keys come in order through both paginators",
    async run({ s3, bucket: Bucket }) {
      const keys = Array.from(
        { length: 2_500 },
        (_, index) => `n/${String(index).padStart(4, "0")}`,
      );
      await put(s3, Bucket, keys);
      const first = await s3.listObjectsV2({ Bucket });
      assert.deepEqual([first.KeyCount, first.IsTruncated], [1_000, true]);
      const v2: (string | undefined)[] = [];
      const v1: (string | undefined)[] = [];
      let pages = 0;
      for await (const page of s3.paginate.listObjectsV2({ Bucket })) {
        pages += 1;
        v2.push(...keysOf(page));
      }
      for await (const { Key } of s3.paginate.listObjects({ Bucket }).items()) v1.push(Key);
      assert.equal(pages, 3);
      assert.deepEqual(v2, keys);
      assert.deepEqual(v1, keys);
      const folded = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
      assert.deepEqual([folded.KeyCount, folded.IsTruncated], [1, false]);
      const limited = s3.paginate.listObjectsV2({ Bucket }, { pageSize: 100, limit: 250 });
      assert.equal((await limited.all()).length, 250);
    },
  },
];
