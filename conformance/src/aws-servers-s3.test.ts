// S3 of a server that verifies signatures, payload hashes and checksums.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type ClientOptions, ServiceError, Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startVersitygw, virtualDomain } from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { resolveLocalNames } from "./local-names.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const bucket = "conformance-bucket";
const mib = 1_048_576;

describe("S3 of versitygw", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;

  before(async () => {
    server = await startVersitygw(folder ?? "");
    session = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: serverCredentials,
    });
    await session.client("s3").createBucket({ Bucket: bucket });
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  function client(options: ClientOptions = {}) {
    return session.client("s3", options);
  }

  for (const Key of [
    "plain.txt",
    "with space + plus & ampersand = equals.txt",
    "üñí/☃/💡",
    "quotes'()*!~ and %2F percent ?#",
    "folder/sub folder/key",
  ]) {
    test(`putObject and getObject take the key ${JSON.stringify(Key)}`, async () => {
      const s3 = client();
      const Metadata = { "conformance-name": "a value" };
      const put = await s3.putObject({ Bucket: bucket, Key, Body: `body of ${Key}`, Metadata });
      assert.match(put.ETag ?? "", /^"[0-9a-f]{32}"$/);
      const got = await s3.getObject({ Bucket: bucket, Key });
      assert.equal(await got.Body?.text(), `body of ${Key}`);
      assert.equal(got.Metadata?.["conformance-name"], "a value");
      assert.equal(got.ETag, put.ETag);
      assert.ok(got.LastModified instanceof Date);
      const head = await s3.headObject({ Bucket: bucket, Key });
      assert.equal(head.ContentLength, Buffer.byteLength(`body of ${Key}`));
      const { Contents = [] } = await s3.listObjectsV2({ Bucket: bucket });
      assert.ok(Contents.some((one) => one.Key === Key));
    });
  }

  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    test(`the server agrees with our ${ChecksumAlgorithm}, and we with its`, async () => {
      const s3 = client({ responseChecksumValidation: "WHEN_SUPPORTED" });
      const Key = `checksum-${ChecksumAlgorithm}`;
      const Body = Buffer.alloc(100_000, "checked ");
      await s3.putObject({ Bucket: bucket, Key, Body, ChecksumAlgorithm });
      const got = await s3.getObject({ Bucket: bucket, Key });
      assert.deepEqual(Buffer.from((await got.Body?.bytes()) ?? []), Body);
      const { $metadata } = got;
      const name = `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`;
      assert.ok($metadata.httpHeaders?.[name] !== undefined, "the server sent its checksum");
    });
  }

  test("a checksum that is wrong is the server's BadDigest", async () => {
    const call = client().putObject({
      Bucket: bucket,
      Key: "wrong",
      Body: "this",
      ChecksumCRC32: "AAAAAA==",
    });
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      assert.equal(error.statusCode, 400);
      return true;
    });
  });

  test("conditions are kept: If-None-Match, If-Match, If-Modified-Since", async () => {
    const s3 = client();
    const Key = "conditional";
    const { ETag = "" } = await s3.putObject({
      Bucket: bucket,
      Key,
      Body: "first",
      IfNoneMatch: "*",
    });
    const again = s3.putObject({ Bucket: bucket, Key, Body: "second", IfNoneMatch: "*" });
    await assert.rejects(again, { name: "PreconditionFailed" });
    await s3.putObject({ Bucket: bucket, Key, Body: "third", IfMatch: ETag });
    const stale = s3.putObject({ Bucket: bucket, Key, Body: "fourth", IfMatch: ETag });
    await assert.rejects(stale, { name: "PreconditionFailed" });
    const { ETag: current = "" } = await s3.headObject({ Bucket: bucket, Key });
    const unchanged = s3.getObject({ Bucket: bucket, Key, IfNoneMatch: current });
    await assert.rejects(unchanged, (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      assert.equal(error.statusCode, 304);
      return true;
    });
  });

  test("a multipart upload is completed, and read by ranges and parts", async () => {
    const s3 = client({ requestChecksumCalculation: "WHEN_SUPPORTED" });
    const Key = "multipart";
    const parts = [Buffer.alloc(5 * mib, "one "), Buffer.alloc(1_000, "two ")];
    const { UploadId } = await s3.createMultipartUpload({ Bucket: bucket, Key });
    assert.ok(UploadId !== undefined);
    const Parts = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.uploadPart({ Bucket: bucket, Key, UploadId, PartNumber, Body });
      Parts.push({ ETag, PartNumber });
    }
    const listed = await s3.listParts({ Bucket: bucket, Key, UploadId });
    assert.deepEqual(
      listed.Parts?.map(({ Size }) => Size),
      parts.map(({ length }) => length),
    );
    const MultipartUpload = { Parts };
    await s3.completeMultipartUpload({ Bucket: bucket, Key, UploadId, MultipartUpload });
    const whole = Buffer.concat(parts);
    const range = await s3.getObject({ Bucket: bucket, Key, Range: "bytes=5242870-5242890" });
    assert.equal(range.$metadata.httpStatusCode, 206);
    assert.deepEqual(
      Buffer.from((await range.Body?.bytes()) ?? []),
      whole.subarray(5_242_870, 5_242_891),
    );
    const { Body } = await s3.getObject({ Bucket: bucket, Key });
    let length = 0;
    const hash = createHash("sha256");
    for await (const piece of Body ?? []) {
      hash.update(piece);
      length += piece.length;
    }
    assert.equal(length, whole.length);
    assert.equal(hash.digest("hex"), createHash("sha256").update(whole).digest("hex"));
    await s3.deleteObject({ Bucket: bucket, Key });
  });

  test("lists go from page to page, with prefixes and delimiters", async () => {
    const s3 = client();
    const names = Array.from({ length: 25 }, (_, index) => `list/${index} ü&<>/key`);
    await Promise.all(names.map((Key) => s3.putObject({ Bucket: bucket, Key, Body: Key })));
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket: bucket, Prefix: "list/", MaxKeys: 10, ContinuationToken };
      const page = await s3.listObjectsV2(input);
      found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    assert.deepEqual(found.toSorted(), names.toSorted());
    const items: (string | undefined)[] = [];
    const pages = s3.paginate.listObjectsV2({ Bucket: bucket, Prefix: "list/" }, { pageSize: 7 });
    for await (const { Key } of pages.items()) items.push(Key);
    assert.deepEqual(items, found);
    const { CommonPrefixes = [] } = await s3.listObjectsV2({
      Bucket: bucket,
      Prefix: "list/",
      Delimiter: "/",
    });
    assert.equal(CommonPrefixes.length, names.length);
    const Delete = { Objects: names.map((Key) => ({ Key })) };
    const { Deleted = [], Errors = [] } = await s3.deleteObjects({ Bucket: bucket, Delete });
    assert.equal(Deleted.length, names.length);
    assert.deepEqual(Errors, []);
  });

  test("presigned URLs work for anyone, until they are changed", async () => {
    const s3 = client();
    const Key = "presigned & signed.txt";
    const put = await s3.presign.putObject({ Bucket: bucket, Key }, { expiresIn: 300 });
    const stored = await fetch(put, { method: "PUT", body: "by fetch" });
    assert.equal(stored.status, 200, await stored.text());
    const get = await s3.presign.getObject({ Bucket: bucket, Key }, { expiresIn: 300 });
    const read = await fetch(get);
    assert.equal(await read.text(), "by fetch");
    const changed = await fetch(get.replace("presigned", "other"));
    await changed.text();
    assert.equal(changed.status, 403);
  });

  test("a form is posted with a policy, and refused when it breaks it", async () => {
    const { url, fields } = await client().presignPost({
      Bucket: bucket,
      Key: "posted/${filename}",
      Fields: { "content-type": "text/plain" },
      Conditions: [["content-length-range", 1, 100]],
      expiresIn: 300,
    });
    const post = async (text: string): Promise<number> => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      // S3 fills in the name itself; this server does not.
      form.set("key", "posted/file.txt");
      form.set("file", new Blob([text]), "file.txt");
      const response = await fetch(url, { method: "POST", body: form });
      await response.text();
      return response.status;
    };
    assert.equal(await post("by a form"), 204);
    const { Body } = await client().getObject({ Bucket: bucket, Key: "posted/file.txt" });
    assert.equal(await Body?.text(), "by a form");
    assert.equal(await post("x".repeat(200)), 400);
  });

  test("waiters see objects and buckets come and go", async () => {
    const s3 = client();
    const pace = { delay: 20, maxWaitTime: 10_000 };
    const input = { Bucket: bucket, Key: "waited for" };
    const waiting = s3.waitUntil.objectExists(input, pace);
    await s3.putObject({ ...input, Body: "here" });
    assert.equal((await waiting).state, "success");
    await s3.deleteObject(input);
    assert.equal((await s3.waitUntil.objectNotExists(input, pace)).state, "success");
    assert.equal((await s3.waitUntil.bucketExists({ Bucket: bucket }, pace)).attempts, 1);
  });

  test("copies, tags and metadata", async () => {
    const s3 = client();
    await s3.putObject({
      Bucket: bucket,
      Key: "copy/ü source",
      Body: "copied",
      Tagging: "a=b%20c",
    });
    const copied = await s3.copyObject({
      Bucket: bucket,
      Key: "copy/target",
      CopySource: `${bucket}/copy/ü source`,
    });
    assert.match(copied.CopyObjectResult?.ETag ?? "", /^"/);
    const { Body } = await s3.getObject({ Bucket: bucket, Key: "copy/target" });
    assert.equal(await Body?.text(), "copied");
    const Tagging = { TagSet: [{ Key: "one", Value: "a value" }] };
    await s3.putObjectTagging({ Bucket: bucket, Key: "copy/target", Tagging });
    const source = await s3.getObjectTagging({ Bucket: bucket, Key: "copy/ü source" });
    assert.deepEqual(source.TagSet, [{ Key: "a", Value: "b c" }]);
    const { TagSet } = await s3.getObjectTagging({ Bucket: bucket, Key: "copy/target" });
    assert.deepEqual(TagSet, Tagging.TagSet);
  });

  test("errors are classes of the service, and say which request it was", async () => {
    const s3 = client();
    await assert.rejects(s3.getObject({ Bucket: bucket, Key: "no such key" }), (error: unknown) => {
      assert.ok(error instanceof s3.errors.NoSuchKey, String(error));
      assert.equal(error.$metadata?.httpStatusCode, 404);
      assert.equal(error.$metadata?.attempts, 1);
      return true;
    });
    await assert.rejects(s3.listObjectsV2({ Bucket: "no-such-bucket" }), { name: "NoSuchBucket" });
    await assert.rejects(s3.headObject({ Bucket: bucket, Key: "none" }), (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      assert.equal(error.statusCode, 404);
      return true;
    });
    const credentials = { ...serverCredentials, secretAccessKey: "another" };
    await assert.rejects(client({ credentials }).listBuckets(), { name: "SignatureDoesNotMatch" });
  });

  test("buckets may be names in front of the host", async () => {
    const undo = resolveLocalNames();
    try {
      const s3 = client({ endpoint: `http://${virtualDomain}:${server.port}` });
      await s3.putObject({ Bucket: bucket, Key: "virtual host", Body: "virtual" });
      const got = await s3.getObject({ Bucket: bucket, Key: "virtual host" });
      assert.equal(await got.Body?.text(), "virtual");
      const url = await s3.presign.getObject({ Bucket: bucket, Key: "virtual host" });
      assert.equal(new URL(url).hostname, `${bucket}.${virtualDomain}`);
    } finally {
      undo();
    }
  });
});
