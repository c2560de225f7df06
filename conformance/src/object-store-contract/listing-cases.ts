import assert from "node:assert/strict";
import { assertOutput, assertRefused, etagOf } from "./expectation.ts";
import { keysOf, prefixesOf, put, walk } from "./listing.ts";
import type { StoreCase } from "./store-case.ts";

/** In the order of their UTF-8 bytes; by UTF-16 the last two would be the other way round. */
const ordered = ["", "!", "-", "0", "A", "_", "a", "a!", "a0", "b", "~"]
  .map((end) => `k${end}`)
  .concat(["k\u0080", "ké", "k\uD7FF", "k\uE000", "k\uFFFD", "k\u{10000}", "k\u{1F4A1}"]);

/** Byte order is not the order of a walk through folders. */
const folders = ["k", "k!", "k-", "k-/a", "k/", "k/!", "k/a", "k/a!", "k/a/b", "k/a0", "k0", "k0/"];

const globs = ["*", "?", "[a]", "{a,b}", "\\", "**", "^", "$", "(", "|", "%", "_"];

/** What ListObjectsV2 lists, in which order, and what it says beside. */
export const listingCases: readonly StoreCase[] = [
  {
    name: "listObjectsV2 shows key, size, ETag and time of each object",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["one", "two"]);
      assertOutput(await s3.listObjectsV2({ Bucket }), {
        Contents: ["one", "two"].map((Key) => ({
          ETag: etagOf(Key),
          Key,
          LastModified: Date,
          Size: 3,
        })),
        IsTruncated: false,
        KeyCount: 2,
        MaxKeys: 1_000,
        Name: Bucket,
      });
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      assert.equal(Contents[0]?.StorageClass, "STANDARD");
      const { LastModified } = await s3.headObject({ Bucket, Key: "one" });
      const listed = Contents[0]?.LastModified?.getTime() ?? 0;
      assert.ok(Math.abs(listed - (LastModified?.getTime() ?? 0)) < 1_000, "the same second");
    },
  },
  {
    name: "listObjectsV2 of nothing has no Contents and no CommonPrefixes",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a"]);
      assertOutput(await s3.listObjectsV2({ Bucket, Prefix: "b", Delimiter: "/" }), {
        Delimiter: "/",
        IsTruncated: false,
        KeyCount: 0,
        MaxKeys: 1_000,
        Name: Bucket,
        Prefix: "b",
      });
    },
  },
  {
    name: "keys are listed in the order of their UTF-8 bytes",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ordered.toReversed());
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ordered);
      assert.deepEqual(keysOf(await s3.listObjects({ Bucket })), ordered);
    },
  },
  ...Object.entries({ characters: ordered, folders }).map(([what, expected]): StoreCase => ({
    name: `pages of one and of three keys are in the order of UTF-8 bytes too: ${what}`,
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, expected.toReversed());
      for (const MaxKeys of [1, 3]) {
        const { keys, pages } = await walk(s3, { Bucket, MaxKeys });
        assert.deepEqual(keys, expected);
        assert.equal(pages, Math.ceil(expected.length / MaxKeys));
      }
    },
  })),
  {
    name: "folders are listed in the order of their bytes, with a key and its folder side by side",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, folders.toReversed());
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), folders);
      const { keys, prefixes } = await walk(s3, { Bucket, Delimiter: "/", MaxKeys: 2 });
      assert.deepEqual(
        [keys, prefixes],
        [
          ["k", "k!", "k-", "k0"],
          ["k-/", "k/", "k0/"],
        ],
      );
      for (const StartAfter of [...folders, "k.", "k/a/", "k/aa"]) {
        const bytes = Buffer.from(StartAfter);
        const rest = folders.filter((key) => Buffer.from(key).compare(bytes) > 0);
        assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket, StartAfter })), rest, StartAfter);
      }
    },
  },
  {
    name: "StartAfter begins behind a key, which need not be there",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ordered);
      for (const StartAfter of [...ordered, "a", "kaa", "k\uFFFDa", "z"]) {
        const page = await s3.listObjectsV2({ Bucket, StartAfter });
        const bytes = Buffer.from(StartAfter);
        const expected = ordered.filter((key) => Buffer.from(key).compare(bytes) > 0);
        assert.deepEqual(keysOf(page), expected, StartAfter);
        assert.equal(page.StartAfter, StartAfter);
      }
    },
  },
  {
    name: "prefixes mean themselves, whatever a glob or a pattern would make of them",
    async run({ s3, bucket: Bucket }) {
      const keys = globs.flatMap((glob) => [`x${glob}y`, glob]).toSorted();
      await put(s3, Bucket, [...keys, "xay", "xby", "a", "b", "xy"]);
      for (const glob of globs) {
        for (const Prefix of [glob, `x${glob}`]) {
          const expected = keys.filter((key) => key.startsWith(Prefix));
          assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket, Prefix })), expected, Prefix);
        }
      }
    },
  },
  {
    name: "a prefix may end within a name, within a character's escapes, or be a whole key",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["log", "logs/2025", "logs/2026", "logs2", "ü", "üb"]);
      const list = async (Prefix: string) => keysOf(await s3.listObjectsV2({ Bucket, Prefix }));
      assert.deepEqual(await list("logs/20"), ["logs/2025", "logs/2026"]);
      assert.deepEqual(await list("logs"), ["logs/2025", "logs/2026", "logs2"]);
      assert.deepEqual(await list("logs/"), ["logs/2025", "logs/2026"]);
      assert.deepEqual(await list("ü"), ["ü", "üb"]);
      assert.deepEqual(await list("none"), []);
      assert.deepEqual(await list("logs/2025/"), []);
    },
  },
  {
    name: "a delimiter folds what is behind it into common prefixes",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a!", "a/b", "a/c/d", "a/e", "b-", "b/c", "c"]);
      const top = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
      assert.deepEqual(keysOf(top), ["a!", "b-", "c"]);
      assert.deepEqual(prefixesOf(top), ["a/", "b/"]);
      assert.equal(top.KeyCount, 5);
      assert.equal(top.Delimiter, "/");
      const inner = await s3.listObjectsV2({ Bucket, Delimiter: "/", Prefix: "a/" });
      assert.deepEqual([keysOf(inner), prefixesOf(inner)], [["a/b", "a/e"], ["a/c/"]]);
      const half = await s3.listObjectsV2({ Bucket, Delimiter: "/", Prefix: "a" });
      assert.deepEqual([keysOf(half), prefixesOf(half)], [["a!"], ["a/"]]);
    },
  },
  {
    name: "a key that is its own prefix is a key, beside what is in its folder",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["b", "b/", "b/c"]);
      const own = await s3.listObjectsV2({ Bucket, Delimiter: "/", Prefix: "b/" });
      assert.deepEqual([keysOf(own), prefixesOf(own)], [["b/", "b/c"], []]);
      const half = await s3.listObjectsV2({ Bucket, Delimiter: "/", Prefix: "b" });
      assert.deepEqual([keysOf(half), prefixesOf(half)], [["b"], ["b/"]]);
    },
  },
  {
    name: "a delimiter of several characters, or of one that is no slash",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a--b", "a--c", "a-b", "d--", "x💡y", "x💡z", "y z"]);
      const list = async (Delimiter: string) => {
        const page = await s3.listObjectsV2({ Bucket, Delimiter });
        return [keysOf(page), prefixesOf(page)];
      };
      assert.deepEqual(await list("--"), [
        ["a-b", "x💡y", "x💡z", "y z"],
        ["a--", "d--"],
      ]);
      assert.deepEqual((await list("💡"))[1], ["x💡"]);
      assert.deepEqual((await list(" "))[1], ["y "]);
      assert.deepEqual((await list("*"))[1], []);
    },
  },
  {
    name: "a delimiter that keys begin with, or have twice",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["/", "/a", "//b", "a//b", "a/b"]);
      const list = async (Prefix: string) => {
        const page = await s3.listObjectsV2({ Bucket, Prefix, Delimiter: "/" });
        return [keysOf(page), prefixesOf(page)];
      };
      assert.deepEqual(await list(""), [[], ["/", "a/"]]);
      assert.deepEqual(await list("/"), [["/", "/a"], ["//"]]);
      assert.deepEqual(await list("a/"), [["a/b"], ["a//"]]);
    },
  },
  {
    name: "FetchOwner shows the owner, and without it there is none",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a"]);
      const { Contents: without } = await s3.listObjectsV2({ Bucket });
      assert.equal(without?.[0]?.Owner, undefined);
      const { Contents } = await s3.listObjectsV2({ Bucket, FetchOwner: true });
      assert.equal(typeof Contents?.[0]?.Owner?.ID, "string");
    },
  },
  {
    name: "listObjects shows the owner of each object",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a"]);
      const { Contents } = await s3.listObjects({ Bucket });
      assert.equal(typeof Contents?.[0]?.Owner?.ID, "string");
    },
  },
  {
    name: "EncodingType url, when the caller sets it, leaves the decoding to the caller",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a&b/ü", "a&b/c"]);
      const page = await s3.listObjectsV2({ Bucket, EncodingType: "url" });
      assert.equal(page.EncodingType, "url");
      assert.deepEqual(keysOf(page), ["a%26b/c", "a%26b/%C3%BC"]);
    },
  },
  ...[0, 1, 999, 1_000, 1_001, 5_000].map((MaxKeys): StoreCase => ({
    name: `MaxKeys ${MaxKeys} is ${MaxKeys > 1_000 ? "1000" : "kept"}`,
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a", "b"]);
      const page = await s3.listObjectsV2({ Bucket, MaxKeys });
      assert.equal(page.MaxKeys, Math.min(MaxKeys, 1_000));
      assert.equal(page.KeyCount, Math.min(MaxKeys, 2));
      assert.equal(page.IsTruncated, MaxKeys === 1);
      assert.equal(page.NextContinuationToken !== undefined, MaxKeys === 1);
    },
  })),
  {
    name: "MaxKeys below 0 is InvalidArgument, in both lists",
    async run({ s3, bucket: Bucket }) {
      await assertRefused(s3.listObjectsV2({ Bucket, MaxKeys: -1 }), "InvalidArgument", 400);
      await assertRefused(s3.listObjects({ Bucket, MaxKeys: -1 }), "InvalidArgument", 400);
    },
  },
];
