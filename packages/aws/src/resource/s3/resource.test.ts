import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "../../client/session.ts";
import { S3Resource } from "./s3-resource.ts";
import { serviceError, stubS3 } from "./stub-client-fixture.test.ts";

test("session.resource makes S3 resources without a request, over a client of the session", async () => {
  const session = new Session({ region: "eu-west-1" });
  const s3 = session.resource("s3", { maxAttempts: 7 });
  assert.ok(s3 instanceof S3Resource);
  assert.equal(s3.meta.client.meta.config.maxAttempts, 7);
  assert.equal(await s3.meta.client.meta.region(), "eu-west-1");
  await session.close();
  await assert.rejects(s3.Object("b", "k").get(), { name: "ClientClosedError" });
});

test("session.resource refuses other services, and lists those there are", () => {
  const session = new Session();
  assert.throws(() => session.resource("sqs" as "s3"), {
    name: "TypeError",
    message: /"s3" and "dynamodb"/,
  });
});

test("a resource closes its client", async () => {
  const s3 = new Session().resource("s3");
  await s3[Symbol.asyncDispose]();
  await assert.rejects(s3.Bucket("b").create(), { name: "ClientClosedError" });
});

const place = { Bucket: "b", Key: "k" };
const options = { timeout: 5 };

for (const [name, act, operation, input] of [
  [
    "bucket.create",
    (s3) => s3.Bucket("b").create({ ACL: "private" }, options),
    "CreateBucket",
    { ACL: "private", Bucket: "b" },
  ],
  ["bucket.delete", (s3) => s3.Bucket("b").delete({}, options), "DeleteBucket", { Bucket: "b" }],
  [
    "bucket.deleteObjects",
    (s3) => s3.Bucket("b").deleteObjects({ Delete: { Objects: [] } }, options),
    "DeleteObjects",
    { Bucket: "b", Delete: { Objects: [] } },
  ],
  [
    "bucket.putObject",
    (s3) => s3.Bucket("b").putObject({ Key: "k", Body: "x" }, options),
    "PutObject",
    { ...place, Body: "x" },
  ],
  ["bucket.exists", (s3) => s3.Bucket("b").exists({}, options), "HeadBucket", { Bucket: "b" }],
  [
    "object.get",
    (s3) => s3.Object("b", "k").get({ Range: "bytes=0-1" }, options),
    "GetObject",
    { ...place, Range: "bytes=0-1" },
  ],
  [
    "object.put",
    (s3) => s3.Object("b", "k").put({ Body: "x" }, options),
    "PutObject",
    { ...place, Body: "x" },
  ],
  ["object.delete", (s3) => s3.Object("b", "k").delete({}, options), "DeleteObject", place],
  [
    "object.copyFrom",
    (s3) => s3.Object("b", "k").copyFrom({ CopySource: "c/d" }, options),
    "CopyObject",
    { ...place, CopySource: "c/d" },
  ],
  [
    "object.restore",
    (s3) => s3.Object("b", "k").restore({ RestoreRequest: { Days: 1 } }, options),
    "RestoreObject",
    { ...place, RestoreRequest: { Days: 1 } },
  ],
  [
    "object.initiateMultipartUpload",
    (s3) => s3.Object("b", "k").initiateMultipartUpload({}, options),
    "CreateMultipartUpload",
    place,
  ],
  ["object.load", (s3) => s3.Object("b", "k").load(options), "HeadObject", place],
  ["object.exists", (s3) => s3.Object("b", "k").exists({}, options), "HeadObject", place],
  ["object.Acl.load", (s3) => s3.Object("b", "k").Acl().load(options), "GetObjectAcl", place],
  [
    "object.Acl.put",
    (s3) => s3.Object("b", "k").Acl().put({ ACL: "private" }, options),
    "PutObjectAcl",
    { ...place, ACL: "private" },
  ],
  ["summary.get", (s3) => s3.ObjectSummary("b", "k").get({}, options), "GetObject", place],
  ["summary.delete", (s3) => s3.ObjectSummary("b", "k").delete({}, options), "DeleteObject", place],
  [
    "version.get",
    (s3) => s3.Object("b", "k").Version("v").get({}, options),
    "GetObject",
    { ...place, VersionId: "v" },
  ],
  [
    "version.head",
    (s3) => s3.Object("b", "k").Version("v").head({}, options),
    "HeadObject",
    { ...place, VersionId: "v" },
  ],
  [
    "version.delete",
    (s3) => s3.ObjectVersion("b", "k", "v").delete({}, options),
    "DeleteObject",
    { ...place, VersionId: "v" },
  ],
  [
    "upload.abort",
    (s3) => s3.Object("b", "k").MultipartUpload("u").abort({}, options),
    "AbortMultipartUpload",
    { ...place, UploadId: "u" },
  ],
  [
    "upload.complete",
    (s3) => s3.MultipartUpload("b", "k", "u").complete({ MultipartUpload: { Parts: [] } }, options),
    "CompleteMultipartUpload",
    { ...place, UploadId: "u", MultipartUpload: { Parts: [] } },
  ],
  [
    "part.upload",
    (s3) => s3.MultipartUploadPart("b", "k", "u", 3).upload({ Body: "x" }, options),
    "UploadPart",
    { ...place, UploadId: "u", PartNumber: 3, Body: "x" },
  ],
  [
    "part.copyFrom",
    (s3) => s3.MultipartUpload("b", "k", "u").Part(3).copyFrom({ CopySource: "c/d" }, options),
    "UploadPartCopy",
    { ...place, UploadId: "u", PartNumber: 3, CopySource: "c/d" },
  ],
  [
    "versioning.enable",
    (s3) => s3.Bucket("b").Versioning().enable({ MFA: "1 2" }, options),
    "PutBucketVersioning",
    { Bucket: "b", MFA: "1 2", VersioningConfiguration: { Status: "Enabled" } },
  ],
  [
    "versioning.suspend",
    (s3) => s3.BucketVersioning("b").suspend({}, options),
    "PutBucketVersioning",
    { Bucket: "b", VersioningConfiguration: { Status: "Suspended" } },
  ],
  [
    "createBucket",
    (s3) => s3.createBucket({ Bucket: "b" }, options),
    "CreateBucket",
    { Bucket: "b" },
  ],
] as [string, (s3: S3Resource) => Promise<unknown>, string, object][]) {
  test(`${name} is ${operation} with the identifiers, and passes input and options on`, async () => {
    const { s3, calls } = stubS3(() => ({ UploadId: "u" }));
    await act(s3);
    assert.deepEqual(calls, [{ operation, input, options }]);
  });
}

