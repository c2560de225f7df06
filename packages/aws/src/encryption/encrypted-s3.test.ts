import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { aesKeyring } from "./aes-keyring.ts";
import { DecryptionError } from "./decryption-error.ts";
import { encryptedS3 } from "./encrypted-s3.ts";
import type { Keyring } from "./keyring.ts";
import { kmsKeyring } from "./kms-keyring.ts";
import { FakeKms } from "./kms-fixture.test.ts";
import { objectServer } from "./object-server-fixture.test.ts";
import { rsaKeyring } from "./rsa-keyring.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const kms = new FakeKms();

const keyrings: Readonly<Record<string, () => Keyring>> = {
  "kms+context": () => kmsKeyring(kms, "key-1"),
  "AES/GCM": () => aesKeyring(randomBytes(32), { description: { name: "é" } }),
  "RSA-OAEP-SHA1": () => rsaKeyring({ publicKey, privateKey }),
};
const target = { Bucket: "bucket", Key: "key" };

for (const [wrapAlgorithm, keyring] of Object.entries(keyrings)) {
  test(`encryptedS3() writes version 2 with ${wrapAlgorithm} and reads it`, async (t) => {
    const { s3: client, objects } = await objectServer(t);
    const s3 = encryptedS3(client, { keyring: keyring() });
    await s3.putObject({ ...target, Body: "Sealed", Metadata: { mine: "yes" } });

    const { body, metadata } = objects.get("key") ?? assert.fail();
    assert.equal(body.length, 6 + 16);
    assert.ok(!body.includes("Sealed"));
    const { "x-amz-key-v2": key = "", "x-amz-iv": iv = "", ...rest } = metadata;
    assert.equal(Buffer.from(iv, "base64").length, 12);
    assert.ok(Buffer.from(key, "base64").length > 32);
    assert.deepEqual(rest, {
      mine: "yes",
      "x-amz-wrap-alg": wrapAlgorithm,
      "x-amz-cek-alg": "AES/GCM/NoPadding",
      "x-amz-tag-len": "128",
      "x-amz-unencrypted-content-length": "6",
      "x-amz-matdesc": {
        "kms+context": '{"aws:x-amz-cek-alg":"AES/GCM/NoPadding"}',
        "AES/GCM": '{"name":"\\u00e9"}',
        "RSA-OAEP-SHA1": "{}",
      }[wrapAlgorithm],
    });

    const got = await s3.getObject(target);
    assert.equal(await got.Body?.text(), "Sealed");
    assert.equal(got.ContentLength, 6);
    assert.equal(got.ContentType, "text/x-test");
    assert.deepEqual(got.Metadata, { mine: "yes" });
    const head = await s3.headObject(target);
    assert.equal(head.ContentLength, 6);
    assert.deepEqual(head.Metadata, { mine: "yes" });
  });

  test(`getObject() gives nothing of a changed object under ${wrapAlgorithm}`, async (t) => {
    const { s3: client, objects } = await objectServer(t);
    const s3 = encryptedS3(client, { keyring: keyring() });
    await s3.putObject({ ...target, Body: randomBytes(40) });
    const { body, metadata } = objects.get("key") ?? assert.fail();
    const refused = async (why: string): Promise<void> => {
      await assert.rejects(s3.getObject(target), { name: /Decryption|InvalidCipher/ }, why);
    };
    for (let at = 0; at < body.length; at += 1) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      objects.set("key", { body: changed, metadata });
      await refused(`byte ${at}`);
    }
    for (const cut of [body.subarray(1), body.subarray(0, -1), Buffer.concat([body, body])]) {
      objects.set("key", { body: cut, metadata });
      await refused(`${cut.length} bytes`);
    }
    for (const name of Object.keys(metadata)) {
      // For keys of the caller's own, the description is a note.
      if (name === "x-amz-matdesc" && wrapAlgorithm !== "kms+context") continue;
      const value = metadata[name] ?? "";
      const last = value.endsWith("A") ? "B" : "A";
      const others = [`${value}${value}`, "", "x", `${last}${value.slice(1)}`];
      for (const other of others.filter((one) => one !== value)) {
        objects.set("key", { body, metadata: { ...metadata, [name]: other } });
        await refused(`${name}: ${other}`);
      }
      const { [name]: _, ...without } = metadata;
      objects.set("key", { body, metadata: without });
      // The length is a note, which is compared where it is there.
      if (name !== "x-amz-unencrypted-content-length") await refused(`without ${name}`);
    }
    objects.set("key", { body, metadata });
    assert.equal((await s3.getObject(target)).ContentLength, 40);
  });

  test(`getObject() refuses keys and algorithms exchanged between objects under ${wrapAlgorithm}`, async (t) => {
    const { s3: client, objects } = await objectServer(t);
    const s3 = encryptedS3(client, { keyring: keyring(), legacy: true });
    await s3.putObject({ ...target, Body: "one" });
    await s3.putObject({ ...target, Key: "other", Body: "two" });
    const [one, two] = [objects.get("key"), objects.get("other")];
    assert.ok(one !== undefined && two !== undefined);
    objects.set("key", { body: one.body, metadata: two.metadata });
    await assert.rejects(s3.getObject(target), { name: "DecryptionError", code: "Tampered" });
    const iv = Buffer.alloc(16).toString("base64");
    const cbc = { "x-amz-cek-alg": "AES/CBC/PKCS5Padding", "x-amz-iv": iv };
    for (const wrap of [wrapAlgorithm, "kms", "AESWrap", "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"]) {
      const metadata = { ...one.metadata, ...cbc, "x-amz-wrap-alg": wrap };
      objects.set("key", { body: one.body, metadata });
      await assert.rejects(s3.getObject(target), { name: /Decryption|InvalidCipher/ }, wrap);
    }
  });
}

