import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { assertOutput, assertRefused, bytesOf, etagOf } from "./expectation.ts";
import type { Place, StoreCase } from "./store-case.ts";

const Body = "the source";
const ETag = etagOf(Body);
const other = etagOf("other");
const hourMs = 3_600_000;

const details = {
  CacheControl: "no-store",
  ContentDisposition: "inline",
  ContentEncoding: "identity",
  ContentLanguage: "de",
  ContentType: "text/css",
  Metadata: { from: "source" },
} as const;

async function source({ s3, bucket: Bucket }: Place, Key = "source"): Promise<string> {
  await s3.putObject({ Bucket, Key, Body, ...details, Tagging: "of=source" });
  return `${Bucket}/${Key}`;
}

async function textOf({ s3, bucket: Bucket }: Place, Key: string): Promise<string | undefined> {
  const got = await s3.getObject({ Bucket, Key });
  return got.Body?.text();
}

/** Conditions on the source, and what comes of them. */
const conditions: Readonly<
  Record<string, { readonly input: (modified: Date) => object; readonly holds: boolean }>
> = {
  "If-Match of its ETag": { input: () => ({ CopySourceIfMatch: ETag }), holds: true },
  "If-Match of another ETag": { input: () => ({ CopySourceIfMatch: other }), holds: false },
  "If-None-Match of its ETag": { input: () => ({ CopySourceIfNoneMatch: ETag }), holds: false },
  "If-None-Match of another ETag": {
    input: () => ({ CopySourceIfNoneMatch: other }),
    holds: true,
  },
  "If-Modified-Since an hour before": {
    input: (date) => ({ CopySourceIfModifiedSince: shifted(date, -hourMs) }),
    holds: true,
  },
  "If-Unmodified-Since an hour before": {
    input: (date) => ({ CopySourceIfUnmodifiedSince: shifted(date, -hourMs) }),
    holds: false,
  },
  "If-Unmodified-Since an hour later": {
    input: (date) => ({ CopySourceIfUnmodifiedSince: shifted(date, hourMs) }),
    holds: true,
  },
  "If-Match that holds beside If-Unmodified-Since that does not": {
    input: (date) => ({
      CopySourceIfMatch: ETag,
      CopySourceIfUnmodifiedSince: shifted(date, -hourMs),
    }),
    holds: true,
  },
  "If-None-Match that does not hold beside If-Modified-Since that does": {
    input: (date) => ({
      CopySourceIfNoneMatch: ETag,
      CopySourceIfModifiedSince: shifted(date, -hourMs),
    }),
    holds: false,
  },
};

function shifted(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}

/** Names that must come through CopySource. */
const names = ["plain", "a b+c&d=e", "ü/💡", "%2F", "a?b#c", "x?versionId=1", "quotes'\"()*!~"];