test("identifiers win over what the input says, and the input is not changed", async () => {
  const { s3, calls } = stubS3();
  const input = Object.freeze({ Bucket: "other", Key: "other", PartNumber: 1 });
  await s3.Object("b", "k").get(input);
  assert.deepEqual(calls[0]?.input, { ...place, PartNumber: 1 });
});

for (const [name, make] of [
  ["bucket", (s3) => s3.Bucket("")],
  ["object", (s3) => s3.Object("b", undefined as never)],
  ["version", (s3) => s3.Object("b", "k").Version(undefined as never)],
  ["upload", (s3) => s3.Object("b", "k").MultipartUpload("")],
  ["part", (s3) => s3.MultipartUploadPart("b", "k", "u", 0)],
  ["part", (s3) => s3.MultipartUpload("b", "k", "u").Part(10_001)],
  ["configuration", (s3) => s3.BucketPolicy("")],
  ["access control list", (s3) => s3.ObjectAcl("b", "")],
] as [string, (s3: S3Resource) => unknown][]) {
  test(`a resource needs its identifiers: ${name}, ${make.toString().slice(5)}`, () => {
    assert.throws(
      () => make(stubS3().s3),
      new RegExp(`^(Type|Range)Error: Cannot make an? ${name} ?`),
    );
  });
}

test("actions that make something give it as a resource", async () => {
  const { s3 } = stubS3(({ operation }) =>
    operation === "CreateMultipartUpload" ? { UploadId: "u" } : {},
  );
  assert.equal((await s3.createBucket({ Bucket: "b" })).name, "b");
  const object = await s3.Bucket("b").putObject({ Key: "k" });
  assert.deepEqual([object.bucketName, object.key], ["b", "k"]);
  const upload = await object.initiateMultipartUpload();
  assert.deepEqual([upload.bucketName, upload.objectKey, upload.id], ["b", "k", "u"]);
  assert.equal(upload.Part(2).MultipartUpload().id, "u");
  const done = await upload.complete({ MultipartUpload: { Parts: [] } });
  assert.deepEqual([done.key, done.Bucket().name], ["k", "b"]);
  assert.equal(object.Version("v").Object().key, "k");
});

