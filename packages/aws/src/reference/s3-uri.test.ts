import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseS3Uri, s3Uri } from "./s3-uri.ts";

const accessPoint = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine";
const buckets = [
  "bucket",
  "my.bucket-1_x",
  accessPoint,
  "arn:aws:s3:eu-west-1:123456789012:accesspoint:mine",
  "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
  "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/mine",
  "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/mine",
];

test("parseS3Uri takes the key as it is", () => {
  const keys = [
    "k",
    "a/b",
    "/k",
    "k/",
    "a//b",
    "//",
    "a?b=c#d",
    "a%20b%",
    "a b+c",
    "ключ/🙂",
    "s3://x/y",
    "\0\n",
    ".",
  ];
  for (const Bucket of buckets) {
    for (const Key of keys) {
      assert.deepEqual(parseS3Uri(`s3://${Bucket}/${Key}`), { Bucket, Key });
      assert.equal(s3Uri({ Bucket, Key }), `s3://${Bucket}/${Key}`);
    }
  }
});

test("parseS3Uri reads what s3Uri writes, for any key", () => {
  const bucket = fc.constantFrom(...buckets);
  const key = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(bucket, key, (Bucket, Key) => {
      assert.deepEqual(parseS3Uri(s3Uri({ Bucket, Key })), { Bucket, Key });
    }),
  );
});

test("parseS3Uri refuses what names no object, and says why", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ["", /does not begin with "s3:\/\/"/],
    ["bucket/key", /does not begin/],
    ["S3://bucket/key", /does not begin/],
    [" s3://bucket/key", /does not begin/],
    ["https://bucket.s3.amazonaws.com/key", /does not begin/],
    ["s3:/bucket/key", /does not begin/],
    ["s3://", /names no bucket/],
    ["s3:///key", /names no bucket/],
    ["s3://bucket", /names no object/],
    ["s3://bucket/", /names no object/],
    [`s3://${accessPoint}`, /names no object/],
    [`s3://${accessPoint}/`, /names no object/],
    ["s3://b cket/key", /"b cket" is no bucket/],
    ["s3://user:pass@bucket/key", /is no bucket/],
    ["s3://arn:aws:s3:::bucket/key", /is no bucket/],
    [`s3://${"b".repeat(256)}/key`, /…" is no bucket/],
    [undefined, /of type undefined/],
    [null, /of type null/],
    [{ Bucket: "b", Key: "k" }, /of type object/],
  ];
  for (const [uri, message] of cases) {
    assert.throws(() => parseS3Uri(uri as string), { name: "TypeError", message });
  }
});

test("s3Uri refuses what would be read as another object", () => {
  for (const [Bucket, Key] of [
    ["a/b", "c"],
    ["", "c"],
    ["a", ""],
    [accessPoint.slice(0, -5), "mine/c"],
    [undefined, "c"],
  ]) {
    assert.throws(() => s3Uri({ Bucket, Key } as { Bucket: string; Key: string }), TypeError);
  }
});
