import assert from "node:assert/strict";
import { assertOutput, assertRefused, etagOf, etagOfParts } from "./expectation.ts";
import { begin, complete, largePart, partBytesMin, send } from "./multipart.ts";
import type { StoreCase } from "./store-case.ts";

const Key = "made of copies";
const source = "source ü+&";
const text = "0123456789";

/** UploadPartCopy. */
export const partCopyCases: readonly StoreCase[] = [
  {
    name: "uploadPartCopy copies an object, or a range of it, into a part",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "large", Body: largePart() });
      await s3.putObject({ Bucket, Key: source, Body: text });
      const at = await begin(s3, Bucket, Key);
      const whole = { ...at, PartNumber: 1, CopySource: `${Bucket}/large` };
      const first = await s3.uploadPartCopy(whole);
      assertOutput(first, {
        CopyPartResult: { ETag: etagOf(largePart()), LastModified: Date },
      });
      const second = await s3.uploadPartCopy({
        ...at,
        PartNumber: 2,
        CopySource: { Bucket, Key: source },
        CopySourceRange: "bytes=2-4",
      });
      assert.equal(second.CopyPartResult?.ETag, etagOf("234"));
      const done = await complete(s3, at, [
        { PartNumber: 1, ETag: first.CopyPartResult?.ETag },
        { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
      ]);
      assert.equal(done.ETag, etagOfParts([largePart(), "234"]));
      const tail = await s3.getObject({ Bucket, Key, Range: `bytes=${partBytesMin}-` });
      assert.equal(await tail.Body?.text(), "234");
    },
  },
  ...["bytes=0-10", "bytes=10-12", "bytes=5-2"].map((CopySourceRange): StoreCase => ({
    name: `uploadPartCopy with ${CopySourceRange} of ten bytes is refused`,
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: source, Body: text });
      const at = await begin(s3, Bucket, Key);
      const CopySource = { Bucket, Key: source };
      const call = s3.uploadPartCopy({ ...at, PartNumber: 1, CopySource, CopySourceRange });
      await assertRefused(call, ["InvalidRange", "InvalidArgument"], [400, 416]);
      assert.equal((await s3.listParts(at)).Parts, undefined);
    },
  })),
  ...["0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=0-2,3-5", "bytes=2-"].map(
    (CopySourceRange): StoreCase => ({
      name: `uploadPartCopy with the range ${JSON.stringify(CopySourceRange)} is InvalidArgument`,
      async run({ s3, bucket: Bucket }) {
        await s3.putObject({ Bucket, Key: source, Body: text });
        const at = await begin(s3, Bucket, Key);
        const CopySource = { Bucket, Key: source };
        const call = s3.uploadPartCopy({ ...at, PartNumber: 1, CopySource, CopySourceRange });
        await assertRefused(call, "InvalidArgument", 400);
      },
    }),
  ),
  {
    name: "uploadPartCopy of a missing key is NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key);
      const call = s3.uploadPartCopy({ ...at, PartNumber: 1, CopySource: `${Bucket}/none` });
      await assertRefused(call, "NoSuchKey", 404);
    },
  },
  {
    name: "uploadPartCopy keeps to its conditions on the source",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: source, Body: text });
      const at = await begin(s3, Bucket, Key);
      const input = { ...at, PartNumber: 1, CopySource: { Bucket, Key: source } };
      const stale = s3.uploadPartCopy({ ...input, CopySourceIfMatch: etagOf("other") });
      await assertRefused(stale, "PreconditionFailed", 412);
      const same = s3.uploadPartCopy({ ...input, CopySourceIfNoneMatch: etagOf(text) });
      await assertRefused(same, "PreconditionFailed", 412);
      const { CopyPartResult } = await s3.uploadPartCopy({
        ...input,
        CopySourceIfMatch: etagOf(text),
      });
      assert.equal(CopyPartResult?.ETag, etagOf(text));
    },
  },
  {
    name: "copyObject of an object made of parts is of one piece, with the MD5 as ETag",
    async run({ s3, bucket: Bucket }) {
      const at = await begin(s3, Bucket, Key, { Metadata: { a: "b" } });
      await complete(s3, at, [await send(s3, at, 1, text)]);
      const copied = await s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/${Key}` });
      assert.equal(copied.CopyObjectResult?.ETag, etagOf(text));
      const head = await s3.headObject({ Bucket, Key: "copy" });
      assert.deepEqual([head.ETag, head.Metadata], [etagOf(text), { a: "b" }]);
    },
  },
];
