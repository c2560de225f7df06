import assert from "node:assert/strict";
import { assertOutput, etagOf } from "./expectation.ts";
import { begin, complete, send } from "./multipart.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "folder/made of parts";

/** ListParts and ListMultipartUploads. */
export const multipartListCases: readonly StoreCase[] = [
  {
    name: "listParts shows number, size, ETag and time of each part",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      await send(s3, at, 3, "three");
      await send(s3, at, 1, "one");
      assertOutput(await s3.listParts(at), {
        ...at,
        IsTruncated: false,
        MaxParts: 1_000,
        NextPartNumberMarker: 3,
        Parts: [
          { ETag: etagOf("one"), LastModified: Date, PartNumber: 1, Size: 3 },
          { ETag: etagOf("three"), LastModified: Date, PartNumber: 3, Size: 5 },
        ],
      });
    },
  },
  {
    name: "listParts of an upload without parts has no Parts",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      assertOutput(await s3.listParts(at), { ...at, IsTruncated: false, MaxParts: 1_000 });
    },
  },
  {
    name: "listParts pages by MaxParts and PartNumberMarker",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const numbers = [1, 2, 9, 10, 11, 10_000];
      for (const number of numbers) await send(s3, at, number, `part ${number}`);
      const first = await s3.listParts({ ...at, MaxParts: 2 });
      assert.deepEqual(
        [first.Parts?.map((part) => part.PartNumber), first.IsTruncated, first.MaxParts],
        [[1, 2], true, 2],
      );
      assert.equal(String(first.NextPartNumberMarker), "2");
      const all: (number | undefined)[] = [];
      for await (const { PartNumber } of s3.paginate.listParts(at, { pageSize: 2 }).items()) {
        all.push(PartNumber);
      }
      assert.deepEqual(all, numbers);
      const last = await s3.listParts({
        ...at,
        PartNumberMarker: first.NextPartNumberMarker,
        MaxParts: 4,
      });
      assert.equal(last.IsTruncated, false);
    },
  },
  {
    name: "listMultipartUploads shows what is begun and not completed, by key and time",
    async run({ s3, bucket: Bucket }) {
      const uploads = [];
      for (const key of ["b", "a", "a", "c/1"]) uploads.push(await begin(s3, Bucket, key));
      const [b, a1, a2, c] = uploads;
      assert.ok(b !== undefined && a1 !== undefined && a2 !== undefined && c !== undefined);
      const listed = await s3.listMultipartUploads({ Bucket });
      const found = listed.Uploads?.map((one) => [one.Key, one.UploadId]);
      assert.deepEqual(
        found?.map(([key]) => key),
        ["a", "a", "b", "c/1"],
      );
      assert.deepEqual(
        new Set(found?.map(([, id]) => id)),
        new Set(uploads.map((one) => one.UploadId)),
      );
      assert.ok(listed.Uploads?.every((one) => one.Initiated instanceof Date));
      assert.deepEqual(
        [listed.Bucket, listed.IsTruncated, listed.MaxUploads],
        [Bucket, false, 1_000],
      );
      await complete(s3, b, [await send(s3, b, 1, "x")]);
      await s3.abortMultipartUpload(a1);
      const left = await s3.listMultipartUploads({ Bucket });
      assert.deepEqual(
        left.Uploads?.map((one) => one.UploadId),
        [a2.UploadId, c.UploadId],
      );
    },
  },
  {
    name: "listMultipartUploads of no uploads has no Uploads",
    async run({ s3, bucket: Bucket }) {
      assertOutput(await s3.listMultipartUploads({ Bucket }), {
        Bucket,
        IsTruncated: false,
        MaxUploads: 1_000,
      });
    },
  },
  {
    name: "listMultipartUploads keeps to a Prefix, and folds by a Delimiter",
    async run({ s3, bucket: Bucket }) {
      for (const key of ["a", "b/1", "b/2", "b/2/3", "c"]) await begin(s3, Bucket, key);
      const list = async (input: object) => {
        const page = await s3.listMultipartUploads({ ...input, Bucket });
        return [
          page.Uploads?.map((one) => one.Key) ?? [],
          page.CommonPrefixes?.map((one) => one.Prefix) ?? [],
        ];
      };
      assert.deepEqual(await list({ Prefix: "b/" }), [["b/1", "b/2", "b/2/3"], []]);
      assert.deepEqual(await list({ Delimiter: "/" }), [["a", "c"], ["b/"]]);
      assert.deepEqual(await list({ Delimiter: "/", Prefix: "b/" }), [["b/1", "b/2"], ["b/2/"]]);
      assert.deepEqual(await list({ Prefix: "*" }), [[], []]);
    },
  },
  {
    name: "listMultipartUploads pages by its two markers",
    async run({ s3, bucket: Bucket }) {
      const uploads = [];
      for (const key of ["a", "b", "b", "b", "c"]) uploads.push(await begin(s3, Bucket, key));
      const first = await s3.listMultipartUploads({ Bucket, MaxUploads: 2 });
      assert.deepEqual([first.Uploads?.length, first.IsTruncated], [2, true]);
      assert.equal(first.NextKeyMarker, "b");
      assert.equal(first.NextUploadIdMarker, first.Uploads?.[1]?.UploadId);
      const pages = s3.paginate.listMultipartUploads({ Bucket }, { pageSize: 2 });
      const ids: (string | undefined)[] = [];
      for await (const { UploadId } of pages.items()) ids.push(UploadId);
      assert.equal(ids.length, uploads.length);
      assert.deepEqual(new Set(ids), new Set(uploads.map((one) => one.UploadId)));
      const behind = await s3.listMultipartUploads({ Bucket, KeyMarker: "b" });
      assert.deepEqual(
        behind.Uploads?.map((one) => one.Key),
        ["c"],
        "a KeyMarker alone is behind all uploads of that key",
      );
    },
  },
];
