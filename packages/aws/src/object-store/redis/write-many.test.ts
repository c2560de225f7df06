import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectRecord, ObjectStorage } from "../object-storage.ts";
import { recordsSeparator } from "./batch-scripts.ts";
import { get, put, recordOf, textOf, withRedis } from "./redis-fixture.test.ts";
import { parseRecord, recordText } from "./redis-record.ts";

const redis = withRedis();

test("writes among each other have an outcome each, and leave nothing that was staged", async () => {
  const storage = await redis.open();
  await storage.createBucket("bucket", 1);
  await redis.command("HSET", "bucket/hash", "of", "others");
  await redis.command("SET", "s3m:{bucket/text}", "of others");
  const outcomes = await Promise.allSettled([
    put(storage, "a", "1"),
    put(storage, "a", "2", {}, "missing"),
    put(storage, "hash", "3"),
    put(storage, "text", "4"),
    put(storage, "large", "5".repeat(300_000)),
    put(storage, "empty", ""),
  ]);
  assert.deepEqual(
    outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason)),
    ["done", "no-bucket", "done", "done", "done", "done"],
  );
  assert.equal(await textOf(storage, "a"), "1");
  assert.equal(await textOf(storage, "text"), "4");
  assert.equal(await textOf(storage, "hash"), "3");
  assert.equal(await textOf(storage, "empty"), "");
  assert.equal((await get(storage, "large")).record.size, 300_000);
  assert.deepEqual(await redis.command("KEYS", "s3t:*"), []);
});

test("writes and reads go on when Redis has forgotten their scripts, and leave nothing", async () => {
  const storage = await redis.open();
  await storage.createBucket("bucket", 1);
  await redis.command("SCRIPT", "FLUSH");
  const keys = ["f1", "f2", "f3"];
  const writes = await Promise.all(keys.map((key) => put(storage, key, key)));
  assert.deepEqual(writes, ["done", "done", "done"]);
  await redis.command("SCRIPT", "FLUSH");
  assert.deepEqual(await Promise.all(keys.map((key) => textOf(storage, key))), keys);
  assert.deepEqual(await redis.command("KEYS", "s3t:*"), []);
});

test("a write over one of a store without index puts the key into the index", async () => {
  const [scanning, indexed] = [await redis.open("?index=off"), await redis.open()];
  await indexed.createBucket("bucket", 1);
  await put(scanning, "both", "1");
  assert.deepEqual(await listed(indexed, "both"), []);
  await put(indexed, "both", "2");
  assert.deepEqual(await listed(indexed, "both"), ["both"]);
  // And once more, where the key is there.
  await put(indexed, "both", "3");
  assert.deepEqual(await listed(indexed, "both"), ["both"]);
  await indexed.delete("bucket", "both", {});
  await put(indexed, "both", "4");
  assert.deepEqual(await listed(indexed, "both"), ["both"]);
});

test("a write over one that would have expired stays, with its metadata", async () => {
  const [brief, lasting] = [await redis.open("?ttl=1000"), await redis.open()];
  await lasting.createBucket("bucket", 1);
  const ttls = (): Promise<unknown[]> =>
    Promise.all(["bucket/t", "s3m:{bucket/t}"].map((key) => redis.command("PTTL", key)));
  await put(brief, "t", "1");
  for (const ttl of await ttls()) assert.ok(Number(ttl) > 0);
  await put(lasting, "t", "2");
  assert.deepEqual(await ttls(), [-1, -1]);
  await put(brief, "t", "3");
  for (const ttl of await ttls()) assert.ok(Number(ttl) > 0);
});

test("what an earlier object had is gone: details and tags", async () => {
  const storage = await redis.open();
  await storage.createBucket("bucket", 1);
  const body = Buffer.from("x");
  const tags = [{ Key: "k", Value: "v" }];
  const details = { metadata: { a: "b" } };
  await storage.write("bucket", "d", recordOf(body, { details, tags }), body, {});
  assert.deepEqual((await get(storage, "d")).record.tags, tags);
  assert.equal(await storage.setTags("bucket", "d", []), "done");
  assert.deepEqual((await get(storage, "d")).record, recordOf(body, { details }));
  await put(storage, "d", "x");
  assert.deepEqual((await get(storage, "d")).record, recordOf(body));
  assert.equal(await storage.setTags("bucket", "d", tags), "done");
  assert.deepEqual((await get(storage, "d")).record, recordOf(body, { tags }));
});

test("recordText stays in the small form of Redis's hashes where there are no details", () => {
  const etag = `"${"f".repeat(32)}-10000"`;
  const size = 512 * 1024 * 1024;
  const record: ObjectRecord = { etag, size, modified: Date.now(), details: {}, tags: [] };
  assert.ok(recordText(record).length <= 64);
  const details = { metadata: { a: "1\n2\u001e3" }, headers: { ContentType: "a b" } };
  for (const each of [
    record,
    { ...record, details },
    { ...record, tags: [{ Key: "k", Value: "a b\n" }] },
    { ...record, details, etag: undefined, modified: undefined },
  ]) {
    assert.deepEqual(parseRecord(recordText(each)), { record: each, hasHash: false });
    assert.ok(!recordText(each).includes(recordsSeparator));
  }
});

async function listed(storage: ObjectStorage, prefix: string): Promise<readonly string[]> {
  const found = await storage.list("bucket", { prefix, limit: 10 });
  assert.ok(typeof found !== "string");
  return found.map(({ key }) => key);
}
