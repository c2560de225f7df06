import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { Session } from "../client/session.ts";
import { aesKeyring } from "./aes-keyring.ts";
import { encryptedS3, type EncryptedS3 } from "./encrypted-s3.ts";

const mib = 1024 * 1024;
const target = { Bucket: "bucket", Key: "key" };

async function store(): Promise<EncryptedS3 & AsyncDisposable> {
  const session = new Session({ endpoint: "memory:" });
  const client = session.client("s3");
  await client.createBucket({ Bucket: "bucket" });
  const s3 = encryptedS3(client, {
    keyring: aesKeyring(randomBytes(32)),
    delayedAuthentication: true,
  });
  return { ...s3, [Symbol.asyncDispose]: () => session.close() };
}

/** Yields so many bytes, and their hash afterwards. */
function source(length: number, piece: number) {
  const hash = createHash("sha256");
  return {
    hash,
    async *bytes(): AsyncGenerator<Uint8Array> {
      for (let left = length; left > 0; left -= piece) {
        const chunk = randomBytes(Math.min(left, piece));
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}

for (const length of [0, 100, mib + 1, 12 * mib + 5]) {
  for (const known of [true, false]) {
    const kind = known ? "known" : "unknown";
    test(`upload() of a stream of ${length} bytes, its length ${kind}`, async () => {
      await using s3 = await store();
      const stream = source(length, 300_000);
      const options = { partSize: 5 * mib, threshold: 5 * mib };
      const ContentLength = known ? length : undefined;
      const output = await s3.upload({ ...target, Body: stream.bytes(), ContentLength }, options);
      assert.equal(output.Key, "key");
      assert.equal((output.ETag ?? "").includes("-"), length > 5 * mib, "in parts");
      const { Body, ContentLength: plain } = await s3.getObject(target);
      const read = createHash("sha256");
      for await (const piece of Body ?? []) read.update(piece);
      assert.equal(plain, length);
      assert.equal(read.digest("hex"), stream.hash.digest("hex"));
      assert.equal((await s3.headObject(target)).ContentLength, length);
      const raw = await s3.client.headObject(target);
      assert.equal(raw.ContentLength, length + 16);
      const noted = raw.Metadata?.["x-amz-unencrypted-content-length"];
      assert.equal(noted, known ? String(length) : undefined);
    });
  }
}

test("upload() leaves nothing of a body that ends early", async () => {
  await using s3 = await store();
  const stream = source(6 * mib, 300_000);
  const options = { partSize: 5 * mib, threshold: 5 * mib };
  const input = { ...target, Body: stream.bytes(), ContentLength: 6 * mib + 1 };
  await assert.rejects(s3.upload(input, options), RangeError);
  await assert.rejects(s3.getObject(target), { name: "NoSuchKey" });
  const { Uploads = [] } = await s3.client.listMultipartUploads({ Bucket: "bucket" });
  assert.deepEqual(Uploads, []);
});
