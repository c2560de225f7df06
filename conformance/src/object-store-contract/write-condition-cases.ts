import assert from "node:assert/strict";
import { assertOutput, assertRefused, etagOf } from "./expectation.ts";
import type { Place, StoreCase } from "./store-case.ts";

const Key = "conditional";
const first = etagOf("first");
const other = etagOf("other");

async function assertText({ s3, bucket: Bucket }: Place, expected: string): Promise<void> {
  const { Body } = await s3.getObject({ Bucket, Key });
  assert.equal(await Body?.text(), expected);
}

function large(): ReadableStream {
  return new Blob(["x".repeat(100_000)]).stream();
}

/** Conditions on writes and deletes. */
export const writeConditionCases: readonly StoreCase[] = [
  {
    name: "putObject with If-None-Match * writes where nothing is, and is refused where something is",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      assertOutput(await s3.putObject({ Bucket, Key, Body: "first", IfNoneMatch: "*" }), {
        ETag: first,
      });
      const again = s3.putObject({ Bucket, Key, Body: "second", IfNoneMatch: "*" });
      await assertRefused(again, "PreconditionFailed", 412);
      await assertText(place, "first");
      await s3.deleteObject({ Bucket, Key });
      await s3.putObject({ Bucket, Key, Body: "third", IfNoneMatch: "*" });
      await assertText(place, "third");
    },
  },
  {
    name: "putObject with If-Match writes over that ETag alone",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, Body: "first" });
      const wrong = s3.putObject({ Bucket, Key, Body: "wrong", IfMatch: other });
      await assertRefused(wrong, "PreconditionFailed", 412);
      await assertText(place, "first");
      await s3.putObject({ Bucket, Key, Body: "second", IfMatch: first });
      const stale = s3.putObject({ Bucket, Key, Body: "third", IfMatch: first });
      await assertRefused(stale, "PreconditionFailed", 412);
      await assertText(place, "second");
    },
  },
  {
    name: "putObject with If-Match on a missing key is NoSuchKey, and makes none",
    async run({ s3, bucket: Bucket }) {
      const put = s3.putObject({ Bucket, Key, Body: "x", IfMatch: first });
      await assertRefused(put, "NoSuchKey", 404);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "putObject with If-None-Match of an ETag is NotImplemented",
    async run({ s3, bucket: Bucket }) {
      const put = s3.putObject({ Bucket, Key, Body: "x", IfNoneMatch: first });
      await assertRefused(put, "NotImplemented", 501);
    },
  },
  {
    name: "a conditional putObject of a stream that is refused leaves the object",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, Body: "first" });
      const put = s3.putObject({
        Bucket,
        Key,
        Body: large,
        ContentLength: 100_000,
        IfNoneMatch: "*",
      });
      await assertRefused(put, "PreconditionFailed", 412);
      await assertText(place, "first");
    },
  },
  {
    name: "deleteObject with If-Match deletes that ETag alone",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, Body: "first" });
      const wrong = s3.deleteObject({ Bucket, Key, IfMatch: other });
      await assertRefused(wrong, "PreconditionFailed", 412);
      await assertText(place, "first");
      assertOutput(await s3.deleteObject({ Bucket, Key, IfMatch: first }), {}, 204);
      await assertRefused(s3.getObject({ Bucket, Key }), "NoSuchKey", 404);
    },
  },
  {
    name: "deleteObject with If-Match * deletes what is there",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "first" });
      assertOutput(await s3.deleteObject({ Bucket, Key, IfMatch: "*" }), {}, 204);
      await assertRefused(s3.headObject({ Bucket, Key }), "NotFound", 404);
    },
  },
  {
    name: "deleteObjects with an ETag deletes that one alone, and reports the others",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, Body: "first" });
      await s3.putObject({ Bucket, Key: "second", Body: "second" });
      const Objects = [
        { Key, ETag: other },
        { Key: "second", ETag: etagOf("second") },
      ];
      const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      assert.deepEqual(
        Deleted?.map((one) => one.Key),
        ["second"],
      );
      assert.deepEqual(
        Errors?.map((one) => [one.Key, one.Code]),
        [[Key, "PreconditionFailed"]],
      );
      await assertText(place, "first");
    },
  },
  {
    name: "a chain of If-Match writes sees each ETag once",
    async run({ s3, bucket: Bucket }) {
      let { ETag } = await s3.putObject({ Bucket, Key, Body: "0", IfNoneMatch: "*" });
      for (let index = 1; index <= 20; index += 1) {
        const put = await s3.putObject({ Bucket, Key, Body: String(index), IfMatch: ETag });
        assert.notEqual(put.ETag, ETag);
        ETag = put.ETag;
      }
      const { Body } = await s3.getObject({ Bucket, Key });
      assert.equal(await Body?.text(), "20");
    },
  },
];