test("attributes are those of the last load; reading them before, or after a change, throws", async () => {
  const head = { ContentLength: 5, ETag: '"e"', Metadata: { a: "b" }, Restore: "r" };
  const { s3, calls } = stubS3(() => head);
  const object = s3.Object("b", "k");
  assert.throws(() => object.contentLength, {
    name: "TypeError",
    message:
      'Cannot read "contentLength" of object "b/k": its attributes are not loaded: await load() first',
  });
  assert.equal(await object.load(), object);
  assert.equal(object.contentLength, 5);
  assert.equal(object.eTag, '"e"');
  assert.deepEqual(object.metadata, { a: "b" });
  assert.equal(object.restoreState, "r");
  assert.equal(object.contentType, undefined);
  assert.equal((await object.attributes()).ETag, '"e"');
  assert.equal(calls.length, 1, "they are there already");
  await object.put({ Body: "new" });
  assert.throws(() => object.eTag, /await load\(\) first/);
  assert.equal((await object.attributes()).ContentLength, 5);
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    ["HeadObject", "PutObject", "HeadObject"],
  );
});

test("what comes only with a listing says so when it is not there", () => {
  const { s3 } = stubS3();
  assert.throws(() => s3.ObjectVersion("b", "k", "v").size, /take it from bucket\.objectVersions/);
  assert.throws(() => s3.MultipartUpload("b", "k", "u").initiated, /bucket\.multipartUploads/);
  assert.throws(() => s3.MultipartUploadPart("b", "k", "u", 1).eTag, /upload\.parts/);
  assert.throws(() => s3.BucketPolicy("b").policy, /\(getBucketPolicy\).*await load\(\) first/);
});

for (const [name, exists] of [
  ["bucket.exists", (s3: S3Resource) => s3.Bucket("b").exists()],
  ["object.exists", (s3: S3Resource) => s3.Object("b", "k").exists()],
] as const) {
  test(`${name} is false for 404 alone`, async () => {
    assert.equal(await exists(stubS3().s3), true);
    const missing = stubS3(() => Promise.reject(serviceError("NotFound", 404)));
    assert.equal(await exists(missing.s3), false);
    const forbidden = stubS3(() => Promise.reject(serviceError("403", 403)));
    await assert.rejects(exists(forbidden.s3), { name: "403" });
    const broken = stubS3(() => Promise.reject(new Error("no connection")));
    await assert.rejects(exists(broken.s3), /no connection/);
  });
}

test("bucket.load finds the bucket in the caller's list, not one whose name begins alike", async () => {
  const CreationDate = new Date(0);
  const { s3, calls } = stubS3(() => ({
    Buckets: [{ Name: "b-2" }, { Name: "b", CreationDate, BucketRegion: "eu-west-1" }],
  }));
  const bucket = await s3.Bucket("b").load();
  assert.deepEqual([bucket.creationDate, bucket.bucketRegion], [CreationDate, "eu-west-1"]);
  assert.deepEqual(
    calls.map(({ operation, input }) => [operation, input]),
    [["ListBuckets", { Prefix: "b" }]],
  );
});

test("bucket.load asks for the bucket itself where the list does not have it or is refused", async () => {
  for (const list of [{ Buckets: [] }, serviceError("AccessDenied", 403)]) {
    const { s3 } = stubS3(({ operation }) => {
      if (operation === "HeadBucket") return { BucketRegion: "eu-west-1" };
      return list instanceof Error ? Promise.reject(list) : list;
    });
    const bucket = await s3.Bucket("b").load();
    assert.deepEqual([bucket.creationDate, bucket.bucketRegion], [undefined, "eu-west-1"]);
  }
  const { s3 } = stubS3(({ operation }) =>
    operation === "HeadBucket" ? Promise.reject(serviceError("NotFound", 404)) : {},
  );
  await assert.rejects(s3.Bucket("b").load(), { name: "NotFound" });
  const wrongKeys = stubS3(() => Promise.reject(serviceError("SignatureDoesNotMatch", 403)));
  await assert.rejects(wrongKeys.s3.Bucket("b").load(), { name: "SignatureDoesNotMatch" });
});

test("waiters ask until the object is there", async () => {
  const { s3, calls } = stubS3((_, index) =>
    index < 2 ? Promise.reject(serviceError("NotFound", 404)) : {},
  );
  const result = await s3.Object("b", "k").waitUntilExists({ delay: 1 });
  assert.equal(result.attempts, 3);
  assert.deepEqual(calls[2]?.input, place);
});
