// What AWS's encryption clients for Java write is read, and they read what is written here.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import {
  ask,
  bucket,
  type EncryptionServers,
  type OtherCall,
  startEncryptionServers,
} from "./encryption-servers.ts";
import { moto, versitygw } from "./install/aws-parts.ts";
import { s3EncryptionJava } from "./install/encryption-parts.ts";
import { conformanceRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";

const jars = await prepare(s3EncryptionJava);
const s3Folder = await prepare(versitygw);
const kmsFolder = await prepare(moto);
const missing = [jars, s3Folder, kmsFolder].includes(undefined);
const sizes = [0, 1, 15, 16, 17, 100_000];

const v2 = [
  { keys: "kms", version: 2 },
  { keys: "kms", version: 2, context: "a" },
  { keys: "aes", version: 2 },
  { keys: "rsa", version: 2 },
] as const;

const v1 = (["kms", "aes", "rsa"] as const).flatMap((keys) =>
  (["EncryptionOnly", "AuthenticatedEncryption"] as const).map(
    (mode) => ({ keys, version: 1, mode }) as const,
  ),
);

type Written = (typeof v1)[number] | (typeof v2)[number];

function nameOf(one: Written): string {
  if ("mode" in one) return `${one.keys}, ${one.mode}`;
  return "context" in one ? `${one.keys} and a context` : one.keys;
}

/** The same for our client. */
function contextOf(one: Written): { encryptionContext?: Record<string, string> } {
  return "context" in one ? { encryptionContext: { tenant: one.context } } : {};
}

describe("Client-side encryption and AWS's clients for Java", { skip: missing }, () => {
  let servers: EncryptionServers;
  let java: ReturnType<EncryptionServers["program"]>;

  before(async () => {
    servers = await startEncryptionServers({ versitygw: s3Folder ?? "", moto: kmsFolder ?? "" });
    const source = join(conformanceRoot, "clients", "S3Encryption.java");
    const args = ["-Xmx256m", "-cp", join(jars ?? "", "lib", "*"), source];
    java = servers.program("java", args);
  });
  after(async () => {
    java.stop();
    await servers.stop();
  });

  async function put(call: Partial<OtherCall> & Pick<OtherCall, "keys" | "key">, body: Buffer) {
    await ask(java, { action: "put", bucket, body: body.toString("base64"), ...call });
  }

  for (const one of v2) {
    const name = nameOf(one);
    test(`version 2 with ${name}: each reads what the other wrote`, async () => {
      const ours = servers.encrypted(one.keys, { unauthenticatedRanges: true });
      const options = contextOf(one);
      for (const size of sizes) {
        const body = randomBytes(size);
        const key = `java/2/${name}/${size}`;
        await put({ ...one, key }, body);
        const got = await ours.getObject({ Bucket: bucket, Key: key }, options);
        assert.deepEqual(await got.Body?.bytes(), body, `${size} bytes`);
        assert.equal(got.Metadata?.["mine"], "yes");
        assert.equal(got.ContentLength, size);
        if (size > 20) {
          const Range = "bytes=7-20";
          const part = await ours.getObject({ Bucket: bucket, Key: key, Range }, options);
          assert.deepEqual(await part.Body?.bytes(), body.subarray(7, 21));
        }

        const back = `ours/java/${name}/${size}`;
        await ours.putObject({ Bucket: bucket, Key: back, Body: body }, options);
        const read = await ask(java, { ...one, action: "get", bucket, key: back });
        assert.deepEqual(read, body, `${size} bytes`);
      }
    });
  }

  for (const one of v1) {
    test(`version 1 with ${nameOf(one)}: is read with legacy only`, async () => {
      const ours = servers.encrypted(one.keys, { legacy: true });
      for (const size of sizes) {
        const body = randomBytes(size);
        const key = `java/1/${one.keys}/${one.mode}/${size}`;
        await put({ ...one, key }, body);
        const got = await ours.getObject({ Bucket: bucket, Key: key });
        assert.deepEqual(await got.Body?.bytes(), body, `${size} bytes`);
        const strict = servers.encrypted(one.keys).getObject({ Bucket: bucket, Key: key });
        await assert.rejects(strict, { name: "DecryptionError", code: "Legacy" });
      }
    });
  }

  for (const one of [...v1, ...v2]) {
    test(`version ${one.version} with ${nameOf(one)}: an instruction file is read where that is allowed`, async () => {
      const body = randomBytes(1_000);
      const options = contextOf(one);
      const key = `java/instruction/${JSON.stringify(one)}`;
      await put({ ...one, key, instructionFile: true }, body);
      const ours = servers.encrypted(one.keys, { legacy: one.version === 1 });
      const got = await ours.getObject(
        { Bucket: bucket, Key: key },
        { ...options, instructionFiles: true },
      );
      assert.deepEqual(await got.Body?.bytes(), body);
      const without = ours.getObject({ Bucket: bucket, Key: key });
      await assert.rejects(without, { name: "DecryptionError", code: "NotEncrypted" });
    });
  }
});
