import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { StreamingBlobInput } from "../client/client-types.ts";
import { patterned } from "./download-fixture.test.ts";
import type { TransferProgress } from "./transfer-types.ts";
import { startUploadServer } from "./upload-fixture.test.ts";

const MiB = 1024 * 1024;
const partSize = 5 * MiB;
const options = { partSize, threshold: partSize };
const bytes = patterned(3 * partSize + 7);
const place = { Bucket: "b", Key: "k" };

async function* pieces(length: number, size = 200_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, Math.min(length, at + size)));
  }
}

const lengths = [0, 1, partSize - 1, partSize, partSize + 1, 2 * partSize, bytes.length];

test("upload sends every kind of body whole, with PutObject below the threshold and in parts from it on", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-upload-"));
  t.after(() => rm(folder, { recursive: true }));
  await using server = await startUploadServer();
  const s3 = server.client();
  for (const length of lengths) {
    const part = bytes.subarray(0, length);
    const path = join(folder, "file");
    await writeFile(path, part);
    const kinds: Readonly<Record<string, StreamingBlobInput>> = {
      bytes: part,
      "array buffer": new Uint8Array(part).buffer,
      blob: new Blob([new Uint8Array(part)]),
      file: { path },
      "file stream": createReadStream(path),
      "Node stream": Readable.from(pieces(length)),
      "web stream": new Blob([new Uint8Array(part)]).stream(),
      generator: pieces(length),
      "function that opens a stream": () => createReadStream(path),
      "list of bytes": [part.subarray(0, 1), part.subarray(1)],
    };
    for (const [kind, Body] of Object.entries(kinds)) {
      server.calls.length = 0;
      const output = await s3.upload({ ...place, Body }, options);
      const stored = server.objects.get("k");
      assert.ok(stored?.bytes.equals(part), `${kind} of ${length} bytes`);
      const inParts = length >= partSize;
      const count = Math.ceil(length / partSize);
      const names = [
        "CreateMultipartUpload",
        ...Array.from({ length: count }, () => "UploadPart"),
        "CompleteMultipartUpload",
      ];
      assert.deepEqual(server.operations, inParts ? names : ["PutObject"], kind);
      assert.equal(output.ETag, stored?.etag);
      assert.deepEqual([output.Bucket, output.Key], ["b", "k"]);
      assert.equal(output.Location, inParts ? "http://s3/k" : undefined);
      assert.equal(output.$metadata.httpStatusCode, 200);
      server.objects.clear();
    }
    await s3.uploadFile(place, path, options);
    await s3.uploadFile(place, pathToFileURL(path), options);
    assert.ok(server.objects.get("k")?.bytes.equals(part));
  }
  assert.equal(server.open.size, 0);
  const part = { path: join(folder, "file"), start: 1, end: partSize + 3 };
  await s3.uploadFile(place, part, options);
  assert.ok(server.objects.get("k")?.bytes.equals(bytes.subarray(1, partSize + 3)));
  assert.throws(() => s3.uploadFile(place, 7 as never), /value of type number: give the path/);
});

test("upload reports exactly what was sent, part by part, for lengths known and unknown", async () => {
  await using server = await startUploadServer();
  for (const Body of [bytes, pieces(bytes.length)]) {
    const seen: TransferProgress[] = [];
    const transfer = server.client().upload({ ...place, Body }, options);
    transfer.on("progress", (progress) => void seen.push(progress));
    await transfer;
    const last = seen.at(-1);
    assert.deepEqual([last?.loaded, last?.total], [bytes.length, bytes.length]);
    assert.deepEqual(
      [...new Set(seen.map(({ part = 0 }) => part))].sort((a, b) => a - b),
      [1, 2, 3, 4],
    );
    assert.ok(
      seen.every(({ loaded, key }, at) => key === "k" && loaded > (seen[at - 1]?.loaded ?? 0)),
    );
  }
  const seen: TransferProgress[] = [];
  await server
    .client()
    .upload({ ...place, Body: "text" }, { onProgress: (one) => void seen.push(one) });
  assert.deepEqual(seen, [{ loaded: 4, total: 4, part: undefined, key: "k" }]);
});

test("upload gives each call the members that it takes", async () => {
  await using server = await startUploadServer();
  const SSECustomerKey = Buffer.alloc(32, 7);
  const params = {
    ...place,
    ContentType: "text/x",
    Metadata: { a: "b" },
    Tagging: "x=y",
    IfNoneMatch: "*",
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey,
    RequestPayer: "requester",
    ExpectedBucketOwner: "123456789012",
  };
  const shared = {
    "x-amz-request-payer": "requester",
    "x-amz-expected-bucket-owner": "123456789012",
  };
  const key = {
    "x-amz-server-side-encryption-customer-algorithm": "AES256",
    "x-amz-server-side-encryption-customer-key": SSECustomerKey.toString("base64"),
    "x-amz-server-side-encryption-customer-key-md5": createHash("md5")
      .update(SSECustomerKey)
      .digest("base64"),
  };
  const made = { "content-type": "text/x", "x-amz-meta-a": "b", "x-amz-tagging": "x=y" };
  const condition = { "if-none-match": "*" };
  const expected: Readonly<Record<string, object>> = {
    CreateMultipartUpload: { ...shared, ...key, ...made },
    UploadPart: { ...shared, ...key },
    CompleteMultipartUpload: { ...shared, ...key, ...condition },
    PutObject: { ...shared, ...key, ...made, ...condition },
  };
  await server.client().upload({ ...params, Body: bytes }, options);
  await server.client().upload({ ...params, Body: "short" }, options);
  const watched = Object.keys({ ...shared, ...key, ...made, ...condition });
  for (const { operation, headers } of server.calls) {
    const found = Object.fromEntries(
      watched.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
    );
    // What a body is, nobody says of a part.
    if (operation === "UploadPart" || operation === "CompleteMultipartUpload") {
      delete found["content-type"];
    }
    assert.deepEqual(found, expected[operation], operation);
  }
});

