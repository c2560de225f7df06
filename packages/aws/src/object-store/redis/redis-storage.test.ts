import assert from "node:assert/strict";
import { test } from "node:test";
import { get, put, recordOf, textOf, withRedis } from "./redis-fixture.test.ts";

const redis = withRedis();

test("RedisStorage keeps an object where the layout says, and gives it back", async () => {
  const storage = await redis.open();
  assert.equal(await storage.createBucket("bucket", 1234), "done");
  assert.equal(await storage.createBucket("bucket", 99), "exists");
  const body = Buffer.from([0, 10, 13, 255, 36]);
  const details = { headers: { ContentType: "text/ümlaut" }, metadata: { a: "1\r\n2" } };
  const tags = [{ Key: "k", Value: "v" }];
  const record = recordOf(body, { details, tags });
  assert.equal(await storage.write("bucket", "a/b", record, body, {}), "done");
  assert.deepEqual(await get(storage, "a/b"), { record, body });
  assert.deepEqual(await get(storage, "a/b", "none"), { record, body: undefined });

  assert.deepEqual(await redis.command("SMEMBERS", "s3://"), ["bucket"]);
  assert.equal(await redis.command("GET", "s3c:bucket"), "1234");
  assert.equal(await redis.command("STRLEN", "bucket/a/b"), 5);
  assert.equal(await redis.command("PTTL", "bucket/a/b"), -1);
  assert.deepEqual(await redis.command("ZRANGE", "s3i:bucket", "0", "-1"), ["a/b"]);
  assert.equal(await redis.command("HLEN", "s3m:{bucket/a/b}"), 1);
  assert.equal(
    await redis.command("HGET", "s3m:{bucket/a/b}", "object"),
    `${record.etag} ${record.modified} 5\n${JSON.stringify(details)}\n${JSON.stringify(tags)}`,
  );
  assert.deepEqual(await redis.command("KEYS", "s3t:*"), []);
  assert.deepEqual(await storage.bucket("bucket"), { name: "bucket", created: 1234 });
  assert.deepEqual(await storage.buckets(), [{ name: "bucket", created: 1234 }]);
});

