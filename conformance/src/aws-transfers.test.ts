// Managed uploads and copies on a real S3 server; `AWS_TRANSFER_BYTES=5368709120` for a long form of 5 GiB.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { type ServiceClients, ServiceError, Session, type TransferProgress } from "@lambdad/aws";
import {
  type SecureAwsServer,
  serverCredentials,
  startSecureVersitygw,
  startVersitygw,
  type AwsServer,
} from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const Bucket = "conformance-transfers";
const MiB = 1024 * 1024;
const partSize = 5 * MiB;
const options = { partSize, threshold: partSize };
const sizes = [0, 1, partSize - 1, partSize, partSize + 1, 2 * partSize, 30 * MiB + 1];
const longBytes = Number(process.env["AWS_TRANSFER_BYTES"] ?? 0);

const bytes = Buffer.from(
  Uint32Array.from({ length: 8 * MiB }, (_, at) => Math.imul(at, 2_654_435_761)).buffer,
);
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

async function* pieces(length: number, size = 300_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, Math.min(length, at + size)));
  }
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* pieces(2 * partSize);
  throw new Error("the source failed");
}

async function* long(): AsyncGenerator<Uint8Array> {
  for (let left = longBytes; left > 0; left -= bytes.length) {
    yield* pieces(Math.min(left, bytes.length), MiB);
  }
}

