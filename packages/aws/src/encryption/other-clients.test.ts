// Objects that AWS's client for Java and aioboto3 wrote. How they came to be is in the file itself;
// conformance/src/aws-encryption-*.test.ts has new ones made.
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { aesKeyring } from "./aes-keyring.ts";
import { encryptedS3 } from "./encrypted-s3.ts";
import { objectServer } from "./object-server-fixture.test.ts";
import { rsaKeyring } from "./rsa-keyring.ts";

interface Recorded {
  readonly plaintext: string;
  readonly secret: string;
  readonly privateKey: string;
  readonly objects: readonly {
    readonly by: string;
    readonly keys: "aes" | "rsa";
    readonly version: 1 | 2;
    readonly mode?: string;
    readonly metadata: Record<string, string>;
    readonly body: string;
    readonly instructions?: string;
  }[];
}

const file = new URL("testdata/other-clients.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;
const { plaintext } = recorded;
const key = Buffer.from(recorded.privateKey, "base64");
const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
const keyrings = {
  aes: aesKeyring(Buffer.from(recorded.secret, "base64")),
  rsa: rsaKeyring({ privateKey }),
};
const target = { Bucket: "bucket", Key: "key" };

for (const object of recorded.objects) {
  const { by, keys, version, mode = "", instructions } = object;
  const isLegacy = version === 1;
  const place = instructions === undefined ? "" : "with an instruction file";
  test(`getObject() reads version ${version} of ${by}, ${keys} ${mode} ${place}`, async (t) => {
    const { s3: client, objects } = await objectServer(t);
    const body = Buffer.from(object.body, "base64");
    objects.set("key", { body, metadata: object.metadata });
    const s3 = encryptedS3(client, { keyring: keyrings[keys] });
    if (instructions !== undefined) {
      objects.set("key.instruction", { body: Buffer.from(instructions), metadata: {} });
      await assert.rejects(s3.getObject(target), { code: "NotEncrypted" });
    }
    if (isLegacy) await assert.rejects(s3.getObject(target), { code: "Legacy" });

    const options = { legacy: isLegacy, instructionFiles: instructions !== undefined };
    const got = await s3.getObject(target, options);
    assert.equal(await got.Body?.text(), plaintext);
    assert.equal(got.ContentLength, plaintext.length);
    assert.deepEqual(got.Metadata, { mine: "yes" });

    // The last byte is the tag's, or decides the padding.
    const changed = Buffer.from(body);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 0x80;
    objects.set("key", { body: changed, metadata: object.metadata });
    await assert.rejects(s3.getObject(target, options), {
      name: "DecryptionError",
      code: "Tampered",
    });
    objects.set("key", { body: body.subarray(0, -1), metadata: object.metadata });
    await assert.rejects(s3.getObject(target, options), {
      name: "DecryptionError",
      code: "Tampered",
    });
  });
}

test("getObject() refuses instruction files that are none", async (t) => {
  const { s3: client, objects } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring: keyrings.aes, instructionFiles: true });
  objects.set("key", { body: Buffer.alloc(100), metadata: {} });
  await assert.rejects(s3.getObject(target), { name: "NoSuchKey" });
  for (const text of [
    "",
    "no JSON",
    "[]",
    "null",
    "{}",
    '{"x-amz-key-v2":7}',
    "x".repeat(70_000),
  ]) {
    objects.set("key.instruction", { body: Buffer.from(text), metadata: {} });
    const code = "InvalidEnvelope";
    await assert.rejects(
      s3.getObject(target),
      { name: "DecryptionError", code },
      text.slice(0, 20),
    );
  }
});
