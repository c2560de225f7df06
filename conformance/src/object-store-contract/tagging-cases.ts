import assert from "node:assert/strict";
import { assertOutput, assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "tagged";
const TagSet = [
  { Key: "colour", Value: "green" },
  { Key: "a b+c=d-e/f", Value: "ü: @ 1.0_0" },
  { Key: "empty", Value: "" },
];

function tags(count: number): { Key: string; Value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: `v${index}` }));
}

/** Tag sets that S3 refuses. */
const refused: Readonly<Record<string, { readonly TagSet: typeof TagSet; readonly code: string }>> =
  {
    "eleven tags": { TagSet: tags(11), code: "BadRequest" },
    "the same tag twice": {
      TagSet: [
        { Key: "a", Value: "1" },
        { Key: "a", Value: "2" },
      ],
      code: "InvalidTag",
    },
    "a key of 129 characters": {
      TagSet: [{ Key: "k".repeat(129), Value: "" }],
      code: "InvalidTag",
    },
    "a value of 257 characters": {
      TagSet: [{ Key: "k", Value: "v".repeat(257) }],
      code: "InvalidTag",
    },
    "a character that tags cannot have": {
      TagSet: [{ Key: "a&b", Value: "" }],
      code: "InvalidTag",
    },
    "an empty key": { TagSet: [{ Key: "", Value: "v" }], code: "InvalidTag" },
  };

/** Tags of objects. */
export const taggingCases: readonly StoreCase[] = [
  {
    name: "putObjectTagging sets the tags, and getObject and headObject count them",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key };
      await s3.putObject({ ...at, Body: "x" });
      assertOutput(await s3.putObjectTagging({ ...at, Tagging: { TagSet } }), {});
      const got = await s3.getObjectTagging(at);
      assert.equal(got.$metadata.httpStatusCode, 200);
      assert.deepEqual(sorted(got.TagSet), sorted(TagSet));
      assert.equal((await s3.getObject(at)).TagCount, 3);
    },
  },
  {
    name: "putObjectTagging replaces all tags, and leaves the object as it is",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key };
      const { ETag } = await s3.putObject({ ...at, Body: "x", Metadata: { a: "b" } });
      const { LastModified } = await s3.headObject(at);
      await s3.putObjectTagging({ ...at, Tagging: { TagSet } });
      await s3.putObjectTagging({ ...at, Tagging: { TagSet: tags(1) } });
      assert.deepEqual((await s3.getObjectTagging(at)).TagSet, tags(1));
      const head = await s3.headObject(at);
      assert.deepEqual([head.ETag, head.Metadata], [ETag, { a: "b" }]);
      assert.deepEqual(head.LastModified, LastModified);
      await s3.putObjectTagging({ ...at, Tagging: { TagSet: [] } });
      assert.deepEqual((await s3.getObjectTagging(at)).TagSet, []);
    },
  },
  {
    name: "deleteObjectTagging takes the tags away",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key };
      await s3.putObject({ ...at, Body: "x", Tagging: "a=b" });
      assertOutput(await s3.deleteObjectTagging(at), {}, 204);
      assertOutput(await s3.getObjectTagging(at), { TagSet: [] });
      assert.equal((await s3.getObject(at)).TagCount, undefined);
      assertOutput(await s3.deleteObjectTagging(at), {}, 204);
    },
  },
  {
    name: "putObject takes tags as a query, with its escapes",
    async run({ s3, bucket: Bucket }) {
      const Tagging = "one=1&two+words=a%20b&%C3%BC=%2F%3D&none=";
      await s3.putObject({ Bucket, Key, Body: "x", Tagging });
      const got = await s3.getObjectTagging({ Bucket, Key });
      const expected = [
        { Key: "one", Value: "1" },
        { Key: "two words", Value: "a b" },
        { Key: "ü", Value: "/=" },
        { Key: "none", Value: "" },
      ];
      assert.deepEqual(sorted(got.TagSet), sorted(expected));
    },
  },
  {
    name: "ten tags with keys of 128 and values of 256 characters are kept",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "x" });
      const set = tags(10).map((tag, index) => ({
        Key: `${index}`.padEnd(128, "k"),
        Value: tag.Value.padEnd(256, "v"),
      }));
      await s3.putObjectTagging({ Bucket, Key, Tagging: { TagSet: set } });
      assert.deepEqual(sorted((await s3.getObjectTagging({ Bucket, Key })).TagSet), sorted(set));
    },
  },
  ...Object.entries(refused).map(([what, one]): StoreCase => ({
    name: `${what}: ${one.code}, and the tags stay`,
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "x", Tagging: "stays=yes" });
      const put = s3.putObjectTagging({ Bucket, Key, Tagging: { TagSet: one.TagSet } });
      await assertRefused(put, one.code, 400);
      const { TagSet: left } = await s3.getObjectTagging({ Bucket, Key });
      assert.deepEqual(left, [{ Key: "stays", Value: "yes" }]);
    },
  })),
  {
    name: "putObject with eleven tags is BadRequest, and stores nothing",
    async run({ s3, bucket: Bucket }) {
      const Tagging = tags(11)
        .map((tag) => `${tag.Key}=${tag.Value}`)
        .join("&");
      await assertRefused(s3.putObject({ Bucket, Key, Body: "x", Tagging }), "BadRequest", 400);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "tags of a missing key are NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "none" };
      await assertRefused(s3.getObjectTagging(at), "NoSuchKey", 404);
      const put = s3.putObjectTagging({ ...at, Tagging: { TagSet: tags(1) } });
      await assertRefused(put, "NoSuchKey", 404);
      await assertRefused(s3.deleteObjectTagging(at), "NoSuchKey", 404);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
];

type Tags =
  | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
  | undefined;

/** S3 keeps no order. */
function sorted(set: Tags): (readonly [string, string])[] {
  return (set ?? [])
    .map((tag) => [tag.Key ?? "", tag.Value ?? ""] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
