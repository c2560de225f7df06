import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { aesKeyring } from "./aes-keyring.ts";
import { encryptedS3 } from "./encrypted-s3.ts";
import { objectServer } from "./object-server-fixture.test.ts";

const keyring = aesKeyring(randomBytes(32));
const target = { Bucket: "bucket", Key: "key" };
const mib = 1024 * 1024;

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

for (const length of [0, 1, 15, 16, 17, mib, mib + 1, 3 * mib + 7]) {
  test(`putObject() and getObject() with ${length} bytes`, async (t) => {
    const { s3: client } = await objectServer(t);
    const s3 = encryptedS3(client, { keyring });
    const plain = randomBytes(length);
    await s3.putObject({ ...target, Body: plain });
    const { Body, ContentLength } = await s3.getObject(target);
    assert.equal(ContentLength, length);
    assert.equal(Body?.length, length);
    assert.equal(sha256((await Body?.bytes()) ?? randomBytes(1)), sha256(plain));
    const later = await s3.getObject(target, { delayedAuthentication: true });
    assert.equal(sha256((await later.Body?.bytes()) ?? randomBytes(1)), sha256(plain));
  });
}

for (const size of [1_000, 65_536, 262_144, 1_000_003]) {
  test(`putObject() takes streams in chunks of ${size} bytes, read anew for each attempt`, async (t) => {
    const server = await objectServer(t);
    const s3 = encryptedS3(server.s3, { keyring });
    const plain = randomBytes(2 * mib + 11);
    let opened = 0;
    const Body = (): Readable => {
      opened += 1;
      // Another cut each time: the ciphertext is the same.
      return Readable.from(pieces(plain, size + opened));
    };
    server.failing = 1;
    await s3.putObject({ ...target, Body, ContentLength: plain.length });
    assert.equal(server.received.length, 2);
    assert.ok(opened >= 3, "for the signature and for two attempts");
    const [first, second] = server.received;
    assert.deepEqual(first && sha256(first), second && sha256(second));
    const { Body: body } = await s3.getObject(target);
    assert.equal(sha256((await body?.bytes()) ?? randomBytes(1)), sha256(plain));
  });
}

test("putObject() never encrypts two plaintexts under one key", async (t) => {
  const server = await objectServer(t);
  const s3 = encryptedS3(server.s3, { keyring });
  const folder = await mkdtemp(join(tmpdir(), "lambdad-encryption-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  const bodies = [randomBytes(2 * mib), randomBytes(2 * mib)];
  let reading = 0;
  const changing = s3.putObject({
    ...target,
    Body: () => bodies[Math.min(1, reading++)] ?? assert.fail(),
    ContentLength: 2 * mib,
  });
  await assert.rejects(changing, /changed since it was first read/);
  assert.deepEqual(server.received, []);

  // A file that is written to between two attempts.
  await writeFile(path, randomBytes(2 * mib));
  server.failing = 1;
  const received = server.received;
  const push = received.push.bind(received);
  received.push = (...items) => {
    writeFileSync(path, randomBytes(2 * mib));
    return push(...items);
  };
  const failing = s3.putObject({ ...target, Body: { path } });
  await assert.rejects(failing);
  assert.equal(server.objects.size, 0);
});

test("putObject() makes another key for each object", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring });
  for (const Key of ["a", "b"]) await s3.putObject({ ...target, Key, Body: "the same" });
  const [a, b] = [objects.get("a"), objects.get("b")];
  assert.notDeepEqual(a?.body, b?.body);
  assert.notEqual(a?.metadata["x-amz-iv"], b?.metadata["x-amz-iv"]);
});

test("putObject() refuses a body of another length than ContentLength", async (t) => {
  const server = await objectServer(t);
  const s3 = encryptedS3(server.s3, { keyring });
  const plain = randomBytes(2 * mib);
  for (const ContentLength of [2 * mib - 1, 2 * mib + 1]) {
    const Body = (): Iterable<Buffer> => pieces(plain, 65_536);
    await assert.rejects(s3.putObject({ ...target, Body, ContentLength }), RangeError);
  }
  const unknown = s3.putObject({ ...target, Body: () => pieces(plain, 65_536) });
  await assert.rejects(unknown, /use upload/);
  assert.deepEqual(server.received, []);
});

test("putObject() closes a stream that it does not send", async (t) => {
  const { s3: client } = await objectServer(t);
  const failing = {
    generateDataKey: () => Promise.reject(new Error("no key")),
    decryptDataKey: () => Promise.reject(new Error("no key")),
  };
  const s3 = encryptedS3(client, { keyring: failing });
  const stream = Readable.from(pieces(randomBytes(100), 10));
  await assert.rejects(s3.putObject({ ...target, Body: stream, ContentLength: 100 }), /no key/);
  assert.ok(stream.destroyed);
});

test("getObject() holds plaintext back until it is verified, up to maxBufferBytes", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, maxBufferBytes: 3 * mib });
  const plain = randomBytes(3 * mib);
  await s3.putObject({ ...target, Body: plain });
  const whole = await s3.getObject(target);
  assert.equal(sha256((await whole.Body?.bytes()) ?? randomBytes(1)), sha256(plain));
  const over = s3.getObject(target, { maxBufferBytes: 3 * mib - 1 });
  await assert.rejects(over, { name: "DecryptionError", code: "TooLarge" });

  const { body, metadata } = objects.get("key") ?? assert.fail();
  const changed = Buffer.from(body);
  changed[0] = (changed[0] ?? 0) ^ 1;
  objects.set("key", { body: changed, metadata });
  await assert.rejects(s3.getObject(target), { name: "DecryptionError", code: "Tampered" });
});

test("getObject() with delayedAuthentication streams, and fails at the end of a changed object", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, delayedAuthentication: true, maxBufferBytes: 0 });
  const plain = randomBytes(4 * mib);
  await s3.putObject({ ...target, Body: plain });
  const read = async (): Promise<number> => {
    const { Body } = await s3.getObject(target);
    let length = 0;
    for await (const piece of Body ?? []) length += piece.length;
    return length;
  };
  assert.equal(await read(), plain.length);
  const { body, metadata } = objects.get("key") ?? assert.fail();
  for (const at of [0, body.length - 1]) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    objects.set("key", { body: changed, metadata });
    await assert.rejects(read(), { name: "DecryptionError", code: "Tampered" });
  }
  objects.set("key", { body: body.subarray(0, -20), metadata });
  await assert.rejects(read(), { name: "DecryptionError", code: "Tampered" });
});

test("getObject() gives a body up when it is cancelled, or left", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, delayedAuthentication: true });
  await s3.putObject({ ...target, Body: Buffer.alloc(8 * mib) });
  const { Body } = await s3.getObject(target);
  for await (const piece of Body ?? []) {
    assert.ok(piece.length > 0);
    break;
  }
  const cancelled = await s3.getObject(target);
  await cancelled.Body?.cancel();
  const controller = new AbortController();
  const aborted = await s3.getObject(target, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(async () => aborted.Body?.bytes(), { name: "AbortError" });
  // All connections are given back: closing waits for them.
  await client.close();
});
