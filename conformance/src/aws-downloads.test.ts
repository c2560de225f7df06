// Managed downloads from a real S3 server.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startVersitygw } from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const bucket = "conformance-downloads";
const partSize = 256 * 1024;
const sizes = [0, 1, partSize - 1, partSize, partSize + 1, 3 * partSize, 10 * partSize + 7];

function bytesOf(size: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(size / 4) }, (_, at) => at * 7).buffer,
  ).subarray(0, size);
}

describe("Downloads", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let place: string;
  let session: Session;
  let s3: ReturnType<typeof client>;
  const client = () => session.client("s3", { endpoint: server.endpoint });

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "lambdad-conformance-"));
    server = await startVersitygw(folder ?? "");
    session = new Session({ region: "us-east-1", credentials: serverCredentials });
    s3 = client();
    await s3.createBucket({ Bucket: bucket });
  });
  after(async () => {
    await session?.close();
    await server?.stop();
    await rm(place, { recursive: true, force: true });
  });

  for (const size of sizes) {
    test(`${size} bytes come whole into a file, a stream and a body`, async () => {
      const Body = bytesOf(size);
      const input = { Bucket: bucket, Key: `size/${size}` };
      const { ETag } = await s3.putObject({
        ...input,
        Body,
        ContentType: "text/x",
        Metadata: { a: "b" },
      });
      const path = join(place, `size-${size}`);
      const result = await s3.downloadFile(input, path, { partSize, fsync: true });
      assert.ok((await readFile(path)).equals(Body));
      assert.equal(result.ETag, ETag);
      assert.equal(result.ContentLength, size);
      assert.equal(result.ContentType, "text/x");
      assert.deepEqual({ ...result.Metadata }, { a: "b" });
      const stream = new PassThrough();
      const [piped] = await Promise.all([buffer(stream), s3.download(input, stream, { partSize })]);
      assert.ok(piped.equals(Body));
      const found = await s3.download(input, undefined, { partSize, queueBytes: 2 * partSize });
      assert.ok((await found.Body.bytes()).equals(Body));
    });
  }

  test("ranges come as they were asked for", async () => {
    const Body = bytesOf(3 * partSize);
    const input = { Bucket: bucket, Key: "ranges" };
    await s3.putObject({ ...input, Body });
    for (const [Range, start, end] of [
      ["bytes=1-", 1, Body.length],
      [`bytes=7-${2 * partSize}`, 7, 2 * partSize + 1],
      [`bytes=-${partSize + 1}`, 2 * partSize - 1, Body.length],
    ] as const) {
      const found = await s3.download({ ...input, Range }, undefined, { partSize });
      assert.ok((await found.Body.bytes()).equals(Body.subarray(start, end)), Range);
      assert.equal(found.ContentRange, `bytes ${start}-${end - 1}/${Body.length}`);
    }
    await assert.rejects(
      s3.download({ ...input, Range: `bytes=${Body.length}-` }, () => {}),
      {
        name: "InvalidRange",
      },
    );
  });

  test("an object that is replaced meanwhile is an error, and leaves no file", async () => {
    const input = { Bucket: bucket, Key: "replaced" };
    await s3.putObject({ ...input, Body: bytesOf(20 * partSize) });
    let replaced: Promise<unknown> | undefined;
    const replace = (): Promise<unknown> =>
      s3.putObject({ ...input, Body: bytesOf(20 * partSize + 1) });
    const { Body } = await s3.download(input, undefined, { partSize, concurrency: 1 });
    await assert.rejects(
      async () => {
        for await (const piece of Body) {
          assert.ok(piece.length > 0);
          await (replaced ??= replace());
        }
      },
      { name: "PreconditionFailed", statusCode: 412, message: /replaced meanwhile/ },
    );
    assert.ok((await readdir(place)).every((name) => !name.startsWith(".")));
  });

  test("what is not there is an error of the service's, and leaves no file", async () => {
    const path = join(place, "missing");
    const transfer = s3.downloadFile({ Bucket: bucket, Key: "missing" }, path);
    await assert.rejects(transfer, (error) => error instanceof s3.errors.NoSuchKey);
    assert.ok((await readdir(place)).every((name) => !name.includes("missing")));
  });

  test("the checksum of the whole object is checked where it is asked for (CL-9)", async () => {
    const input = { Bucket: bucket, Key: "checked" };
    const Body = bytesOf(5 * partSize);
    await s3.putObject({ ...input, Body, ChecksumAlgorithm: "CRC32" });
    const path = join(place, "checked");
    await s3.downloadFile({ ...input, ChecksumMode: "ENABLED" }, path, { partSize });
    assert.ok((await readFile(path)).equals(Body));
  });
});
