import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { ResponseBody } from "../client/response-body.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { MemoryStorage } from "./memory/memory-storage.ts";
import { engineOf } from "./store-engine-fixture.test.ts";
import type { StoreEngine } from "./store-engine.ts";

const Bucket = "notes";
const object = { Bucket, Key: "k" };

async function open(): Promise<StoreEngine> {
  const engine = engineOf(new MemoryStorage("memory:"));
  await engine.call("CreateBucket", { Bucket });
  await engine.call("PutObject", { ...object, Body: "text" });
  return engine;
}

function silent(): Readable {
  return new Readable({ read: () => undefined });
}

describe("StoreEngine", () => {
  test("both closes end when it is destroyed while it closes", { timeout: 10_000 }, async () => {
    let releases = 0;
    const engine = engineOf(new MemoryStorage("memory:"), async () => void releases++);
    const Body = silent();
    const put = engine.call("PutObject", { ...object, Body, ContentLength: 9 });
    const closing = engine.close();
    const closingAgain = engine.close();
    engine.destroy(new Error("enough"));
    await assert.rejects(put, /enough/);
    await Promise.all([closing, closingAgain]);
    assert.ok(releases >= 1);
    assert.equal(Body.destroyed, true);
  });

  const absent: readonly (readonly [
    operation: string,
    input: Input,
    members: readonly string[],
  ])[] = [
    [
      "GetObject",
      object,
      [
        "IfMatch",
        "IfNoneMatch",
        "IfModifiedSince",
        "IfUnmodifiedSince",
        "Range",
        "PartNumber",
        "VersionId",
        "ResponseExpires",
        "ChecksumMode",
        "SSECustomerKey",
      ],
    ],
    [
      "PutObject",
      object,
      [
        "Body",
        "ContentMD5",
        "ContentLength",
        "Tagging",
        "Metadata",
        "IfMatch",
        "IfNoneMatch",
        "Expires",
        "StorageClass",
        "ChecksumCRC32",
        "SSEKMSKeyId",
      ],
    ],
    [
      "CopyObject",
      { Bucket, Key: "copy", CopySource: "notes/k" },
      [
        "CopySourceIfMatch",
        "CopySourceIfNoneMatch",
        "CopySourceIfModifiedSince",
        "CopySourceIfUnmodifiedSince",
        "MetadataDirective",
        "Tagging",
      ],
    ],
    [
      "ListObjectsV2",
      { Bucket },
      ["Prefix", "Delimiter", "MaxKeys", "ContinuationToken", "StartAfter", "EncodingType"],
    ],
    [
      "ListMultipartUploads",
      { Bucket },
      ["Prefix", "Delimiter", "KeyMarker", "UploadIdMarker", "MaxUploads"],
    ],
    [
      "CreateMultipartUpload",
      object,
      ["ChecksumAlgorithm", "ChecksumType", "Tagging", "StorageClass"],
    ],
    ["DeleteObject", { Bucket, Key: "other" }, ["IfMatch", "IfMatchSize", "VersionId"]],
  ];
  for (const [operation, input, members] of absent) {
    test(`${operation} takes a member that is null as absent`, async () => {
      const engine = await open();
      const given = { ...input, ...Object.fromEntries(members.map((name) => [name, null])) };
      await engine.call(operation, given);
      assert.equal(given[members[0] as keyof typeof given], null);
    });
  }

  test("a copy onto itself with a member that is null changes nothing, and is refused", async () => {
    const engine = await open();
    const input = { ...object, CopySource: "notes/k", StorageClass: null };
    await assert.rejects(engine.call("CopyObject", input), { name: "InvalidRequest" });
  });

  test("a metadatum that is null is not there", async () => {
    const engine = await open();
    await engine.call("PutObject", { ...object, Metadata: { a: null, B: "b" } });
    assert.deepEqual((await engine.call("HeadObject", object))["Metadata"], { b: "b" });
  });

  const past = new Date("2020-01-02T03:04:05Z");
  for (const time of [past, past.toISOString(), past.getTime()]) {
    test(`takes a time as ${typeof time}`, async () => {
      const engine = await open();
      const head = (input: Input): Promise<Output> =>
        engine.call("HeadObject", { ...object, ...input });
      await head({ IfModifiedSince: time });
      await assert.rejects(head({ IfUnmodifiedSince: time }), { statusCode: 412 });
      await engine.call("PutObject", { ...object, Expires: time });
      assert.deepEqual((await head({}))["Expires"], past);
      assert.deepEqual((await head({}))["ExpiresString"], past.toUTCString());
    });
  }

  test("takes an instance of a class with getters, also where the input is changed", async () => {
    class Note {
      readonly #name = "instance";
      readonly Bucket = Bucket;
      readonly Body = "text";
      readonly Metadata = { Upper: "case" };
      get Key(): string {
        return this.#name;
      }
      get Expires(): string {
        return past.toISOString();
      }
    }
    const engine = await open();
    await engine.call("PutObject", new Note() as unknown as Input);
    const { Expires, Metadata } = await engine.call("HeadObject", { Bucket, Key: "instance" });
    assert.deepEqual([Expires, Metadata], [past, { upper: "case" }]);
    class Named {
      readonly Bucket = Bucket;
      readonly Key = "instance";
      get IfMatch(): null {
        return null;
      }
    }
    await engine.call("GetObject", new Named() as unknown as Input);
  });

  test("the ETag is that of what is stored, also when the caller changes its bytes at once", async () => {
    const engine = await open();
    const bytes = Buffer.alloc(16, 1);
    const put = engine.call("PutObject", { ...object, Body: bytes });
    bytes.fill(2);
    const { ETag } = await put;
    const stored = await ((await engine.call("GetObject", object))["Body"] as ResponseBody).bytes();
    assert.equal(ETag, `"${createHash("md5").update(stored).digest("hex")}"`);
  });

  const conditions: readonly Input[] = [{ IfMatchSize: 3 }, { IfMatchLastModifiedTime: past }];
  for (const condition of conditions) {
    const [name] = Object.keys(condition);
    test(`deletes nothing with the condition ${name}, which it does not know`, async () => {
      const engine = await open();
      const refusal = { name: "NotImplemented", message: new RegExp(`${name}`) };
      await assert.rejects(engine.call("DeleteObject", { ...object, ...condition }), refusal);
      const listed = {
        Key: "k",
        [(name as string).slice("IfMatch".length)]: Object.values(condition)[0],
      };
      const many = await engine.call("DeleteObjects", { Bucket, Delete: { Objects: [listed] } });
      assert.equal((many["Errors"] as { Code: string }[])[0]?.Code, "NotImplemented");
      await engine.call("HeadObject", object);
    });
  }

  for (const MaxBuckets of [0, -1, 10_001]) {
    test(`MaxBuckets ${MaxBuckets} is InvalidArgument: its pages would not end`, async () => {
      const list = (await open()).call("ListBuckets", { MaxBuckets });
      await assert.rejects(list, { name: "InvalidArgument" });
    });
  }
});