for (const key of [
  "\0",
  "a\nb\r\n",
  "*?[x]\\",
  "ключ/💥",
  "/",
  "//a",
  "..",
  "x".repeat(1024),
  "{a}",
]) {
  test(`RedisStorage keeps the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
    const storage = await redis.open();
    await put(storage, key, key);
    assert.equal(await textOf(storage, key), key);
    const listed = await storage.list("bucket", { prefix: key, limit: 10 });
    assert.deepEqual(
      (listed as readonly { key: string }[]).map((each) => each.key),
      [key],
    );
    assert.equal(await storage.delete("bucket", key, {}), "done");
    assert.equal(await storage.read("bucket", key, { body: "none", streamAbove: 0 }), "no-key");
    assert.deepEqual(await storage.list("bucket", { prefix: key, limit: 10 }), []);
    assert.equal(await redis.command("EXISTS", `s3m:{bucket/${key}}`), 0);
  });
}

test("RedisStorage reads ranges as S3 does", async () => {
  const storage = await redis.open();
  await put(storage, "range", "0123456789");
  const ranges = [
    [{ first: 0, last: 0 }, "0"],
    [{ first: 3, last: undefined }, "3456789"],
    [{ first: 8, last: 99 }, "89"],
    [{ first: 0, last: Number.MAX_VALUE }, "0123456789"],
    [{ first: 10, last: undefined }, undefined],
    [{ first: Number.MAX_VALUE, last: undefined }, undefined],
    [{ suffix: 3 }, "789"],
    [{ suffix: 99 }, "0123456789"],
    [{ suffix: 0 }, undefined],
  ] as const;
  for (const [range, expected] of ranges) {
    assert.equal(await textOf(storage, "range", range), expected, JSON.stringify(range));
    assert.equal((await get(storage, "range", range)).record.size, 10);
  }
  await put(storage, "nothing", "");
  assert.equal((await get(storage, "nothing")).body?.length, 0);
  assert.equal((await get(storage, "nothing", { suffix: 1 })).body, undefined);
});

test("RedisStorage decides conditions in the moment of the write", async () => {
  const storage = await redis.open();
  const { etag } = recordOf(Buffer.from("one"));
  assert.equal(await put(storage, "cond", "one", { ifMatch: "*" }), "no-key");
  assert.equal(await put(storage, "cond", "one", { ifMatch: '"x"' }), "no-key");
  assert.equal(await put(storage, "cond", "one", { ifNone: true }), "done");
  assert.equal(await put(storage, "cond", "two", { ifNone: true }), "condition");
  assert.equal(await put(storage, "cond", "two", { ifNone: true, ifMatch: "*" }), "condition");
  assert.equal(await put(storage, "none", "two", { ifNone: true, ifMatch: "*" }), "no-key");
  assert.equal(await put(storage, "cond", "two", { ifMatch: '"x"' }), "condition");
  assert.equal(await put(storage, "cond", "two", { ifMatch: "!" }), "condition");
  assert.equal(await put(storage, "cond", "two", { ifMatch: String(etag) }), "done");
  assert.equal(await storage.delete("bucket", "cond", { ifMatch: String(etag) }), "condition");
  assert.equal(await storage.delete("bucket", "gone", { ifMatch: "*" }), "no-key");
  assert.equal(await storage.delete("bucket", "gone", {}), "done");
  assert.equal(await storage.delete("bucket", "cond", { ifMatch: "*" }), "done");
  assert.equal(await put(storage, "cond", "x", {}, "other"), "no-bucket");
  assert.equal(await storage.delete("other", "cond", {}), "no-bucket");
  assert.deepEqual(await redis.command("KEYS", "s3t:*"), []);
});

test("RedisStorage lets one of many writers with the same condition win", async () => {
  const stores = await Promise.all([redis.open(), redis.open()]);
  for (let round = 0; round < 20; round++) {
    const outcomes = await Promise.all(
      stores.flatMap((storage, i) =>
        [0, 1, 2].map((j) => put(storage, `race${round}`, `${i}${j}`, { ifNone: true })),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "done").length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === "condition").length, 5);
  }
});

test("RedisStorage never mixes two versions of an object", async () => {
  const [writer, reader] = await Promise.all([redis.open(), redis.open()]);
  await put(writer, "mix", "a");
  const end = new AbortController();
  const writing = (async () => {
    for (let i = 0; i < 600; i++) await put(writer, "mix", `${i % 7}`.repeat(1 + (i % 3)));
    end.abort();
  })();
  let reads = 0;
  while (!end.signal.aborted) {
    const found = await Promise.all(Array.from({ length: 16 }, () => get(reader, "mix")));
    for (const { record, body } of found) {
      assert.deepEqual(record, recordOf(body as Buffer));
      reads++;
    }
  }
  await writing;
  assert.ok(reads > 0);
});

test("RedisStorage keeps the caller's bytes as they were", async () => {
  const storage = await redis.open();
  const bytes = Buffer.from("before");
  const staged = storage.stageBytes(bytes);
  const written = storage.write("bucket", "own", recordOf(Buffer.from("before")), staged, {});
  bytes.fill("x");
  await written;
  assert.equal(await textOf(storage, "own"), "before");
});

test("RedisStorage changes tags and nothing else", async () => {
  const storage = await redis.open();
  const body = Buffer.from("tagged");
  const record = recordOf(body, { details: { storageClass: "STANDARD_IA" } });
  await storage.write("bucket", "tags", record, body, {});
  const tags = [{ Key: "a", Value: "" }];
  assert.equal(await storage.setTags("bucket", "tags", tags), "done");
  assert.deepEqual(await get(storage, "tags"), { record: { ...record, tags }, body });
  assert.equal(await storage.setTags("bucket", "tags", []), "done");
  assert.deepEqual((await get(storage, "tags")).record, record);
  assert.equal(await storage.setTags("bucket", "missing", tags), "no-key");
  assert.equal(await storage.setTags("other", "missing", tags), "no-bucket");
});

test("RedisStorage runs when Redis has forgotten its scripts", async () => {
  const storage = await redis.open();
  await put(storage, "scripts", "1");
  await redis.command("SCRIPT", "FLUSH");
  await redis.command("EVAL", "return 1", "0");
  assert.equal(await put(storage, "scripts", "2"), "done");
  assert.equal(await textOf(storage, "scripts"), "2");
});

test("RedisStorage removes a bucket only when it has no object", async () => {
  const storage = await redis.open();
  await storage.createBucket("short", 1);
  await put(storage, "a", "a", {}, "short");
  assert.equal(await storage.deleteBucket("short"), "not-empty");
  await storage.delete("short", "a", {});
  assert.equal(await storage.deleteBucket("short"), "done");
  assert.equal(await storage.deleteBucket("short"), "no-bucket");
  assert.equal(await storage.bucket("short"), undefined);
  assert.equal(await storage.list("short", { prefix: "", limit: 1 }), "no-bucket");
  assert.deepEqual(await redis.command("KEYS", "*short*"), []);
});

test("RedisStorage gives each of many calls at the same time its own outcome", async () => {
  const storage = await redis.open();
  await storage.createBucket("broken", 1);
  await redis.command("RPUSH", "s3i:broken", "no sorted set");
  const bodies = Array.from({ length: 200 }, (_, i) => `${i}`.repeat(i % 50 === 9 ? 3000 : 1));
  const broken = put(storage, "key", "", {}, "broken");
  const writes = bodies.map((text, i) => put(storage, `many${i}`, text));
  const nobody = put(storage, "many", "", {}, "nobody");
  await assert.rejects(broken, /a value of another kind, made by others \(WRONGTYPE/);
  assert.equal(await nobody, "no-bucket");
  assert.deepEqual(
    await Promise.all(writes),
    bodies.map(() => "done"),
  );
  await redis.command("SCRIPT", "FLUSH");
  await redis.command("RPUSH", "bucket/list", "no bytes");
  const list = textOf(storage, "list");
  const reads = bodies.map((_, i) => textOf(storage, `many${i}`));
  const missing = textOf(storage, "many");
  const nowhere = textOf(storage, "many", "whole", "nobody");
  for (const failing of [missing, nowhere]) failing.catch(() => {});
  await assert.rejects(list, /WRONGTYPE/);
  await assert.rejects(missing, /no-key/);
  await assert.rejects(nowhere, /no-bucket/);
  assert.deepEqual(await Promise.all(reads), bodies);
});
