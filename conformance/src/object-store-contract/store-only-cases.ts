import assert from "node:assert/strict";
import { Session } from "@lambdad/aws";
import { assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

/** What S3 can do and a store cannot. */
const unsupported: Readonly<Record<string, object>> = {
  GetBucketAcl: {},
  GetBucketPolicy: {},
  GetBucketTagging: {},
  GetBucketVersioning: {},
  GetObjectAcl: { Key: "key" },
  GetObjectLegalHold: { Key: "key" },
  GetObjectTorrent: { Key: "key" },
  ListObjectVersions: {},
  PutBucketPolicy: { Policy: "{}" },
  PutBucketVersioning: { VersioningConfiguration: { Status: "Enabled" } },
  PutObjectAcl: { Key: "key", ACL: "private" },
  RestoreObject: { Key: "key" },
};

function refused(error: unknown): boolean {
  assert.ok(error instanceof Error);
  assert.match(error.message, /sign.* store/);
  return true;
}

/** What is a store's own: no network, no signature, no credentials. */
export const storeOnlyCases: readonly StoreCase[] = [
  ...Object.entries(unsupported).map(([operation, input]): StoreCase => ({
    name: `${operation} is NotImplemented, and says what by which store`,
    only: "stores",
    async run({ s3, bucket: Bucket, endpoint }) {
      await s3.putObject({ Bucket, Key: "key", Body: "x" });
      const call = s3.call(operation, { ...input, Bucket });
      const error = await assertRefused(call, "NotImplemented", 501);
      assert.equal(error.$operation, operation);
      assert.ok(error.message.includes(operation), error.message);
      const scheme = new URL(endpoint).protocol;
      assert.ok(error.message.includes(scheme), error.message);
      assert.equal(error.retryable, false);
    },
  })),
  {
    name: "an unknown operation's input is refused before the store is asked",
    only: "stores",
    async run({ s3 }) {
      const call = s3.call("GetBucketAcl", {});
      await assert.rejects(call, { name: "ParamValidationError", path: "Bucket" });
    },
  },
  {
    name: "presigning is refused, and says why",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "key" };
      await assert.rejects(s3.presign.getObject(at), refused);
      await assert.rejects(s3.presign.putObject(at, { expiresIn: 60 }), refused);
      await assert.rejects(async () => s3.presignPost(at), refused);
      assert.throws(() => s3.presignSync.getObject(at), refused);
    },
  },
  {
    name: "no region and no credentials are needed",
    only: "stores",
    async run({ endpoint, s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "key", Body: "here" });
      const session = new Session({ endpoint, credentials: async () => assert.fail("asked") });
      try {
        const own = session.client("s3");
        // Without a name a store in memory is the session's own.
        await own.createBucket({ Bucket: "unsigned" }).catch(() => {});
        await own.putObject({ Bucket: "unsigned", Key: "key", Body: "x" });
        const { Body } = await own.getObject({ Bucket: "unsigned", Key: "key" });
        assert.equal(await Body?.text(), "x");
      } finally {
        await session.close();
      }
    },
  },
  {
    name: "clients of one session and endpoint share what they store",
    only: "stores",
    async run({ session, s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key: "key", Body: "shared" });
      const other = session.client("s3");
      const { Body } = await other.getObject({ Bucket, Key: "key" });
      assert.equal(await Body?.text(), "shared");
      await other.close();
      const again = await session.client("s3").getObject({ Bucket, Key: "key" });
      assert.equal(await again.Body?.text(), "shared", "after the last one was closed");
    },
  },
  {
    name: "meta says service and endpoint",
    only: "stores",
    async run({ s3, endpoint }) {
      assert.equal(s3.meta.service, "s3");
      assert.equal(new URL(await s3.meta.endpoint()).protocol, new URL(endpoint).protocol);
    },
  },
];
