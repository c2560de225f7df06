import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { ResponseBody } from "../client/response-body.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { CountingStorage, engineOf } from "./store-engine-fixture.test.ts";

const Bucket = "notes";
const object = { Bucket, Key: "k" };
const copy = { Bucket, Key: "copy", CopySource: "notes/k" };
const manyTags = Array.from({ length: 11 }, (_, i) => `t${i}=`).join("&");

async function open() {
  const storage = new CountingStorage();
  const engine = engineOf(storage);
  await engine.call("CreateBucket", { Bucket });
  await engine.call("PutObject", { ...object, Body: "0123456789" });
  const upload = await engine.call("CreateMultipartUpload", {
    ...object,
    ChecksumAlgorithm: "SHA256",
  });
  const call = (operation: string, input: Input): Promise<Output> =>
    engine.call(operation, {
      ...input,
      ...("PartNumber" in input && { UploadId: upload["UploadId"] }),
    });
  return { storage, engine, call };
}

function held({ streams, staged }: CountingStorage): unknown {
  return { streams, staged: staged.size };
}

const nothing = { streams: 0, staged: 0 };

const refused: readonly (readonly [what: string, operation: string, input: Input, code: string])[] =
  [
    [
      "a read of a range beyond the end",
      "GetObject",
      { ...object, Range: "bytes=10-" },
      "InvalidRange",
    ],
    [
      "a read whose condition does not hold",
      "GetObject",
      { ...object, IfMatch: "x" },
      "PreconditionFailed",
    ],
    [
      "a put of another length",
      "PutObject",
      { ...object, Body: "x", ContentLength: 2 },
      "IncompleteBody",
    ],
    [
      "a put of another MD5",
      "PutObject",
      { ...object, Body: Buffer.from("x"), ContentMD5: "A".repeat(22) + "==" },
      "BadDigest",
    ],
    [
      "a put of another checksum",
      "PutObject",
      { ...object, Body: new Blob(["x"]), ChecksumCRC32: "AAAAAA==" },
      "BadDigest",
    ],
    [
      "a put whose condition does not hold",
      "PutObject",
      { ...object, Body: new Blob(["x"]), IfNoneMatch: "*" },
      "PreconditionFailed",
    ],
    [
      "a copy with wrong tags",
      "CopyObject",
      { ...copy, TaggingDirective: "REPLACE", Tagging: manyTags },
      "BadRequest",
    ],
    [
      "a copy with too much metadata",
      "CopyObject",
      { ...copy, MetadataDirective: "REPLACE", Metadata: { a: "x".repeat(3000) } },
      "MetadataTooLarge",
    ],
    [
      "a copy with an unknown checksum",
      "CopyObject",
      { ...copy, ChecksumAlgorithm: "CRC7" },
      "InvalidRequest",
    ],
    [
      "a copy whose source is another",
      "CopyObject",
      { ...copy, CopySourceIfMatch: "x" },
      "PreconditionFailed",
    ],
    [
      "a copy to where something is",
      "CopyObject",
      { ...copy, Key: "k", StorageClass: "GLACIER", IfNoneMatch: "*" },
      "PreconditionFailed",
    ],
    ["a copy to no bucket", "CopyObject", { ...copy, Bucket: "none" }, "NoSuchBucket"],
    [
      "a part of a range beyond the end",
      "UploadPartCopy",
      { ...copy, Key: "k", PartNumber: 1, CopySourceRange: "bytes=0-10" },
      "InvalidArgument",
    ],
    [
      "a part with another checksum",
      "UploadPart",
      { ...object, PartNumber: 1, Body: new Blob(["x"]), ChecksumCRC32: "AAAAAA==" },
      "InvalidRequest",
    ],
  ];

