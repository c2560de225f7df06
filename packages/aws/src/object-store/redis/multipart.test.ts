import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectStorage, PartRecord, UploadRecord } from "../object-storage.ts";
import { get, recordOf, withRedis } from "./redis-fixture.test.ts";
import { assemblySteps, uploadMs } from "./redis-uploads.ts";

const redis = withRedis();
const upload: UploadRecord = { id: "id1", key: "big", initiated: 5, details: {}, tags: [] };

async function putPart(
  storage: ObjectStorage,
  number: number,
  body: Buffer,
  id = "id1",
): Promise<PartRecord> {
  const { size, etag } = recordOf(body);
  const part = { number, size, etag: String(etag), modified: 7 };
  assert.equal(
    await storage.writePart("bucket", "big", id, part, storage.stageBytes(body)),
    "done",
  );
  return part;
}

test("RedisStorage makes an object of parts, and leaves nothing of them", async () => {
  const storage = await redis.open();
  await storage.createBucket("bucket", 1);
  assert.equal(await storage.createUpload("other", upload), "no-bucket");
  assert.equal(await storage.createUpload("bucket", upload), "done");
  assert.deepEqual(await storage.upload("bucket", "big", "id1"), upload);
  assert.equal(await storage.upload("bucket", "other", "id1"), "no-upload");
  assert.equal(await storage.upload("other", "big", "id1"), "no-bucket");
  assert.deepEqual(await storage.uploads("bucket"), [upload]);
  // Larger than what a script puts together.
  const bodies = [Buffer.alloc(17_000_000, "a"), Buffer.alloc(0), Buffer.from("end")] as const;
  const first = await putPart(storage, 1, bodies[0]);
  await putPart(storage, 2, Buffer.from("replaced"));
  const second = await putPart(storage, 2, bodies[1]);
  const third = await putPart(storage, 10, bodies[2]);
  await putPart(storage, 9, Buffer.from("not named"));
  const parts = await storage.parts("bucket", "big", "id1");
  assert.deepEqual(
    (parts as readonly PartRecord[]).map(({ number }) => number),
    [1, 2, 9, 10],
  );
  for (const key of ["s3u:id1", "s3p:id1:10"]) {
    const left = Number(await redis.command("PTTL", key));
    assert.ok(left > uploadMs - 600_000 && left <= uploadMs, `${key}: ${left}`);
  }
  const whole = Buffer.concat(bodies);
  const record = recordOf(whole, { etag: '"x-3"' });
  const complete = (named: readonly PartRecord[], condition = {}): Promise<string> =>
    Promise.resolve(storage.completeUpload("bucket", "big", "id1", named, record, condition));
  assert.equal(await complete([{ ...first, etag: '"no"' }, second]), "changed");
  assert.equal(await complete([{ ...first, number: 7 }]), "changed");
  assert.equal(await complete([first, second, third], { ifMatch: "*" }), "no-key");
  assert.equal(await complete([first, second, third]), "done");
  assert.equal(await complete([first, second, third]), "no-upload");
  assert.deepEqual(await get(storage, "big"), { record, body: whole });
  assert.equal(await redis.command("PTTL", "bucket/big"), -1);
  assert.deepEqual(await storage.uploads("bucket"), []);
  assert.deepEqual(await redis.command("KEYS", "s3[uptd]*"), []);
});

test("RedisStorage ends an upload with its parts", async () => {
  const storage = await redis.open();
  await storage.createUpload("bucket", upload);
  await putPart(storage, 1, Buffer.from("x"));
  assert.equal(await storage.abortUpload("bucket", "other", "id1"), "no-upload");
  assert.equal(await storage.abortUpload("bucket", "big", "id1"), "done");
  assert.equal(await storage.abortUpload("bucket", "big", "id1"), "no-upload");
  assert.equal(await storage.parts("bucket", "big", "id1"), "no-upload");
  const late = { number: 1, size: 1, etag: '""', modified: 1 };
  const staged = storage.stageBytes(Buffer.from("x"));
  assert.equal(await storage.writePart("bucket", "big", "id1", late, staged), "no-upload");
  assert.deepEqual(await redis.command("KEYS", "s3[uptd]*"), []);
});

test("RedisStorage does not list uploads that have expired, and removes a bucket with its uploads", async () => {
  const storage = await redis.open();
  await storage.createBucket("ups", 1);
  await storage.createUpload("ups", { ...upload, id: "old" });
  await storage.createUpload("ups", { ...upload, id: "new" });
  await redis.command("DEL", "s3u:old");
  assert.deepEqual(await storage.uploads("ups"), [{ ...upload, id: "new" }]);
  assert.deepEqual(await redis.command("SMEMBERS", "s3us:ups"), ["new"]);
  assert.equal(await storage.uploads("nobody"), "no-bucket");
  assert.equal(await storage.deleteBucket("ups"), "done");
  assert.deepEqual(await redis.command("KEYS", "s3u*"), []);
});

test("RedisStorage refuses what is larger than a value can be, as soon as it is", async () => {
  const storage = await redis.open();
  let pulled = 0;
  const piece = Buffer.alloc(64 * 1024 * 1024);
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      pulled++;
      yield piece;
    }
  }
  await assert.rejects(storage.stage(endless()), { code: "EntityTooLarge" });
  assert.equal(pulled, 9);
  const record = { ...recordOf(Buffer.alloc(0)), size: storage.maxObjectBytes + 1 };
  const completing = storage.completeUpload("bucket", "big", "id1", [], record, {});
  await assert.rejects(Promise.resolve(completing), { code: "EntityTooLarge" });
});

test("assemblySteps bounds what one script copies, and covers every byte in order", () => {
  const parts = [20_000_000, 0, 1, 1, 5_242_880].map((size, i) => ({ number: i + 1, size }));
  let place = 0;
  for (const step of assemblySteps(parts)) {
    let bytes = 0;
    for (let i = 0; i < step.length; i += 4) {
      const [, first, last, to] = step.slice(i, i + 4).map(Number) as [
        number,
        number,
        number,
        number,
      ];
      assert.equal(to, place);
      place += last - first + 1;
      bytes += last - first + 1;
    }
    assert.ok(bytes <= 17 * 1024 * 1024);
  }
  assert.equal(place, 25_242_882);
});
