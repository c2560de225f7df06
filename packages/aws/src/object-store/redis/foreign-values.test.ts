import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { get, put, recordOf, textOf, withRedis } from "./redis-fixture.test.ts";
import { etagOf } from "./foreign-value.ts";

// What the Python facade does: SADD of the bucket's name, SET and DEL of the value, and nothing else.
const redis = withRedis();
const body = Buffer.from([0, 255, 10, 97]);

test("RedisStorage serves what others wrote, with a computed ETag and without a time", async () => {
  const storage = await redis.open();
  await redis.command("SADD", "s3://", "bucket");
  await redis.command("SET", "bucket/path/ключ", body);
  assert.deepEqual(await storage.bucket("bucket"), { name: "bucket", created: undefined });
  assert.deepEqual(await storage.buckets(), [{ name: "bucket", created: undefined }]);
  const record = recordOf(body, { modified: undefined });
  assert.deepEqual(await get(storage, "path/ключ"), { record, body });
  assert.deepEqual(await get(storage, "path/ключ", "none"), { record, body: undefined });
  const range = await get(storage, "path/ключ", { suffix: 2 });
  assert.deepEqual(range, { record, body: body.subarray(2) });
  await redis.command("SET", "elsewhere/key", body);
  const options = { body: "whole", streamAbove: 0 } as const;
  assert.equal(await storage.read("elsewhere", "key", options), "no-bucket");
});

test("RedisStorage writes what others read", async () => {
  const storage = await redis.open();
  await put(storage, "ours", "text");
  assert.equal(await redis.command("GET", "bucket/ours"), "text");
});

test("RedisStorage sees that others have replaced a value by one of another size", async () => {
  for (const query of ["", "?index=off"]) {
    const storage = await redis.open(query);
    await put(storage, "replaced", "ours");
    await redis.command("SET", "bucket/replaced", "theirs");
    const record = recordOf(Buffer.from("theirs"), { modified: undefined });
    assert.deepEqual(await get(storage, "replaced"), { record, body: Buffer.from("theirs") });
    assert.deepEqual((await get(storage, "replaced", "none")).record, record);
    assert.equal(await textOf(storage, "replaced", { first: 1, last: 2 }), "he");
    const listed = await storage.list("bucket", { prefix: "replaced", limit: 1 });
    assert.deepEqual(listed, [
      {
        key: "replaced",
        size: 6,
        etag: undefined,
        modified: undefined,
        storageClass: undefined,
        checksum: undefined,
      },
    ]);
  }
});

test("RedisStorage with index=off sees that others have replaced a value by one of the same size", async () => {
  const storage = await redis.open("?index=off");
  await put(storage, "same", "ours");
  const { etag } = recordOf(Buffer.from("ours"));
  assert.equal((await get(storage, "same", "none")).record.modified, 1_700_000_000_000);
  await redis.command("SET", "bucket/same", "them");
  assert.equal((await get(storage, "same")).record.etag, etagOf(Buffer.from("them")));
  assert.equal((await get(storage, "same", "none")).record.modified, undefined);
  assert.equal(await put(storage, "same", "next", { ifMatch: String(etag) }), "condition");
  // A store with an index does not keep the hash that tells: it must not be left over.
  const indexed = await redis.open();
  await put(indexed, "same", "more");
  assert.equal(await redis.command("HEXISTS", "s3m:{bucket/same}", "scanned"), 0);
  assert.equal((await get(storage, "same", "none")).record.modified, 1_700_000_000_000);
});

test("RedisStorage compares the ETag of a value of others in the moment of the write", async () => {
  const [storage, other] = [await redis.open(), await redis.open()];
  await redis.command("SET", "bucket/cas", "0");
  assert.equal(await put(storage, "cas", "x", { ifMatch: '"no"' }), "condition");
  assert.equal(await storage.delete("bucket", "cas", { ifMatch: '"no"' }), "condition");
  // Four count in turns: each step is lost unless it compares with what is there.
  const count = async (store: typeof storage): Promise<void> => {
    for (let done = 0; done < 25;) {
      const now = Number(await textOf(store, "cas"));
      const { etag } = recordOf(Buffer.from(String(now)));
      const outcome = await put(store, "cas", String(now + 1), { ifMatch: String(etag) });
      if (outcome !== "done") continue;
      done++;
      // As others write: without metadata.
      if (done % 3 === 0) await redis.command("DEL", "s3m:{bucket/cas}");
    }
  };
  await Promise.all([count(storage), count(other), count(storage), count(other)]);
  assert.equal(await textOf(storage, "cas"), "100");
  const etag = createHash("md5").update("100").digest("hex");
  await redis.command("DEL", "s3m:{bucket/cas}");
  assert.equal(await storage.delete("bucket", "cas", { ifMatch: `"${etag}"` }), "done");
  assert.deepEqual(await redis.command("KEYS", "s3t:*"), []);
});

test("RedisStorage gives tags to a value of others, and forgets them with it", async () => {
  const storage = await redis.open();
  const tags = [{ Key: "a", Value: "b" }];
  await redis.command("SET", "bucket/tagged", "theirs");
  assert.equal(await storage.setTags("bucket", "tagged", tags), "done");
  const record = recordOf(Buffer.from("theirs"), { modified: undefined, tags });
  assert.deepEqual((await get(storage, "tagged")).record, record);
  await redis.command("SET", "bucket/tagged", "other theirs");
  assert.deepEqual((await get(storage, "tagged")).record.tags, []);
});

test("RedisStorage does not list what others have removed", async () => {
  const storage = await redis.open();
  await storage.createBucket("removed", 1);
  for (const key of ["a", "b", "c"]) await put(storage, key, key, {}, "removed");
  await redis.command("DEL", "removed/a", "removed/c");
  const listed = await storage.list("removed", { prefix: "", limit: 1 });
  assert.deepEqual(
    (listed as readonly { key: string }[]).map(({ key }) => key),
    ["b"],
  );
  await redis.command("DEL", "removed/b");
  assert.equal(await storage.deleteBucket("removed"), "done");
  assert.deepEqual(await redis.command("KEYS", "*removed*"), []);
});

test("RedisStorage says so when a key has a value of another kind", async () => {
  const storage = await redis.open();
  await redis.command("RPUSH", "bucket/list", "x");
  await assert.rejects(get(storage, "list"), (error: Error) => {
    assert.match(error.message, /a value of another kind, made by others \(WRONGTYPE/);
    return true;
  });
});
