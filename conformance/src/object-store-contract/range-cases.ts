import assert from "node:assert/strict";
import { assertOutput, assertRefused, bytesOf, etagOf } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const text = "0123456789";

/** Of ten bytes. */
const ranges: Readonly<Record<string, readonly [text: string, contentRange: string]>> = {
  "bytes=2-5": ["2345", "bytes 2-5/10"],
  "bytes=0-0": ["0", "bytes 0-0/10"],
  "bytes=0-9": [text, "bytes 0-9/10"],
  "bytes=9-9": ["9", "bytes 9-9/10"],
  "bytes=7-": ["789", "bytes 7-9/10"],
  "bytes=0-": [text, "bytes 0-9/10"],
  "bytes=-3": ["789", "bytes 7-9/10"],
  "bytes=-10": [text, "bytes 0-9/10"],
  "bytes=-11": [text, "bytes 0-9/10"],
  "bytes=8-100": ["89", "bytes 8-9/10"],
  "bytes=5-99999999999999": ["56789", "bytes 5-9/10"],
};

const beyond = ["bytes=10-", "bytes=10-10", "bytes=100-200", "bytes=-0"];

/** No range, or more than S3 knows: the whole object comes. */
const ignored = ["bytes=5-2", "bytes=0-1,3-4", "bytes=x-y", "bytes=", "lines=0-1", "0-1"];

/** Ranges and parts of reads. */
export const rangeCases: readonly StoreCase[] = [
  ...Object.entries(ranges).map(([Range, [expected, ContentRange]]): StoreCase => ({
    name: `Range ${Range} of ten bytes is ${ContentRange}`,
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "ten" };
      await s3.putObject({ ...at, Body: text, Metadata: { a: "b" } });
      const got = await s3.getObject({ ...at, Range });
      assert.equal(await got.Body?.text(), expected);
      const members = {
        AcceptRanges: "bytes",
        ContentLength: expected.length,
        ContentRange,
        ContentType: /./,
        ETag: etagOf(text),
        LastModified: Date,
        Metadata: { a: "b" },
      };
      assertOutput(got, members, 206);
      assertOutput(await s3.headObject({ ...at, Range }), members, 206);
    },
  })),
  ...beyond.map((Range): StoreCase => ({
    name: `Range ${Range} of ten bytes is InvalidRange`,
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "ten", Range };
      await s3.putObject({ Bucket, Key: "ten", Body: text });
      const error = await assertRefused(s3.getObject(at), "InvalidRange", 416);
      assert.equal(error.retryable, false);
      await assertRefused(s3.headObject(at), "416", 416);
    },
  })),
  ...ignored.map((Range): StoreCase => ({
    name: `Range ${Range} is as if it were not there`,
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "ten", Body: text });
      const got = await s3.getObject({ Bucket, Key: "ten", Range });
      assert.equal(await got.Body?.text(), text);
      assert.equal(got.ContentRange, undefined);
      assert.equal(got.$metadata.httpStatusCode, 200);
    },
  })),
  ...["bytes=0-", "bytes=0-5"].map((Range): StoreCase => ({
    name: `Range ${Range} of an empty object is InvalidRange`,
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "empty", Body: "" });
      await assertRefused(s3.getObject({ Bucket, Key: "empty", Range }), "InvalidRange", 416);
    },
  })),
  {
    name: "Range of a missing key is NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      const get = s3.getObject({ Bucket, Key: "none", Range: "bytes=0-1" });
      await assertRefused(get, "NoSuchKey", 404);
    },
  },
  {
    name: "ranges of a large object are those of its bytes, small and large ones",
    async run({ s3, bucket: Bucket }) {
      const size = 3 * 1_048_576 + 17;
      const whole = bytesOf(size, 3);
      const at = { Bucket, Key: "large" };
      await s3.putObject({ ...at, Body: whole });
      for (const [first, last] of [
        [0, 0],
        [1_048_575, 1_048_576],
        [65_535, 131_073],
        [5, 2_000_000],
        [size - 1, size - 1],
        [1, size - 1],
      ] as const) {
        const { Body } = await s3.getObject({ ...at, Range: `bytes=${first}-${last}` });
        const expected = whole.subarray(first, last + 1);
        assert.ok(Buffer.from((await Body?.bytes()) ?? "").equals(expected), `${first}-${last}`);
      }
    },
  },
  {
    name: "PartNumber 1 of an object of one piece is the whole of it, as a range",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "ten", PartNumber: 1 };
      await s3.putObject({ Bucket, Key: "ten", Body: text });
      const got = await s3.getObject(at);
      assert.equal(await got.Body?.text(), text);
      assert.equal(got.$metadata.httpStatusCode, 206);
      assert.equal(got.ContentRange, "bytes 0-9/10");
    },
  },
  {
    name: "PartNumber 2 of an object of one piece is InvalidPartNumber",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "ten", Body: text });
      const get = s3.getObject({ Bucket, Key: "ten", PartNumber: 2 });
      await assertRefused(get, "InvalidPartNumber", 416);
    },
  },
  {
    name: "PartNumber beside Range is InvalidRequest",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "ten", Body: text });
      const get = s3.getObject({ Bucket, Key: "ten", PartNumber: 1, Range: "bytes=0-1" });
      await assertRefused(get, "InvalidRequest", 400);
    },
  },
];
