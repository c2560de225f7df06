import assert from "node:assert/strict";
import { test } from "node:test";
import type { Input } from "../../protocol/protocol.ts";
import { MemoryStorage } from "../memory/memory-storage.ts";
import { engineOf } from "../store-engine-fixture.test.ts";

const Bucket = "notes";

async function open(keys: readonly string[]) {
  const engine = engineOf(new MemoryStorage("memory:"));
  await engine.call("CreateBucket", { Bucket });
  for (const Key of keys) await engine.call("CreateMultipartUpload", { Bucket, Key });
  return engine;
}

test("pages go on behind an upload that has ended, with the others of its key", async () => {
  const engine = await open(["a", "same", "same", "same", "same", "same", "z"]);
  const aborted: unknown[] = [];
  let marker: Input | undefined = {};
  while (marker !== undefined) {
    const page = await engine.call("ListMultipartUploads", { Bucket, MaxUploads: 2, ...marker });
    for (const { Key, UploadId } of (page["Uploads"] ?? []) as {
      Key: string;
      UploadId: string;
    }[]) {
      await engine.call("AbortMultipartUpload", { Bucket, Key, UploadId });
      aborted.push(Key);
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    marker =
      page["IsTruncated"] === true
        ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
        : undefined;
  }
  assert.deepEqual(aborted, ["a", "same", "same", "same", "same", "same", "z"]);
});

test("a page of nothing is the last one: paginators end", async () => {
  const engine = await open(["a"]);
  const page = await engine.call("ListMultipartUploads", { Bucket, MaxUploads: 0 });
  assert.deepEqual([page["IsTruncated"], page["Uploads"]], [false, undefined]);
  const { Uploads } = await engine.call("ListMultipartUploads", { Bucket });
  const [{ UploadId }] = Uploads as [{ UploadId: string }];
  const upload = { Bucket, Key: "a", UploadId };
  await engine.call("UploadPart", { ...upload, PartNumber: 1, Body: "x" });
  const parts = await engine.call("ListParts", { ...upload, MaxParts: 0 });
  assert.deepEqual([parts["IsTruncated"], parts["Parts"]], [false, undefined]);
});