test("encryptedS3() reads back what it wrote, of any size and in any chunks", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: aesKeyring(randomBytes(16)) });
  const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(chunks, async (pieces) => {
      await s3.putObject({ ...target, Body: pieces });
      const { Body, ContentLength } = await s3.getObject(target);
      const plain = Buffer.concat(pieces);
      assert.deepEqual(await Body?.bytes(), plain);
      assert.equal(ContentLength, plain.length);
    }),
    { numRuns: 100 },
  );
});

test("getObject() with another key, or for what is not encrypted, says so", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: aesKeyring(randomBytes(32)) });
  await s3.putObject({ ...target, Body: "x" });
  const others: [Keyring, string][] = [
    [aesKeyring(randomBytes(32)), "WrongKey"],
    [rsaKeyring({ privateKey }), "Unsupported"],
    [kmsKeyring(kms, "key-1"), "Unsupported"],
  ];
  for (const [keyring, code] of others) {
    await assert.rejects(encryptedS3(client, { keyring }).getObject(target), {
      name: "DecryptionError",
      code,
    });
  }
  objects.set("key", { body: Buffer.from("plain"), metadata: { some: "thing" } });
  await assert.rejects(s3.getObject(target), { code: "NotEncrypted" });
  objects.set("key", { body: Buffer.from("plain"), metadata: { "x-amz-c": "115" } });
  await assert.rejects(s3.getObject(target), { code: "Unsupported" });
  await assert.rejects(s3.getObject({ ...target, Key: "none" }), { name: "NoSuchKey" });
});

test("kmsKeyring() binds the encryption context, and sends the key's id", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: kmsKeyring(kms, "key-1") });
  const encryptionContext = { tenant: "a" };
  await s3.putObject({ ...target, Body: "x" }, { encryptionContext });
  const same = await s3.getObject(target, { encryptionContext });
  assert.equal(await same.Body?.text(), "x");
  const last = kms.calls.at(-1);
  assert.equal(last?.input["KeyId"], "key-1");
  assert.deepEqual(last?.input["EncryptionContext"], {
    tenant: "a",
    "aws:x-amz-cek-alg": "AES/GCM/NoPadding",
  });
  for (const wrong of [{ tenant: "b" }, {}, undefined, { tenant: "a", more: "b" }]) {
    const reading = s3.getObject(target, { encryptionContext: wrong });
    await assert.rejects(reading, { name: "DecryptionError", code: "ContextMismatch" });
  }
  const other = encryptedS3(client, { keyring: kmsKeyring(kms, "key-2") });
  await assert.rejects(other.getObject(target, { encryptionContext }), {
    name: "InvalidCiphertextException",
  });
  const any = encryptedS3(client, { keyring: kmsKeyring(kms, "key-2", { onlyThisKey: false }) });
  assert.equal(await (await any.getObject(target, { encryptionContext })).Body?.text(), "x");
  const reserved = { "aws:x-amz-cek-alg": "x" };
  const putting = s3.putObject({ ...target, Body: "x" }, { encryptionContext: reserved });
  await assert.rejects(putting, TypeError);
  const aes = encryptedS3(client, { keyring: aesKeyring(randomBytes(32)) });
  await assert.rejects(aes.putObject({ ...target, Body: "x" }, { encryptionContext }), /only KMS/);
});

test("encryptedS3() takes inputs as they are when it is called", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: kmsKeyring(kms, "key-1") });
  const input = { ...target, Body: "" };
  const names = ["a", "b", "c"];
  const writing = names.map(async (name) => {
    Object.assign(input, { Key: name, Body: `of ${name}` });
    await (name === "c" ? s3.upload(input) : s3.putObject(input));
  });
  await Promise.all(writing);
  const wanted = { ...target };
  const reading = names.map(async (name) => {
    const { Body } = await s3.getObject(Object.assign(wanted, { Key: name }));
    return Body?.text();
  });
  const texts = await Promise.all(reading);
  assert.deepEqual(texts, ["of a", "of b", "of c"]);
});

test("encryptedS3() refuses what it cannot keep", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: aesKeyring(randomBytes(32)) });
  await assert.rejects(s3.putObject({ ...target, Body: "x", ContentMD5: "abc" }), /ContentMD5/);
  await assert.rejects(s3.putObject({ ...target, Body: "x", ChecksumSHA256: "abc" }), /SHA256/);
  const Metadata = { "X-Amz-Iv": "abc" };
  await assert.rejects(s3.putObject({ ...target, Body: "x", Metadata }), /X-Amz-Iv/);
  await assert.rejects(s3.putObject({ ...target, Body: "x", ContentLength: 17 }), RangeError);
  await assert.rejects(s3.getObject({ ...target, PartNumber: 1 }), /PartNumber/);
  await assert.rejects(s3.getObject({ ...target, Range: "bytes=0-1" }), /unauthenticatedRanges/);
  await assert.rejects(s3.getObject(target, { maxBufferBytes: -1 }), RangeError);
  assert.throws(() => encryptedS3(client, {} as never), /keyring/);
  assert.throws(() => aesKeyring(randomBytes(31)), /31 bytes/);
  assert.throws(() => rsaKeyring({}), /publicKey/);
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
  assert.throws(() => rsaKeyring(small), /1024 bits/);
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  assert.throws(() => rsaKeyring(ec), /ec/);
  assert.throws(() => kmsKeyring(kms, ""), TypeError);
  assert.ok(new DecryptionError("Tampered", "x") instanceof Error);
});