describe("Uploads and copies", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;
  let place: string;
  let s3: ServiceClients["s3"];

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "lambdad-conformance-"));
    server = await startVersitygw(folder ?? "");
    session = new Session({ region: "us-east-1", credentials: serverCredentials });
    s3 = session.client("s3", { endpoint: server.endpoint });
    await s3.createBucket({ Bucket });
  });
  after(async () => {
    await session?.close();
    await server?.stop();
    await rm(place, { recursive: true, force: true });
  });

  async function assertStored(Key: string, expected: Uint8Array): Promise<void> {
    const { Body } = await s3.getObject({ Bucket, Key }, { body: "buffer" });
    assert.equal(sha256((await Body?.bytes()) ?? Buffer.alloc(0)), sha256(expected), Key);
  }

  async function assertNothingLeft(): Promise<void> {
    const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
    assert.deepEqual(Uploads, []);
  }

  for (const size of sizes) {
    test(`${size} bytes arrive whole from memory, a file and streams of known and unknown length`, async () => {
      const part = bytes.subarray(0, size);
      const path = join(place, `size-${size}`);
      await writeFile(path, part);
      const Key = `size/${size}`;
      const common = { Bucket, Key, ContentType: "text/x", Metadata: { a: "b" } };
      for (const upload of [
        () => s3.upload({ ...common, Body: part }, options),
        () => s3.uploadFile(common, path, options),
        () => s3.upload({ ...common, Body: Readable.from(pieces(size)) }, options),
        () => s3.upload({ ...common, Body: pieces(size), ContentLength: size }, options),
        () => s3.upload({ ...common, Body: () => createReadStream(path) }, options),
      ]) {
        const output = await upload();
        await assertStored(Key, part);
        const head = await s3.headObject({ Bucket, Key });
        assert.equal(head.ETag, output.ETag);
        assert.equal(head.ContentType, "text/x");
        assert.deepEqual({ ...head.Metadata }, { a: "b" });
        await s3.deleteObject({ Bucket, Key });
      }
      await assertNothingLeft();
    });
  }

  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    test(`the server agrees with the ${ChecksumAlgorithm} of parts`, async () => {
      const Key = `checksum/${ChecksumAlgorithm}`;
      const Body = bytes.subarray(0, 2 * partSize + 1);
      const type = ChecksumAlgorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
      await s3.upload({ Bucket, Key, Body, ChecksumAlgorithm }, options);
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: "ENABLED" });
      assert.equal(typeof head[`Checksum${ChecksumAlgorithm}`], "string");
      assert.equal(head.ChecksumType, type);
      await assertStored(Key, Body);
    });
  }

  test("the checksum that is the rule on AWS goes with parts and whole objects", async () => {
    const client = session.client("s3", {
      endpoint: server.endpoint,
      requestChecksumCalculation: "WHEN_SUPPORTED",
    });
    for (const size of [1, 2 * partSize + 1]) {
      const Key = `usual/${size}`;
      await client.upload({ Bucket, Key, Body: pieces(size) }, options);
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: "ENABLED" });
      assert.equal(typeof head.ChecksumCRC32, "string");
      await assertStored(Key, bytes.subarray(0, size));
    }
  });

  test("progress comes to the exact total", async () => {
    const seen: TransferProgress[] = [];
    const transfer = s3.upload({ Bucket, Key: "progress", Body: bytes }, options);
    transfer.on("progress", (progress) => void seen.push(progress));
    await transfer;
    assert.equal(seen.at(-1)?.loaded, bytes.length);
    assert.ok(seen.every(({ loaded, total }) => loaded <= bytes.length && total === bytes.length));
  });

  test("an upload that is aborted, or whose source fails, leaves nothing", async () => {
    const failed = s3.upload({ Bucket, Key: "failed", Body: failing() }, options);
    await assert.rejects(failed, /the source failed/);
    await assertNothingLeft();
    const aborted = s3.upload({ Bucket, Key: "aborted", Body: bytes }, options);
    aborted.on("progress", () => aborted.abort("enough"));
    await assert.rejects(aborted, { name: "AbortError" });
    await assertNothingLeft();
    for (const Key of ["failed", "aborted"]) {
      await assert.rejects(s3.headObject({ Bucket, Key }), { name: "NotFound" });
    }
  });

  test("an object that must not be there yet is not replaced, whole or in parts", async () => {
    const Key = "once";
    for (const Body of [Buffer.from("new"), bytes.subarray(0, 2 * partSize)]) {
      await s3.putObject({ Bucket, Key, Body: "first" });
      const again = s3.upload({ Bucket, Key, Body, IfNoneMatch: "*" }, options);
      await assert.rejects(again, (error) => {
        return error instanceof ServiceError && error.statusCode === 412;
      });
      await assertStored(Key, Buffer.from("first"));
    }
    await assertNothingLeft();
  });

  test("a copy carries bytes, metadata and tags, whole and in parts", async () => {
    const Key = "source with space+plus";
    const Body = bytes.subarray(0, 2 * partSize + 1);
    const common = { ContentType: "text/x", CacheControl: "no-store", Metadata: { a: "b" } };
    await s3.upload({ Bucket, Key, Body, ...common, Tagging: "x=y%20z" }, options);
    for (const threshold of [partSize, 5 * 1024 * MiB]) {
      const target = `copy/${threshold}`;
      const copied = await s3.copy(
        { Bucket, Key: target, CopySource: { Bucket, Key } },
        { partSize, threshold },
      );
      assert.equal(typeof copied.CopyObjectResult?.ETag, "string");
      await assertStored(target, Body);
      const head = await s3.headObject({ Bucket, Key: target });
      assert.equal(head.ContentType, "text/x");
      assert.equal(head.CacheControl, "no-store");
      assert.deepEqual({ ...head.Metadata }, { a: "b" });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: target });
      assert.deepEqual(
        TagSet?.map((tag) => ({ ...tag })),
        [{ Key: "x", Value: "y z" }],
      );
    }
    await assert.rejects(s3.copy({ Bucket, Key: "none", CopySource: `${Bucket}/none` }), {
      name: "NotFound",
    });
  });

  test("a long stream and its copy", { skip: longBytes === 0, timeout: 1_800_000 }, async () => {
    const digest = createHash("sha256");
    for await (const piece of long()) digest.update(piece);
    await s3.upload({ Bucket, Key: "long", Body: long() });
    await s3.copy({ Bucket, Key: "long-copy", CopySource: `${Bucket}/long` });
    const { Body } = await s3.getObject({ Bucket, Key: "long-copy" });
    const found = createHash("sha256");
    for await (const piece of Body ?? []) found.update(piece);
    assert.equal(found.digest("hex"), digest.digest("hex"));
  });
});

describe("Uploads over TLS", { skip: folder === undefined }, () => {
  let server: SecureAwsServer;
  let session: Session;

  before(async () => {
    server = await startSecureVersitygw(folder ?? "");
    session = new Session({
      region: "us-east-1",
      credentials: serverCredentials,
      endpoint: server.endpoint,
      ca: server.ca,
    });
    await session.client("s3").createBucket({ Bucket });
  });
  after(async () => {
    await session?.close();
    await server?.stop();
  });

  for (const ChecksumAlgorithm of [undefined, "CRC32"] as const) {
    test(`parts arrive, ${ChecksumAlgorithm ?? "without a checksum"}`, async () => {
      const s3 = session.client("s3");
      const Key = `tls-${String(ChecksumAlgorithm)}`;
      await s3.upload({ Bucket, Key, Body: pieces(bytes.length), ChecksumAlgorithm }, options);
      const { Body } = await s3.getObject({ Bucket, Key }, { body: "buffer" });
      assert.equal(sha256((await Body?.bytes()) ?? Buffer.alloc(0)), sha256(bytes));
    });
  }
});
