// What a store, or whoever stands before it, can try.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import type { GetObjectCommandInput, GetObjectCommandOutput, S3Client } from "../../types/s3.d.ts";
import { ResponseBody } from "../client/response-body.ts";
import { aesKeyring } from "./aes-keyring.ts";
import { DecryptionError } from "./decryption-error.ts";
import { encryptedS3 } from "./encrypted-s3.ts";
import type { Keyring } from "./keyring.ts";
import { kmsKeyring } from "./kms-keyring.ts";
import { FakeKms } from "./kms-fixture.test.ts";
import { objectServer } from "./object-server-fixture.test.ts";
import { rsaKeyring } from "./rsa-keyring.ts";

const keyring = aesKeyring(randomBytes(32));
const target = { Bucket: "bucket", Key: "key" };
const open = (): string => "x";
const shows = (value: unknown): string => inspect(value, { depth: 9, showHidden: true });
const tampered = { name: "DecryptionError", code: "Tampered" };

/** A client whose answers to GetObject are changed on their way. */
function changed(
  client: S3Client,
  change: (output: GetObjectCommandOutput) => Partial<GetObjectCommandOutput>,
  request: Partial<GetObjectCommandInput> = {},
): S3Client {
  const getObject: S3Client["getObject"] = async (input, options) => {
    const output = await client.getObject({ ...input, ...request }, options);
    return { ...output, ...change(output) };
  };
  return new Proxy(client, {
    get: (from, name) => (name === "getObject" ? getObject : (Reflect.get(from, name) as unknown)),
  });
}

test("getObject() with legacy refuses a key bound to GCM that is renamed to kms, for CBC", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const kms = new FakeKms();
  const s3 = encryptedS3(client, { keyring: kmsKeyring(kms, "key-1"), legacy: true });
  await s3.putObject({ ...target, Body: randomBytes(40) });
  const { metadata } = objects.get("key") ?? assert.fail();
  const asked = kms.calls.length;
  for (const cek of ["AES/CBC/PKCS5Padding", "AES/GCM/NoPadding"]) {
    const iv = Buffer.alloc(cek.includes("CBC") ? 16 : 12).toString("base64");
    objects.set("key", {
      body: randomBytes(64),
      metadata: {
        ...metadata,
        "x-amz-wrap-alg": "kms",
        "x-amz-cek-alg": cek,
        "x-amz-iv": iv,
        "x-amz-unencrypted-content-length": "48",
      },
    });
    await assert.rejects(s3.getObject(target), tampered, cek);
  }
  assert.equal(kms.calls.length, asked, "KMS is not asked: its answers would tell about the key");
});

test("kmsKeyring() keeps the names of the format out of the caller's context", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: kmsKeyring(new FakeKms(), "key-1") });
  for (const name of ["kms_cmk_id", "aws:x-amz-cek-alg"]) {
    const putting = s3.putObject({ ...target, Body: "x" }, { encryptionContext: { [name]: "x" } });
    await assert.rejects(putting, TypeError, name);
  }
  await s3.putObject({ ...target, Body: "x" });
  for (const name of ["kms_cmk_id", "aws:x-amz-cek-alg", "__proto__", "toString"]) {
    const encryptionContext = Object.fromEntries([[name, "x"]]);
    const reading = s3.getObject(target, { encryptionContext });
    await assert.rejects(reading, { name: "DecryptionError", code: "ContextMismatch" }, name);
  }
  const { body, metadata } = objects.get("key") ?? assert.fail();
  const description = '{"aws:x-amz-cek-alg":"AES/GCM/NoPadding","__proto__":"x"}';
  objects.set("key", { body, metadata: { ...metadata, "x-amz-matdesc": description } });
  await assert.rejects(s3.getObject(target), { code: "ContextMismatch" });
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("getObject() refuses another range than the one that was asked for", async (t) => {
  const { s3: client } = await objectServer(t);
  const writer = encryptedS3(client, { keyring });
  await writer.putObject({ ...target, Body: randomBytes(100) });
  const cases: readonly [string, string][] = [
    ["bytes=16-31", "bytes 32-47/116"],
    ["bytes=16-31", "bytes 16-30/116"],
    ["bytes=16-31", "bytes 31-16/116"],
    ["bytes=16-31", "bytes 16-31/31"],
    ["bytes=16-31", "bytes 16-31/117"],
    ["bytes=16-31", "bytes 16-31/999999999999999"],
    ["bytes=999999999000-", "bytes 999999999000-999999999998/999999999999"],
    ["bytes=-10", "bytes 0-25/116"],
  ];
  for (const [Range, ContentRange] of cases) {
    const hostile = changed(client, () => ({ ContentRange }), { Range: undefined });
    const s3 = encryptedS3(hostile, { keyring, unauthenticatedRanges: true });
    const reading = s3.getObject({ ...target, Range });
    await assert.rejects(reading, tampered, ContentRange);
  }
});

