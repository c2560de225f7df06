import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { keysOf } from "./listing.ts";
import { assertSealed } from "./sealed.ts";
import { counterTimes, locksEach, onceCount, writtenKeys } from "./shared-keys.ts";
import { inProcesses, StoreChild } from "./store-child.ts";
import type { Place, StoreCase } from "./store-case.ts";

const processes = 2;
const rounds = 6;
const pauseMsMax = 12;

/** Everything that is listed is a whole object of a key that was written, and everything there is listed. */
async function assertWhole({ s3, bucket: Bucket }: Place): Promise<void> {
  const allowed = new Set(writtenKeys.flatMap((key) => [key, `${key}-source`]));
  const listed = new Set(keysOf(await s3.listObjectsV2({ Bucket })));
  for (const key of listed) assert.ok(allowed.has(key ?? ""), `a leftover: ${JSON.stringify(key)}`);
  for (const Key of allowed) {
    const got = await s3.getObject({ Bucket, Key }).catch((error: unknown) => {
      if (error instanceof s3.errors.NoSuchKey) return undefined;
      throw error;
    });
    assert.equal(got !== undefined, listed.has(Key), `${JSON.stringify(Key)} is there and listed`);
    if (got !== undefined) await assertSealed(got);
  }
}

/** What the killed process has left can be written, deleted and got rid of. */
async function assertUsable({ s3, bucket: Bucket }: Place): Promise<void> {
  for (const Key of writtenKeys) {
    const { ETag } = await s3.putObject({ Bucket, Key, Body: "after" });
    await s3.putObject({ Bucket, Key, Body: "again", IfMatch: ETag });
    const { Body } = await s3.getObject({ Bucket, Key });
    assert.equal(await Body?.text(), "again");
  }
  for await (const { Key = "" } of s3.paginate.listObjectsV2({ Bucket }).items()) {
    await s3.deleteObject({ Bucket, Key });
  }
  for await (const upload of s3.paginate.listMultipartUploads({ Bucket }).items()) {
    const { Key = "", UploadId = "" } = upload;
    await s3.abortMultipartUpload({ Bucket, Key, UploadId });
  }
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
  assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
  await s3.deleteBucket({ Bucket });
}

/** Several processes on one store, and processes that die. Not for stores within a process. */
export const processCases: readonly StoreCase[] = [
  {
    name: "of two processes that make the same objects with If-None-Match * one makes each",
    async run({ s3, bucket: Bucket, endpoint }) {
      const lines = await inProcesses(processes, endpoint, Bucket, "create");
      const made = lines.flat().filter((line) => line.startsWith("made "));
      assert.equal(made.length, onceCount);
      assert.equal(new Set(made).size, onceCount);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, onceCount);
    },
  },
  {
    name: "two processes that count by If-Match lose no increment",
    async run({ s3, bucket: Bucket, endpoint }) {
      await s3.putObject({ Bucket, Key: "counter", Body: "0" });
      await inProcesses(processes, endpoint, Bucket, "count");
      const { Body } = await s3.getObject({ Bucket, Key: "counter" });
      assert.equal(await Body?.text(), String(processes * 3 * counterTimes));
    },
  },
  {
    name: "an object is a lock between two processes",
    async run({ s3, bucket: Bucket, endpoint }) {
      await s3.putObject({ Bucket, Key: "guarded", Body: "0" });
      await inProcesses(processes, endpoint, Bucket, "lock");
      const { Body } = await s3.getObject({ Bucket, Key: "guarded" });
      assert.equal(await Body?.text(), String(processes * locksEach));
    },
  },
  {
    name: "two processes that overwrite, copy, delete and read the same keys see whole objects",
    async run({ s3, bucket: Bucket, endpoint }) {
      await inProcesses(processes, endpoint, Bucket, "contest");
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      for (const { Key = "" } of Contents) await assertSealed(await s3.getObject({ Bucket, Key }));
    },
  },
  {
    name: "a writer that is killed leaves old objects or new ones, and nothing else",
    async run(place) {
      const { endpoint, bucket } = place;
      for (let round = 0; round < rounds; round += 1) {
        const child = new StoreChild(endpoint, bucket, "write");
        try {
          await child.wrote(1);
          child.begin();
          await child.wrote(2 + round * 3);
          // Anywhere in what it does next.
          await delay(Math.random() * pauseMsMax);
        } finally {
          await child.kill();
        }
        await assertWhole(place);
      }
      await assertUsable(place);
    },
  },
];