/** CopyObject. */
export const copyCases: readonly StoreCase[] = [
  {
    name: "copyObject copies bytes, headers, metadata and tags",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      assertOutput(await s3.copyObject({ Bucket, Key: "copy", CopySource }), {
        CopyObjectResult: { ETag, LastModified: Date },
      });
      const got = await s3.getObject({ Bucket, Key: "copy" });
      assert.equal(await got.Body?.text(), Body);
      assertOutput(got, {
        ...details,
        AcceptRanges: "bytes",
        ContentLength: Body.length,
        ETag,
        LastModified: Date,
        TagCount: 1,
      });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: "copy" });
      assert.deepEqual(TagSet, [{ Key: "of", Value: "source" }]);
      assert.equal(await textOf(place, "source"), Body);
    },
  },
  {
    name: "copyObject keeps what the source says, unless MetadataDirective is REPLACE",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const given = { ContentType: "text/html", Metadata: { from: "copy" } };
      await s3.copyObject({ Bucket, Key: "kept", CopySource, ...given });
      const kept = await s3.headObject({ Bucket, Key: "kept" });
      assert.deepEqual([kept.ContentType, kept.Metadata], ["text/css", { from: "source" }]);
      const replaced = { ...given, MetadataDirective: "REPLACE" };
      await s3.copyObject({ Bucket, Key: "replaced", CopySource, ...replaced });
      const head = await s3.headObject({ Bucket, Key: "replaced" });
      assert.deepEqual([head.ContentType, head.Metadata], ["text/html", { from: "copy" }]);
      assert.deepEqual([head.CacheControl, head.ContentLanguage], [undefined, undefined]);
      assert.equal(head.ETag, ETag);
    },
  },
  {
    name: "TaggingDirective REPLACE gives the copy its own tags, COPY those of the source",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const Tagging = "of=copy&more=yes";
      const replaced = { TaggingDirective: "REPLACE", Tagging };
      await s3.copyObject({ Bucket, Key: "replaced", CopySource, ...replaced });
      await s3.copyObject({ Bucket, Key: "none", CopySource, TaggingDirective: "REPLACE" });
      await s3.copyObject({ Bucket, Key: "copied", CopySource, TaggingDirective: "COPY" });
      const tags = async (Key: string): Promise<(string | undefined)[] | undefined> => {
        const { TagSet } = await s3.getObjectTagging({ Bucket, Key });
        return TagSet?.map((tag) => `${tag.Key}=${tag.Value}`).toSorted();
      };
      assert.deepEqual(await tags("replaced"), ["more=yes", "of=copy"]);
      assert.deepEqual(await tags("none"), []);
      assert.deepEqual(await tags("copied"), ["of=source"]);
    },
  },
  {
    name: "copyObject onto itself without a change is InvalidRequest",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const copy = s3.copyObject({ Bucket, Key: "source", CopySource });
      await assertRefused(copy, "InvalidRequest", 400);
      assert.deepEqual((await s3.headObject({ Bucket, Key: "source" })).Metadata, details.Metadata);
    },
  },
  {
    name: "copyObject onto itself with REPLACE changes metadata and keeps the bytes",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const Metadata = { new: "yes" };
      const replaced = { Metadata, MetadataDirective: "REPLACE" };
      await s3.copyObject({ Bucket, Key: "source", CopySource, ...replaced });
      const got = await s3.getObject({ Bucket, Key: "source" });
      assert.deepEqual([got.Metadata, got.ETag], [Metadata, ETag]);
      assert.equal(await got.Body?.text(), Body);
    },
  },
  {
    name: "copyObject of a missing key is NoSuchKey, and makes no copy",
    async run({ s3, bucket: Bucket }) {
      const error = await assertRefused(
        s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/none` }),
        "NoSuchKey",
        404,
      );
      assert.equal(error.$operation, "CopyObject");
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "copyObject goes from bucket to bucket, over what is there",
    async run(place) {
      const { s3, newName } = place;
      const CopySource = await source(place);
      const Bucket = newName();
      await s3.createBucket({ Bucket });
      await s3.putObject({ Bucket, Key: "copy", Body: "old", Metadata: { old: "yes" } });
      await s3.copyObject({ Bucket, Key: "copy", CopySource });
      const got = await s3.getObject({ Bucket, Key: "copy" });
      assert.equal(await got.Body?.text(), Body);
      assert.deepEqual(got.Metadata, details.Metadata);
    },
  },
  {
    name: "a copy is an object of its own: neither changes with the other",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      await s3.copyObject({ Bucket, Key: "copy", CopySource });
      await s3.putObject({ Bucket, Key: "source", Body: "new" });
      assert.equal(await textOf(place, "copy"), Body);
      await s3.deleteObject({ Bucket, Key: "source" });
      assert.equal(await textOf(place, "copy"), Body);
      await s3.deleteObjectTagging({ Bucket, Key: "copy" });
    },
  },
  ...Object.entries(conditions).map(([what, { input, holds }]): StoreCase => ({
    name: `copyObject with ${what}: ${holds ? "copies" : "PreconditionFailed"}`,
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const { LastModified } = await s3.headObject({ Bucket, Key: "source" });
      assert.ok(LastModified !== undefined);
      const copy = s3.copyObject({ Bucket, Key: "copy", CopySource, ...input(LastModified) });
      if (holds) {
        assert.equal((await copy).CopyObjectResult?.ETag, ETag);
        assert.equal(await textOf(place, "copy"), Body);
      } else {
        await assertRefused(copy, "PreconditionFailed", 412);
        await assertRefused(s3.headObject({ Bucket, Key: "copy" }), "NotFound", 404);
      }
    },
  })),
  {
    name: "copyObject with If-None-Match * and If-Match decides by its target",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = await source(place);
      const at = { Bucket, Key: "copy", CopySource };
      await s3.copyObject({ ...at, IfNoneMatch: "*" });
      await s3.putObject({ Bucket, Key: "copy", Body: "kept" });
      await assertRefused(s3.copyObject({ ...at, IfNoneMatch: "*" }), "PreconditionFailed", 412);
      await assertRefused(s3.copyObject({ ...at, IfMatch: other }), "PreconditionFailed", 412);
      assert.equal(await textOf(place, "copy"), "kept");
      await s3.copyObject({ ...at, IfMatch: etagOf("kept") });
      assert.equal(await textOf(place, "copy"), Body);
    },
  },
  ...names.map((name): StoreCase => ({
    name: `CopySource names ${JSON.stringify(name)} as text, and as bucket and key`,
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const text = await source(place, name);
      // Text may be encoded already, and end in a version: then it takes the other form to say it.
      const isText = !/%|\?versionId=/.test(name);
      if (isText) await s3.copyObject({ Bucket, Key: "by text", CopySource: text });
      await s3.copyObject({ Bucket, Key: "by parts", CopySource: { Bucket, Key: name } });
      assert.equal(await textOf(place, "by parts"), Body);
      if (isText) assert.equal(await textOf(place, "by text"), Body);
    },
  })),
  {
    name: "CopySource may begin with a slash",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const CopySource = `/${await source(place)}`;
      await s3.copyObject({ Bucket, Key: "copy", CopySource });
      assert.equal(await textOf(place, "copy"), Body);
    },
  },
  {
    name: "copyObject of 3 MiB copies every byte",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const large = bytesOf(3 * 1_048_576 + 5, 4);
      await s3.putObject({ Bucket, Key: "large", Body: large });
      const { CopyObjectResult } = await s3.copyObject({
        Bucket,
        Key: "copy",
        CopySource: `${Bucket}/large`,
      });
      assert.equal(CopyObjectResult?.ETag, etagOf(large));
      const got = await s3.getObject({ Bucket, Key: "copy" });
      assert.ok(Buffer.from((await got.Body?.bytes()) ?? "").equals(large));
    },
  },
  {
    name: "copyObject carries the checksum on, or makes the one that is asked for",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key: "source", Body, ChecksumAlgorithm: "SHA1" });
      const SHA1 = createHash("sha1").update(Body).digest("base64");
      const SHA256 = createHash("sha256").update(Body).digest("base64");
      const at = { Bucket, CopySource: `${Bucket}/source` };
      await s3.copyObject({ ...at, Key: "same" });
      const same = await s3.headObject({ Bucket, Key: "same", ChecksumMode: "ENABLED" });
      assert.equal(same.ChecksumSHA1, SHA1);
      const made = await s3.copyObject({ ...at, Key: "other", ChecksumAlgorithm: "SHA256" });
      assert.equal(made.CopyObjectResult?.ChecksumSHA256, SHA256);
      const remade = await s3.headObject({ Bucket, Key: "other", ChecksumMode: "ENABLED" });
      assert.equal(remade.ChecksumSHA256, SHA256);
    },
  },
];
