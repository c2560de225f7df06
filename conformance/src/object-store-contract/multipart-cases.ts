import assert from "node:assert/strict";
import { assertOutput, assertRefused, etagOf, etagOfParts } from "./expectation.ts";
import { begin, complete, largePart, partBytesMin, send } from "./multipart.ts";
import type { Place, StoreCase } from "./store-case.ts";

const Key = "folder/made of parts";

async function assertBytes({ s3, bucket: Bucket }: Place, expected: Buffer): Promise<void> {
  const got = await s3.getObject({ Bucket, Key });
  assert.equal(got.ContentLength, expected.length);
  assert.ok(Buffer.from((await got.Body?.bytes()) ?? "").equals(expected), "bytes");
}

/** Multipart uploads: from the first call to the object. */
export const multipartCases: readonly StoreCase[] = [
  {
    name: "createMultipartUpload answers with bucket, key and upload",
    async run({ s3, bucket: Bucket }) {
      const created = await s3.createMultipartUpload({ Bucket, Key });
      assertOutput(created, { Bucket, Key, UploadId: /./ });
      const again = await s3.createMultipartUpload({ Bucket, Key });
      assert.notEqual(again.UploadId, created.UploadId);
    },
  },
  {
    name: "parts come together in the order of their numbers, whichever came first",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      const [one, two] = [largePart(), Buffer.from("the last part")];
      const second = await send(s3, at, 2, two);
      assert.equal(second.ETag, etagOf(two));
      const first = await send(s3, at, 1, one);
      const ETag = etagOfParts([one, two]);
      assertOutput(await complete(s3, at, [first, second]), {
        Bucket,
        ETag,
        Key,
        Location: /./,
      });
      await assertBytes(place, Buffer.concat([one, two]));
      const head = await s3.headObject({ Bucket, Key });
      assert.equal(head.ETag, ETag);
      const { Contents } = await s3.listObjectsV2({ Bucket });
      assert.equal(Contents?.[0]?.ETag, ETag);
      assert.equal(Contents?.[0]?.Size, one.length + two.length);
    },
  },
  {
    name: "parts are read by PartNumber, and PartsCount says how many there are",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const parts = [await send(s3, at, 1, largePart()), await send(s3, at, 2, "tail")];
      await complete(s3, at, parts);
      const total = partBytesMin + 4;
      const got = await s3.getObject({ Bucket, Key, PartNumber: 2 });
      assert.equal(await got.Body?.text(), "tail");
      assert.equal(got.$metadata.httpStatusCode, 206);
      assert.equal(got.PartsCount, 2);
      assert.equal(got.ContentRange, `bytes ${partBytesMin}-${total - 1}/${total}`);
      const head = await s3.headObject({ Bucket, Key, PartNumber: 1 });
      assert.deepEqual([head.ContentLength, head.PartsCount], [partBytesMin, 2]);
      const beyond = s3.getObject({ Bucket, Key, PartNumber: 3 });
      await assertRefused(beyond, "InvalidPartNumber", 416);
    },
  },
  {
    name: "a part that is sent again replaces the one before",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      const stale = await send(s3, at, 1, "first");
      const part = await send(s3, at, 1, "second");
      await assertRefused(complete(s3, at, [stale]), "InvalidPart", 400);
      await complete(s3, at, [part]);
      await assertBytes(place, Buffer.from("second"));
    },
  },
  {
    name: "parts that are not named when it is completed are not in the object",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      await send(s3, at, 1, "left out");
      const part = await send(s3, at, 7, "named");
      await send(s3, at, 10_000, "left out");
      await complete(s3, at, [part]);
      await assertBytes(place, Buffer.from("named"));
      const { ETag } = await s3.headObject({ Bucket, Key });
      assert.equal(ETag, etagOfParts(["named"]));
    },
  },
  {
    name: "an upload of one empty part makes an empty object",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      await complete(s3, at, [await send(s3, at, 1, "")]);
      await assertBytes(place, Buffer.alloc(0));
    },
  },
  {
    name: "the object cannot be seen before the upload is completed",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      const part = await send(s3, at, 1, "not yet");
      await assertRefused(s3.getObject({ Bucket, Key }), "NoSuchKey", 404);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
      await s3.putObject({ Bucket, Key, Body: "meanwhile" });
      await assertBytes(place, Buffer.from("meanwhile"));
      await complete(s3, at, [part]);
      await assertBytes(place, Buffer.from("not yet"));
    },
  },
  {
    name: "headers, metadata and tags are those of createMultipartUpload",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key, {
        CacheControl: "no-store",
        ContentType: "text/plain",
        Metadata: { Name: "value" },
        Tagging: "a=b",
      });
      await complete(s3, at, [await send(s3, at, 1, "x")]);
      const head = await s3.headObject({ Bucket, Key });
      assert.deepEqual(
        [head.CacheControl, head.ContentType, head.Metadata],
        ["no-store", "text/plain", { name: "value" }],
      );
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key });
      assert.deepEqual(TagSet, [{ Key: "a", Value: "b" }]);
    },
  },
  {
    name: "abortMultipartUpload leaves nothing, and an object of that key as it is",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, Body: "stays" });
      const at = await begin(s3, Bucket, Key);
      const part = await send(s3, at, 1, "gone");
      assertOutput(await s3.abortMultipartUpload(at), {}, 204);
      await assertRefused(complete(s3, at, [part]), "NoSuchUpload", 404);
      await assertRefused(s3.listParts(at), "NoSuchUpload", 404);
      await assertRefused(send(s3, at, 2, "x"), "NoSuchUpload", 404);
      await assertBytes(place, Buffer.from("stays"));
      assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
    },
  },
  {
    name: "an upload that is completed is an upload no more",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      await complete(s3, at, [await send(s3, at, 1, "x")]);
      await assertRefused(send(s3, at, 2, "late"), "NoSuchUpload", 404);
      await assertRefused(s3.listParts(at), "NoSuchUpload", 404);
      assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
    },
  },
  {
    name: "several uploads of one key do not know of each other: the last to be completed stays",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const [a, b] = [await begin(s3, Bucket, Key), await begin(s3, Bucket, Key)];
      const [partA, partB] = [await send(s3, a, 1, "of a"), await send(s3, b, 1, "of b")];
      await complete(s3, b, [partB]);
      await assertBytes(place, Buffer.from("of b"));
      await complete(s3, a, [partA]);
      await assertBytes(place, Buffer.from("of a"));
    },
  },
  {
    name: "completeMultipartUpload with If-None-Match * and If-Match decides by what is there",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const at = await begin(s3, Bucket, Key);
      const MultipartUpload = { Parts: [await send(s3, at, 1, "parts")] };
      const { ETag } = await s3.putObject({ Bucket, Key, Body: "there" });
      const call = { ...at, MultipartUpload };
      const none = s3.completeMultipartUpload({ ...call, IfNoneMatch: "*" });
      await assertRefused(none, "PreconditionFailed", 412);
      const stale = s3.completeMultipartUpload({ ...call, IfMatch: etagOf("other") });
      await assertRefused(stale, "PreconditionFailed", 412);
      await assertBytes(place, Buffer.from("there"));
      await s3.completeMultipartUpload({ ...call, IfMatch: ETag });
      await assertBytes(place, Buffer.from("parts"));
    },
  },
  {
    name: "parts carry checksums, and the object the checksum of them",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key, { ChecksumAlgorithm: "SHA256" });
      const sent = await s3.uploadPart({
        ...at,
        PartNumber: 1,
        Body: "x",
        ChecksumAlgorithm: "SHA256",
      });
      assert.equal(sent.ChecksumSHA256, "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
      const { ETag, ChecksumSHA256 } = sent;
      const Parts = [{ PartNumber: 1, ETag, ChecksumSHA256 }];
      const done = await s3.completeMultipartUpload({ ...at, MultipartUpload: { Parts } });
      assert.match(done.ChecksumSHA256 ?? "", /^[A-Za-z0-9+/]{43}=-1$/);
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: "ENABLED" });
      assert.equal(head.ChecksumSHA256, done.ChecksumSHA256);
      assert.equal(head.ChecksumType, "COMPOSITE");
    },
  },
];
