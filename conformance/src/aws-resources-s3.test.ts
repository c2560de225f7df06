// S3 as resources, on a server that verifies signatures and keeps objects, versions and uploads.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DeleteObjectsError, type S3Bucket, type S3Resource, Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startVersitygw } from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const mib = 1_048_576;

describe("S3 resources on versitygw", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;
  let s3: S3Resource;

  before(async () => {
    server = await startVersitygw(folder ?? "");
    session = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: serverCredentials,
    });
    s3 = session.resource("s3");
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  /** A bucket that is emptied and deleted after the test. */
  async function withBucket(name: string, use: (bucket: S3Bucket) => Promise<void>): Promise<void> {
    const bucket = await s3.createBucket({ Bucket: name });
    try {
      await use(bucket);
    } finally {
      for await (const upload of bucket.multipartUploads) await upload.abort();
      await bucket.objectVersions.delete();
      await bucket.objects.delete();
      await bucket.delete();
      assert.equal(await bucket.exists(), false);
    }
  }

  /** Small objects, many at once. */
  async function fill(bucket: S3Bucket, keys: readonly string[]): Promise<void> {
    const puts = keys.map((Key) => () => bucket.putObject({ Key, Body: Key }));
    await session.all(puts, { concurrency: 16 });
  }

  test("buckets are created, found, loaded and deleted", async () => {
    const bucket = s3.Bucket("resources-buckets");
    const pace = { delay: 20, maxWaitTime: 10_000 };
    assert.equal(await bucket.exists(), false);
    await assert.rejects(bucket.load(), { name: "NotFound", statusCode: 404 });
    await bucket.create();
    await bucket.waitUntilExists(pace);
    assert.equal(await bucket.exists(), true);
    assert.ok((await bucket.load()).creationDate instanceof Date);
    await s3.createBucket({ Bucket: "resources-buckets-2" });
    const listed = await s3.buckets.filter({ Prefix: "resources-buckets" }).toArray();
    assert.deepEqual(
      listed.map(({ name }) => name),
      ["resources-buckets", "resources-buckets-2"],
    );
    assert.deepEqual(listed[0]?.creationDate, bucket.creationDate);
    const names: string[] = [];
    for await (const { name } of s3.buckets.pageSize(1).limit(2)) names.push(name);
    assert.equal(names.length, 2);
    await Promise.all(listed.map((each) => each.delete()));
    await bucket.waitUntilNotExists(pace);
  });

  test("an object is put, loaded, read, copied and deleted", async () => {
    await withBucket("resources-object", async (bucket) => {
      const object = bucket.Object("a folder/ü.txt");
      assert.equal(await object.exists(), false);
      const Metadata = { name: "a value" };
      const { ETag } = await object.put({ Body: "the body", Metadata, ContentType: "text/plain" });
      await object.load();
      assert.equal(object.contentLength, 8);
      assert.equal(object.eTag, ETag);
      assert.deepEqual(object.metadata, Metadata);
      assert.equal(object.contentType, "text/plain");
      assert.ok(object.lastModified instanceof Date);
      assert.equal(await (await object.get({ Range: "bytes=4-7" })).Body?.text(), "body");
      const copy = bucket.Object("copy");
      await copy.copyFrom({ CopySource: { Bucket: bucket.name, Key: object.key } });
      assert.equal((await copy.attributes()).ContentLength, 8);
      await object.delete();
      assert.equal(await object.exists(), false);
      assert.throws(() => object.contentLength, /await load\(\) first/);
      await copy.waitUntilExists({ delay: 20, maxWaitTime: 10_000 });
    });
  });

  test("2,500 objects are listed by pages, prefix and limit, and deleted all at once", async () => {
    await withBucket("resources-many", async (bucket) => {
      const keys = Array.from({ length: 2_500 }, (_, index) => `many/${index} & <ü>`);
      await fill(bucket, [...keys, "other"]);
      const found: string[] = [];
      const objects = bucket.objects.filter({ Prefix: "many/" });
      for await (const { key, size, lastModified } of objects) {
        assert.equal(size, Buffer.byteLength(key));
        assert.ok(lastModified instanceof Date);
        found.push(key);
      }
      assert.deepEqual(found, keys.toSorted());
      const pages: number[] = [];
      for await (const { length } of objects.pages()) pages.push(length);
      assert.deepEqual(pages, [1_000, 1_000, 500]);
      assert.equal((await objects.limit(1_200).toArray()).length, 1_200);
      assert.equal((await objects.pageSize(7).limit(20).toArray()).length, 20);
      const outputs = await objects.delete();
      const deleted = outputs.flatMap(({ Deleted = [] }) => Deleted.map(({ Key }) => Key));
      assert.deepEqual(new Set(deleted), new Set(keys));
      const left = await bucket.objects.toArray();
      assert.deepEqual(
        left.map(({ key }) => key),
        ["other"],
      );
      assert.deepEqual(await objects.delete(), []);
    });
  });

  test("deleting by small pages, several at once, skips nothing", async () => {
    await withBucket("resources-pages", async (bucket) => {
      await fill(
        bucket,
        Array.from({ length: 103 }, (_, index) => `key ${index}`),
      );
      const outputs = await bucket.objects.pageSize(5).delete({}, { concurrency: 8 });
      assert.equal(outputs.length, 21);
      assert.deepEqual(await bucket.objects.toArray(), []);
    });
  });

  test("versions and delete markers are listed, read, and deleted for good", async () => {
    await withBucket("resources-versions", async (bucket) => {
      const versioning = bucket.Versioning();
      assert.equal((await versioning.load()).status, undefined);
      await versioning.enable();
      assert.equal((await versioning.load()).status, "Enabled");
      const object = bucket.Object("kept");
      for (const Body of ["one", "three", "two"]) await object.put({ Body });
      await object.delete();
      const versions = await bucket.objectVersions.filter({ Prefix: "kept" }).toArray();
      assert.equal(versions.length, 4);
      const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
      assert.equal(marker?.isLatest, true);
      const three = versions.find(({ size }) => size === 5);
      const byId = object.Version(three?.id ?? "");
      assert.equal(await (await byId.get()).Body?.text(), "three");
      assert.equal((await byId.head()).ContentLength, 5);
      await marker?.delete();
      assert.equal(await (await object.get()).Body?.text(), "two");
      await fill(
        bucket,
        Array.from({ length: 40 }, (_, index) => `many ${index % 10}`),
      );
      const many = bucket.objectVersions.filter({ Prefix: "many" });
      assert.equal((await many.toArray()).length, 40);
      // This server gives the version at the marker again, where it is a key's newest.
      const outputs = await many.pageSize(6).delete();
      assert.equal(outputs.flatMap(({ Deleted = [] }) => Deleted).length, 40);
      assert.equal((await bucket.objectVersions.toArray()).length, 3);
      await bucket.objectVersions.delete();
      assert.deepEqual(await bucket.objectVersions.toArray(), []);
      await versioning.suspend();
      assert.equal((await versioning.load()).status, "Suspended");
    });
  });

  test("a multipart upload goes through its parts", async () => {
    await withBucket("resources-multipart", async (bucket) => {
      const object = bucket.Object("large");
      const upload = await object.initiateMultipartUpload({ ContentType: "text/x-large" });
      const first = await upload.Part(1).upload({ Body: Buffer.alloc(5 * mib, "a") });
      await bucket.putObject({ Key: "source", Body: "copied" });
      await upload.Part(2).copyFrom({ CopySource: { Bucket: bucket.name, Key: "source" } });
      const [listed] = await bucket.multipartUploads.toArray();
      assert.equal(listed?.id, upload.id);
      assert.equal(listed?.objectKey, "large");
      assert.ok(listed?.initiated instanceof Date);
      const parts = await upload.parts.pageSize(1).toArray();
      assert.deepEqual(
        parts.map(({ partNumber, size }) => [partNumber, size]),
        [
          [1, 5 * mib],
          [2, 6],
        ],
      );
      assert.equal(parts[0]?.eTag, first.ETag);
      const Parts = parts.map(({ partNumber, eTag }) => ({ PartNumber: partNumber, ETag: eTag }));
      const complete = await upload.complete({ MultipartUpload: { Parts } });
      await complete.load();
      assert.equal(complete.contentLength, 5 * mib + 6);
      assert.equal(complete.contentType, "text/x-large");
      const other = await object.initiateMultipartUpload();
      await other.abort();
      assert.deepEqual(await bucket.multipartUploads.toArray(), []);
    });
  });

  test("configurations are put, loaded and removed", async () => {
    await withBucket("resources-configured", async (bucket) => {
      const tagging = bucket.Tagging();
      const TagSet = [{ Key: "team", Value: "ours" }];
      await tagging.put({ Tagging: { TagSet } });
      assert.deepEqual((await tagging.load()).tagSet, TagSet);
      await tagging.delete();
      await assert.rejects(tagging.load(), { name: "NoSuchTagSet" });
      const policy = bucket.Policy();
      const Policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: "*",
            Action: "s3:GetObject",
            Resource: `arn:aws:s3:::${bucket.name}/*`,
          },
        ],
      });
      await policy.put({ Policy });
      assert.deepEqual(JSON.parse((await policy.load()).policy ?? ""), JSON.parse(Policy));
      await policy.delete();
      await assert.rejects(policy.load(), { name: "NoSuchBucketPolicy" });
      const cors = bucket.Cors();
      const CORSRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://example.com"] }];
      await cors.put({ CORSConfiguration: { CORSRules } });
      assert.deepEqual(
        (await cors.load()).corsRules?.map(({ AllowedOrigins }) => AllowedOrigins),
        [["https://example.com"]],
      );
      await cors.delete();
      assert.ok((await bucket.Acl().load()).owner?.ID !== undefined);
    });
  });

  test("what the server refuses of a collection is an error with the keys", async () => {
    const bucket = await s3.createBucket({
      Bucket: "resources-locked",
      ObjectLockEnabledForBucket: true,
    });
    await fill(
      bucket,
      Array.from({ length: 10 }, (_, index) => `key ${index}`),
    );
    await bucket.putObject({ Key: "key 3 held", Body: "held", ObjectLockLegalHoldStatus: "ON" });
    const deletion = bucket.objectVersions.delete();
    await assert.rejects(deletion, (error: unknown) => {
      assert.ok(error instanceof DeleteObjectsError, String(error));
      assert.deepEqual(
        error.errors.map(({ Key }) => Key),
        ["key 3 held"],
      );
      assert.equal(error.deleted.length, 10);
      assert.match(error.message, /Cannot delete object "resources-locked\/key 3 held": /);
      return true;
    });
    assert.equal((await bucket.objectVersions.toArray()).length, 1);
  });
});
