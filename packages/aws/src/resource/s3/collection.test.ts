import assert from "node:assert/strict";
import { test } from "node:test";
import { type StubCall, stubS3 } from "./stub-client-fixture.test.ts";

/** Answers ListObjectsV2 as S3 does, out of keys in order. */
function listing(keys: readonly string[]): (call: StubCall) => object {
  return ({ operation, input }) => {
    assert.equal(operation, "ListObjectsV2");
    const { ContinuationToken, MaxKeys = 1_000, Prefix = "" } = input;
    const start = ContinuationToken === undefined ? 0 : Number(ContinuationToken);
    const found = keys.filter((key) => key.startsWith(Prefix as string));
    const end = start + (MaxKeys as number);
    return {
      Contents: found.slice(start, end).map((Key) => ({ Key, Size: Key.length, ETag: `"${Key}"` })),
      IsTruncated: end < found.length,
      ...(end < found.length && { NextContinuationToken: String(end) }),
    };
  };
}

const keys = Array.from({ length: 2_500 }, (_, index) => `key ${index}`);

test("a collection asks for nothing before it is iterated, and then page by page", async () => {
  const { s3, calls } = stubS3(listing(keys));
  const collection = s3.Bucket("b").objects.filter({ Prefix: "key" }).all();
  assert.equal(calls.length, 0);
  const found: string[] = [];
  for await (const { key, size, eTag, bucketName } of collection) {
    if (found.push(key) === 1) assert.equal(calls.length, 1);
    assert.deepEqual([size, eTag, bucketName], [key.length, `"${key}"`, "b"]);
  }
  assert.deepEqual(found, keys);
  assert.deepEqual(
    calls.map(({ input }) => input),
    [undefined, "1000", "2000"].map((ContinuationToken) => ({
      ...(ContinuationToken !== undefined && { ContinuationToken }),
      Bucket: "b",
      Prefix: "key",
    })),
  );
});

test("each iteration asks anew, and leaving one early asks for no more", async () => {
  const { s3, calls } = stubS3(listing(keys));
  const { objects } = s3.Bucket("b");
  for (let run = 1; run <= 2; run++) {
    for await (const { key } of objects) if (key === "key 3") break;
    assert.equal(calls.length, run);
  }
});

test("filter, limit and pageSize give other collections: parameters are merged, none is changed", async () => {
  const { s3, calls } = stubS3(listing(keys));
  const { objects } = s3.Bucket("b");
  const one = objects.filter({ Prefix: "key 1" }, { timeout: 9 });
  const two = one.filter({ StartAfter: "key 10" });
  const small = two.pageSize(10).limit(15);
  assert.equal((await small.toArray()).length, 15);
  assert.equal(calls.length, 2);
  assert.deepEqual(calls[0]?.input, {
    Bucket: "b",
    Prefix: "key 1",
    StartAfter: "key 10",
    MaxKeys: 10,
  });
  assert.equal(calls[0]?.options?.["timeout"], 9);
  calls.length = 0;
  await one.toArray();
  assert.deepEqual(calls[0]?.input, { Bucket: "b", Prefix: "key 1" });
  calls.length = 0;
  await objects.toArray();
  assert.deepEqual(calls[0]?.input, { Bucket: "b" });
});

for (const [name, chain, requests, count] of [
  ["limit asks for no larger page", { limit: 5 }, [5], 5],
  ["limit over a page", { limit: 1_200 }, [undefined, undefined], 1_200],
  ["limit at the end of a page", { limit: 1_000 }, [undefined], 1_000],
  ["limit 0", { limit: 0 }, [], 0],
  ["a page size under the limit", { limit: 25, pageSize: 10 }, [10, 10, 10], 25],
  ["MaxKeys of the filter stays", { limit: 25, MaxKeys: 20 }, [20, 20], 25],
  ["a page size over MaxKeys of the filter", { limit: 5, pageSize: 3, MaxKeys: 20 }, [3, 3], 5],
] as const) {
  test(`collection: ${name}`, async () => {
    const { limit, pageSize, MaxKeys } = { pageSize: undefined, MaxKeys: undefined, ...chain };
    const { s3, calls } = stubS3(listing(keys));
    let objects = s3.Bucket("b").objects.limit(limit);
    if (pageSize !== undefined) objects = objects.pageSize(pageSize);
    if (MaxKeys !== undefined) objects = objects.filter({ MaxKeys });
    const found = await objects.toArray();
    assert.deepEqual(
      found.map(({ key }) => key),
      keys.slice(0, count),
    );
    assert.deepEqual(
      calls.map(({ input }) => input["MaxKeys"]),
      requests,
    );
  });
}

