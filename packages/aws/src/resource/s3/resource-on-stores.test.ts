// S3 resources over the stores, which are the client's other end.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Session } from "../../client/session.ts";
import type { S3Bucket } from "./bucket.ts";
import type { S3Resource } from "./s3-resource.ts";

const folder = await mkdtemp(join(tmpdir(), "lambdad-resources-"));
after(() => rm(folder, { recursive: true, force: true }));
const mib = 1_048_576;

for (const endpoint of ["memory:", pathToFileURL(join(folder, "store")).href]) {
  describe(`S3 resources on ${endpoint.slice(0, endpoint.indexOf(":"))}:`, () => {
    const session = new Session({ endpoint });
    let s3: S3Resource;
    let bucket: S3Bucket;

    before(async () => {
      s3 = session.resource("s3");
      bucket = await s3.createBucket({ Bucket: "resources" });
    });
    after(() => session.close());

    test("buckets are listed, loaded and gone when they are deleted", async () => {
      const other = await s3.createBucket({ Bucket: "resources-other" });
      const names: string[] = [];
      for await (const { name } of s3.buckets) names.push(name);
      assert.deepEqual(names, ["resources", "resources-other"]);
      assert.ok((await other.load()).creationDate instanceof Date);
      await other.delete();
      assert.equal(await other.exists(), false);
      await assert.rejects(other.load(), { statusCode: 404 });
      await bucket.waitUntilExists();
    });

    test("an object has its attributes, and is copied and deleted", async () => {
      const object = bucket.Object("folder/an object");
      await object.put({ Body: "its body", Metadata: { of: "us" } });
      await object.load();
      assert.equal(object.contentLength, 8);
      assert.deepEqual(object.metadata, { of: "us" });
      const copy = bucket.Object("copy");
      await copy.copyFrom({ CopySource: { Bucket: bucket.name, Key: object.key } });
      assert.equal(await (await copy.get()).Body?.text(), "its body");
      await object.delete();
      assert.equal(await object.exists(), false);
      await copy.delete();
    });

    test("1,200 objects are listed and deleted, whatever is in their keys", async () => {
      const odd = ["../x", "a//b", "nul\u0000", "one\u0001", "\r\n", "trailing/", "ü/☃", "<&>"];
      const keys = [...Array.from({ length: 1_192 }, (_, index) => `many/${index}`), ...odd];
      await session.all(
        keys.map((Key) => () => bucket.putObject({ Key, Body: Key })),
        { concurrency: 32 },
      );
      const found = await bucket.objects.toArray();
      assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(keys));
      assert.equal(found.length, keys.length);
      for (const { key, size } of found) assert.equal(size, Buffer.byteLength(key));
      const few = await bucket.objects.filter({ Prefix: "many/1" }).pageSize(7).limit(20).delete();
      assert.deepEqual(
        few.map(({ Deleted = [] }) => Deleted.length),
        [7, 7, 6],
      );
      const outputs = await bucket.objects.delete({}, { concurrency: 8 });
      assert.equal(outputs.flatMap(({ Deleted = [] }) => Deleted).length, 1_180);
      assert.deepEqual(await bucket.objects.toArray(), []);
    });

    test("a multipart upload is made of parts, or aborted", async () => {
      const object = bucket.Object("large");
      const upload = await object.initiateMultipartUpload();
      await upload.Part(1).upload({ Body: Buffer.alloc(5 * mib, "a") });
      await upload.Part(2).upload({ Body: "end" });
      const [listed] = await bucket.multipartUploads.toArray();
      assert.equal(listed?.id, upload.id);
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for await (const { partNumber, eTag } of upload.parts.pageSize(1)) {
        Parts.push({ PartNumber: partNumber, ETag: eTag });
      }
      const complete = await upload.complete({ MultipartUpload: { Parts } });
      assert.equal((await complete.attributes()).ContentLength, 5 * mib + 3);
      await (await object.initiateMultipartUpload()).abort();
      assert.deepEqual(await bucket.multipartUploads.toArray(), []);
      await object.delete();
    });

    test("managed transfers go through buckets and objects", async () => {
      const [source, target] = [join(folder, "source"), join(folder, "target")];
      const bytes = Buffer.alloc(11 * mib, "transferred ");
      await writeFile(source, bytes);
      const object = bucket.Object("from a file");
      const { ETag } = await object.uploadFile(source, { ContentType: "text/plain" });
      await object.load();
      assert.deepEqual([object.eTag, object.contentType], [ETag, "text/plain"]);
      await object.downloadFile(target);
      assert.ok(bytes.equals(await readFile(target)));
      await bucket.downloadFile({ Key: object.key }, target);
      const { Body } = await bucket.download({ Key: object.key, Range: "bytes=0-10" });
      assert.equal(await Body.text(), "transferred");
      await bucket.upload({ Key: "by the bucket", Body: "small" });
      await bucket.copy({ Key: "copy", CopySource: { Bucket: bucket.name, Key: "by the bucket" } });
      const again = bucket.Object("again");
      await again.copy({ CopySource: `${bucket.name}/copy` });
      const pieces: Buffer[] = [];
      await again.download((piece) => pieces.push(piece));
      assert.equal(Buffer.concat(pieces).toString(), "small");
      assert.equal(await (await again.download()).Body.text(), "small");
      await again.upload({ Body: "other" });
      assert.throws(() => again.eTag, /load\(\)/);
      await bucket.uploadFile({ Key: "named" }, { path: source, start: 0, end: 11 });
      assert.equal((await bucket.Object("named").load()).contentLength, 11);
      await bucket.objects.delete();
    });

    test("what the store does not have is an error that says so", async () => {
      await assert.rejects(bucket.Versioning().load(), { name: "NotImplemented" });
      await assert.rejects(bucket.objectVersions.toArray(), { name: "NotImplemented" });
    });
  });
}