test("getObject() refuses a range that ends early, small or streamed", async (t) => {
  const { s3: client } = await objectServer(t);
  await encryptedS3(client, { keyring }).putObject({ ...target, Body: randomBytes(3_000_000) });
  for (const Range of ["bytes=0-99", "bytes=0-2499999"]) {
    const hostile = changed(client, ({ Body }) => {
      void Body?.cancel();
      return { Body: new ResponseBody(randomBytes(50)) };
    });
    const s3 = encryptedS3(hostile, { keyring, unauthenticatedRanges: true });
    const reading = async () => (await s3.getObject({ ...target, Range })).Body?.bytes();
    await assert.rejects(reading, tampered, Range);
  }
});

test("getObject() refuses an answer without a body, or with more than GCM encrypts", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  await encryptedS3(client, { keyring }).putObject({ ...target, Body: "" });
  const { body, metadata: whole } = objects.get("key") ?? assert.fail();
  const { "x-amz-unencrypted-content-length": _, ...metadata } = whole;
  objects.set("key", { body, metadata });
  const answers: readonly Partial<GetObjectCommandOutput>[] = [
    { Body: undefined, ContentLength: undefined },
    { ContentLength: 2 ** 36 },
    { ContentLength: 15 },
  ];
  for (const answer of answers) {
    const hostile = changed(client, () => answer);
    const s3 = encryptedS3(hostile, { keyring, delayedAuthentication: true });
    await assert.rejects(s3.getObject(target), tampered);
  }
});

test("getObject() with delayedAuthentication never gives all bytes of a changed object", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, delayedAuthentication: true });
  await s3.putObject({ ...target, Body: randomBytes(2_000_000) });
  const { body, metadata } = objects.get("key") ?? assert.fail();
  const flipped = Buffer.from(body);
  flipped[1_000_000] = (flipped[1_000_000] ?? 0) ^ 1;
  objects.set("key", { body: flipped, metadata });
  const { Body } = await s3.getObject(target);
  let given = 0;
  const reading = async (): Promise<void> => {
    for await (const piece of Body ?? []) given += piece.length;
  };
  await assert.rejects(reading, tampered);
  assert.ok(given > 0 && given < 2_000_000, `${given} bytes`);
  // Its receiver waits for the rest in vain, and stores nothing.
  const copied = await s3.getObject(target);
  await assert.rejects(client.putObject({ ...target, Key: "copy", Body: copied.Body }));
  assert.ok(!objects.has("copy"));
});

test("getObject() reads no more of an instruction file than one can have", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  objects.set("key", { body: randomBytes(100), metadata: {} });
  objects.set("key.instruction", { body: Buffer.from("{}"), metadata: {} });
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer, undefined> {
    for (; given < 100_000_000; given += 65_536) yield Buffer.alloc(65_536, " ");
    return undefined;
  }
  const stream = Object.assign(endless(), { length: undefined, hasEnded: false, cancel() {} });
  let asked = 0;
  const hostile = changed(client, () => {
    asked += 1;
    if (asked === 1) return {};
    return { ContentLength: undefined, Body: new ResponseBody(stream as never) };
  });
  const s3 = encryptedS3(hostile, { keyring, instructionFiles: true });
  await assert.rejects(s3.getObject(target), { name: "DecryptionError", code: "InvalidEnvelope" });
  assert.ok(given <= 131_072, `${given} bytes`);
});