test("upload sends checksums where they are the rule, where they are asked for, and not elsewhere", async () => {
  await using server = await startUploadServer(({ headers, operation }, response) => {
    for (const name of ["x-amz-checksum-crc32", "x-amz-checksum-sha256"]) {
      const value = headers[name];
      if (operation === "UploadPart" && value !== undefined) response.setHeader(name, value);
    }
    return undefined;
  });
  const body = { ...place, Body: pieces(bytes.length) };

  await server.client().upload(body, options);
  assert.ok(server.calls.every(({ headers }) => !JSON.stringify(headers).includes("checksum")));

  for (const [algorithm, client, given] of [
    ["CRC32", server.client({ requestChecksumCalculation: "WHEN_SUPPORTED" }), undefined],
    ["SHA256", server.client(), "SHA256"],
  ] as const) {
    server.calls.length = 0;
    await client.upload({ ...place, Body: bytes, ChecksumAlgorithm: given }, options);
    const [create, ...rest] = server.calls;
    assert.equal(create?.headers["x-amz-checksum-algorithm"], algorithm);
    const parts = rest.slice(0, 4);
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const values = parts.map(({ headers }) => headers[name] as string);
    assert.ok(values.every((value) => typeof value === "string"));
    const complete = rest.at(-1)?.body.toString() ?? "";
    assert.equal(complete.split(`<Checksum${algorithm}>`).length - 1, 4);
    for (const value of values) assert.ok(complete.includes(`>${value}<`));
  }

  server.calls.length = 0;
  await server
    .client()
    .upload({ ...place, Body: bytes, ChecksumCRC64NVME: "AAAAAAAAAAA=" }, options);
  assert.equal(server.calls[0]?.headers["x-amz-checksum-algorithm"], "CRC64NVME");
  assert.equal(server.calls[0]?.headers["x-amz-checksum-type"], "FULL_OBJECT");
  const last = server.calls.at(-1)?.headers;
  assert.equal(last?.["x-amz-checksum-crc64nvme"], "AAAAAAAAAAA=");
  assert.equal(last?.["x-amz-checksum-type"], "FULL_OBJECT");
  for (const member of ["ChecksumSHA256", "ContentMD5"] as const) {
    const given = { ...place, Body: bytes, [member]: "AAAA" };
    await assert.rejects(server.client().upload(given, options), {
      name: "TypeError",
      message: new RegExp(`Cannot upload in parts with ${member}, .* raise the option "threshold"`),
    });
  }
});

test("upload refuses a body whose length is not the ContentLength, before or while it is sent", async () => {
  await using server = await startUploadServer();
  const s3 = server.client();
  for (const [length, ContentLength] of [
    [3, 4],
    [4, 3],
    [0, 1],
    [1, 0],
    [2 * partSize, 2 * partSize + 1],
    [2 * partSize, 2 * partSize - 1],
    [2 * partSize + 1, 2 * partSize],
    [partSize, 3 * partSize],
  ] as const) {
    for (const Body of [bytes.subarray(0, length), pieces(length)]) {
      await assert.rejects(s3.upload({ ...place, Body, ContentLength }, options), {
        name: "RangeError",
        message: new RegExp(
          `^Cannot upload "k": its body has (?:${length}|more) bytes, and ContentLength says ${ContentLength}$`,
        ),
      });
    }
  }
  assert.deepEqual([server.open.size, server.objects.size], [0, 0]);
  const good = { ...place, Body: pieces(2 * partSize), ContentLength: 2 * partSize };
  await s3.upload(good, options);
  assert.equal(server.objects.get("k")?.bytes.length, 2 * partSize);
});

test("upload takes no more memory than queueBytes: then fewer parts are under way", async () => {
  let most = 0;
  let now = 0;
  await using server = await startUploadServer(async ({ operation }) => {
    if (operation !== "UploadPart") return undefined;
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now--;
    return undefined;
  });
  const bounded = { ...options, concurrency: 4, queueBytes: 2 * partSize };
  await server.client().upload({ ...place, Body: pieces(bytes.length) }, bounded);
  assert.ok(most <= 2, `${most} parts`);
});

test("putObject of a stream of unknown length names upload, which takes it", async () => {
  await using server = await startUploadServer();
  const s3 = server.client();
  await assert.rejects(s3.putObject({ ...place, Body: pieces(10) }), {
    name: "ParamValidationError",
    message:
      /^Cannot call PutObject: Body: the length .* S3 needs it: call `upload`, which sends it/,
  });
  await s3.upload({ ...place, Body: pieces(10) });
  const { Body } = await s3.getObject(place);
  await s3.upload({ ...place, Key: "again", Body }, options);
  assert.deepEqual(server.operations, ["PutObject", "GetObject", "PutObject"]);
});