for (const [method, count] of [
  ["limit", -1],
  ["limit", 1.5],
  ["pageSize", 0],
  ["pageSize", Number.NaN],
] as const) {
  test(`collection: ${method}(${count}) is refused at once`, () => {
    assert.throws(() => stubS3().s3.buckets[method](count), {
      name: "RangeError",
      message: `Cannot list buckets: ${method}(${count}) needs a whole number from ${method === "limit" ? 0 : 1}`,
    });
  });
}

test("pages are those of the service, the last one cut at the limit", async () => {
  const { s3 } = stubS3(listing(keys));
  const sizes: number[] = [];
  for await (const page of s3.Bucket("b").objects.limit(2_100).pages()) sizes.push(page.length);
  assert.deepEqual(sizes, [1_000, 1_000, 100]);
});

test("summaries keep what the listing said, also when they change; load asks for the object", async () => {
  const { s3, calls } = stubS3((call) =>
    call.operation === "HeadObject"
      ? { ContentLength: 7, ETag: '"new"', LastModified: new Date(5) }
      : call.operation === "PutObject"
        ? {}
        : listing(["k"])(call),
  );
  const [summary] = await s3.Bucket("b").objects.toArray();
  assert.ok(summary !== undefined);
  await summary.put({ Body: "changed" });
  assert.equal(summary.size, 1);
  await summary.load();
  assert.deepEqual([summary.size, summary.eTag, summary.lastModified], [7, '"new"', new Date(5)]);
  assert.equal(summary.storageClass, "STANDARD", "which S3 does not say in a header");
  assert.equal(summary.Object().key, "k");
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    ["ListObjectsV2", "PutObject", "HeadObject"],
  );
});

test("versions and delete markers come as one collection", async () => {
  const { s3 } = stubS3(() => ({
    Versions: [{ Key: "k", VersionId: "1", Size: 3, IsLatest: false }],
    DeleteMarkers: [{ Key: "k", VersionId: "2", IsLatest: true }],
  }));
  const found = await s3.Bucket("b").objectVersions.toArray();
  assert.deepEqual(
    found.map(({ objectKey, id, size, isLatest, isDeleteMarker }) => [
      objectKey,
      id,
      size,
      isLatest,
      isDeleteMarker,
    ]),
    [
      ["k", "1", 3, false, false],
      ["k", "2", undefined, true, true],
    ],
  );
});

test("uploads and parts are listed with what belongs to them", async () => {
  const { s3, calls } = stubS3(({ operation }) =>
    operation === "ListParts"
      ? { Parts: [{ PartNumber: 4, Size: 9, ETag: '"p"' }] }
      : { Uploads: [{ Key: "k", UploadId: "u", Initiated: new Date(1) }] },
  );
  const [upload] = await s3.Bucket("b").multipartUploads.filter({ Prefix: "k" }).toArray();
  assert.deepEqual([upload?.objectKey, upload?.id, upload?.initiated], ["k", "u", new Date(1)]);
  const [part] = (await upload?.parts.pageSize(2).toArray()) ?? [];
  assert.deepEqual([part?.partNumber, part?.size, part?.eTag], [4, 9, '"p"']);
  assert.deepEqual(calls[1]?.input, { Bucket: "b", Key: "k", UploadId: "u", MaxParts: 2 });
});

test("buckets are listed with their attributes", async () => {
  const { s3, calls } = stubS3(() => ({ Buckets: [{ Name: "b", CreationDate: new Date(1) }] }));
  const [bucket] = await s3.buckets.filter({ Prefix: "b" }).limit(1).toArray();
  assert.deepEqual([bucket?.name, bucket?.creationDate], ["b", new Date(1)]);
  assert.deepEqual(calls[0]?.input, { Prefix: "b", MaxBuckets: 1 });
});

test("limit leaves pages as large as they are where folders are listed, too: these would fill small ones", async () => {
  const { s3, calls } = stubS3(listing(keys));
  const { objects } = s3.Bucket("b");
  await objects.filter({ Delimiter: "/" }).limit(1).toArray();
  await objects.filter({ Delimiter: "/" }).pageSize(7).limit(1).toArray();
  await objects.limit(1).toArray();
  assert.deepEqual(
    calls.map(({ input }) => input["MaxKeys"]),
    [undefined, 7, 1],
  );
});
