// What aioboto3's encryption client writes is read, and it reads what is written here with KMS.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  ask,
  bucket,
  type EncryptionServers,
  startEncryptionServers,
} from "./encryption-servers.ts";
import { moto, versitygw } from "./install/aws-parts.ts";
import { s3EncryptionPython } from "./install/encryption-parts.ts";
import { conformanceRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";

const venv = await prepare(s3EncryptionPython);
const s3Folder = await prepare(versitygw);
const kmsFolder = await prepare(moto);
const missing = [venv, s3Folder, kmsFolder].includes(undefined);

const calls = [
  { keys: "kms", mode: "AuthenticatedEncryption" },
  { keys: "kms", mode: "EncryptionOnly" },
  { keys: "aes" },
  { keys: "rsa" },
] as const;
const sizes = [0, 1, 15, 16, 17, 100_000];

describe("Client-side encryption and aioboto3", { skip: missing }, () => {
  let servers: EncryptionServers;
  let python: ReturnType<EncryptionServers["program"]>;

  before(async () => {
    servers = await startEncryptionServers({ versitygw: s3Folder ?? "", moto: kmsFolder ?? "" });
    const script = join(conformanceRoot, "clients", "s3_encryption.py");
    python = servers.program(join(venv ?? "", "bin", "python"), [script]);
  });
  after(async () => {
    python.stop();
    await servers.stop();
  });

  for (const one of calls) {
    const name = [one.keys, "mode" in one && one.mode].filter(Boolean).join(", ");
    test(`what it writes with ${name} is read with legacy only`, async () => {
      const ours = servers.encrypted(one.keys, { legacy: true });
      for (const size of sizes) {
        const body = randomBytes(size);
        const key = `python/${name}/${size}`;
        await ask(python, { action: "put", bucket, key, body: body.toString("base64"), ...one });
        const got = await ours.getObject({ Bucket: bucket, Key: key });
        assert.deepEqual(await got.Body?.bytes(), body, `${size} bytes`);
        assert.deepEqual(got.Metadata, { mine: "yes" });
        assert.equal((await ours.headObject({ Bucket: bucket, Key: key })).ContentLength, size);
        const strict = servers.encrypted(one.keys).getObject({ Bucket: bucket, Key: key });
        await assert.rejects(strict, { name: "DecryptionError", code: "Legacy" });
      }
    });
  }

  test("it reads what is written here with KMS", async () => {
    const ours = servers.encrypted("kms");
    for (const size of sizes) {
      const body = randomBytes(size);
      const key = `ours/python/${size}`;
      const options = { encryptionContext: { tenant: "a" } };
      await ours.putObject({ Bucket: bucket, Key: key, Body: body }, options);
      assert.deepEqual(await ask(python, { action: "get", keys: "kms", bucket, key }), body);
    }
  });
});