test("headObject() refuses parts, putObject() metadata that would hide the object", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring });
  await assert.rejects(s3.headObject({ ...target, PartNumber: 1 }), /PartNumber/);
  await assert.rejects(s3.headObject({ ...target, Range: "bytes=0-1" }), /Range/);
  for (const name of ["x-amz-c", "X-Amz-3", "x-amz-key"]) {
    const putting = s3.putObject({ ...target, Body: "x", Metadata: { [name]: "1" } });
    await assert.rejects(putting, /metadata/, name);
  }
  for (const ContentLength of [-1, 1.5, Number.NaN]) {
    await assert.rejects(s3.putObject({ ...target, Body: open, ContentLength }), RangeError);
  }
  const over = s3.putObject({ ...target, Body: open, ContentLength: 2 ** 36 - 31 });
  await assert.rejects(over, /AES-GCM takes at most 68719476704/);
});

test("putObject() does not take the overwritten key of a keyring that keeps its keys", async (t) => {
  const { s3: client } = await objectServer(t);
  const kept = { plaintext: randomBytes(32), encrypted: randomBytes(40) };
  const before = Buffer.from(kept.plaintext);
  const caching: Keyring = {
    generateDataKey: () => Promise.resolve({ ...kept, wrapAlgorithm: "mine", description: {} }),
    decryptDataKey: () => Promise.resolve(kept.plaintext),
  };
  const s3 = encryptedS3(client, { keyring: caching });
  for (const Key of ["a", "b"]) {
    await s3.putObject({ ...target, Key, Body: "x" });
    assert.equal(await (await s3.getObject({ ...target, Key })).Body?.text(), "x");
    assert.deepEqual(kept.plaintext, before);
  }
});

test("errors show little of what a store says, and nothing that a terminal obeys", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, instructionFiles: true, legacy: true });
  await s3.putObject({ ...target, Body: "x" });
  const { body, metadata } = objects.get("key") ?? assert.fail();
  objects.set("key", { body, metadata: {} });
  const evil = `\u001b[2J\r\nERROR: \u202e${"x".repeat(5000)}`;
  const description = JSON.stringify({ [evil]: 1 });
  const names = ["cek-alg", "wrap-alg", "tag-len", "iv", "unencrypted-content-length", "key-v2"];
  const changes = names.map((name): [string, string] => [`x-amz-${name}`, evil]);
  for (const [name, value] of [...changes, ["x-amz-matdesc", description] as const]) {
    const text = JSON.stringify({ ...metadata, [name]: value });
    objects.set("key.instruction", { body: Buffer.from(text), metadata: {} });
    const error: unknown = await s3.getObject(target).catch((cause: unknown) => cause);
    assert.ok(error instanceof DecryptionError, name);
    assert.ok(error.message.length < 300, name);
    assert.ok(!/[\p{Cc}\p{Cf}]/u.test(error.message), name);
  }
});

test("keyrings and errors do not show keys", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const secret = randomBytes(32);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  for (const made of [aesKeyring(secret), rsaKeyring({ privateKey: pem })]) {
    const s3 = encryptedS3(client, { keyring: made });
    await s3.putObject({ ...target, Body: "x" });
    const { body, metadata } = objects.get("key") ?? assert.fail();
    objects.set("key", {
      body: body.subarray(1),
      metadata: { ...metadata, "x-amz-unencrypted-content-length": "0" },
    });
    const error: unknown = await s3.getObject(target).catch((cause: unknown) => cause);
    objects.set("key", {
      body,
      metadata: { ...metadata, "x-amz-key-v2": Buffer.alloc(256).toString("base64") },
    });
    const wrong: unknown = await s3.getObject(target).catch((cause: unknown) => cause);
    assert.equal((wrong as { code: string }).code, "WrongKey");
    for (const shown of [shows(made), JSON.stringify(made), shows(error), shows(wrong)]) {
      assert.ok(!shown.includes(secret.toString("hex")));
      assert.ok(!shown.includes(secret.toString("base64")));
      assert.ok(!shown.includes(pem.split("\n")[2] ?? assert.fail()));
      assert.ok(!/KeyObject|Buffer/.test(shown), shown);
    }
  }
  assert.throws(() => aesKeyring("x".repeat(32) as never), /bytes/);
  const publicKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  assert.throws(() => rsaKeyring({ privateKey: publicKey }), /public key/);
});