describe("what a store holds for a call", () => {
  for (const [what, operation, input, code] of refused) {
    test(`is let go when ${what} is refused`, async () => {
      const { storage, call } = await open();
      await assert.rejects(call(operation, input), (error: { code?: string; name: string }) => {
        assert.ok(error.code === code || error.name === code, `${error.name}, not ${code}`);
        return true;
      });
      assert.deepEqual(held(storage), nothing);
    });
  }

  test("is let go when the store cannot take a copy in", async () => {
    const { storage, call } = await open();
    storage.full = new Error("No space left");
    await assert.rejects(call("CopyObject", copy), storage.full);
    await assert.rejects(
      call("UploadPartCopy", { ...copy, Key: "k", PartNumber: 1 }),
      storage.full,
    );
    assert.deepEqual(held(storage), nothing);
  });

  test("is let go once a body is read, left or cancelled", async () => {
    const { storage, call } = await open();
    const bodies: ResponseBody[] = [];
    for (let i = 0; i < 4; i++) {
      bodies.push((await call("GetObject", object))["Body"] as ResponseBody);
    }
    assert.equal(storage.streams, 4);
    const [read, left, cancelled, stream] = bodies as [
      ResponseBody,
      ResponseBody,
      ResponseBody,
      ResponseBody,
    ];
    assert.equal(await read.text(), "0123456789");
    for await (const _ of left) break;
    await cancelled.cancel();
    await stream.stream().forEach(() => undefined);
    assert.deepEqual(held(storage), nothing);
  });

  test("is let go when the call has been aborted before its output was there", async () => {
    const { storage, engine } = await open();
    const controller = new AbortController();
    const get = engine.call("GetObject", object, { signal: controller.signal });
    controller.abort();
    await assert.rejects(get, { name: "AbortError" });
    await engine.close();
    assert.deepEqual(held(storage), nothing);
  });
});

test("a copy that was aborted while it was read writes nothing", async () => {
  const { storage, engine } = await open();
  const controller = new AbortController();
  const copied = engine.call("CopyObject", copy, { signal: controller.signal });
  let writes = 0;
  storage.onWrite = () => void writes++;
  controller.abort();
  await assert.rejects(copied, { name: "AbortError" });
  await engine.close();
  assert.equal(writes, 0);
  assert.deepEqual(held(storage), nothing);
});

const unread: readonly (readonly [what: string, operation: string, input: Input])[] = [
  ["its key is too long", "PutObject", { Bucket, Key: "k".repeat(1025) }],
  ["its store cannot do what is asked", "PutObject", { ...object, SSEKMSKeyId: "key" }],
  ["there is no such upload", "UploadPart", { ...object, UploadId: "none", PartNumber: 1 }],
];

describe("a stream given as Body", () => {
  for (const [what, operation, input] of unread) {
    test(`is closed when ${what}, as when it was sent`, async () => {
      const { engine } = await open();
      const Body = Readable.from(["x"]);
      await assert.rejects(engine.call(operation, { ...input, Body, ContentLength: 1 }));
      assert.equal(Body.destroyed, true);
    });
  }
});

test("an error of the body's source comes as it is, whatever the store makes of it", async () => {
  const { storage, engine } = await open();
  storage.wrapsErrors = true;
  const missing = Object.assign(new Error("no such file"), { code: "ENOENT" });
  const Body = new Readable({ read: () => void Body.destroy(missing) });
  const put = engine.call("PutObject", { ...object, Body, ContentLength: 1 });
  await assert.rejects(put, missing);
  assert.deepEqual(held(storage), nothing);
});

test("a body that goes on beyond its ContentLength is left at once", async () => {
  const { storage, engine } = await open();
  const source = { pieces: 0 };
  async function* endless(): AsyncGenerator<string> {
    for (; source.pieces < 1000; source.pieces++) yield "piece";
  }
  const put = engine.call("PutObject", { ...object, Body: endless(), ContentLength: 7 });
  await assert.rejects(put, { name: "IncompleteBody" });
  assert.equal(source.pieces, 1);
  assert.deepEqual(held(storage), nothing);
});
