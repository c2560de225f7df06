import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assert as check,
  asyncProperty,
  constantFrom,
  option,
  record,
  array,
  string,
} from "fast-check";
import { compareUtf8 } from "../compare-utf8.ts";
import type { ListedObject, ListPosition, ObjectStorage } from "../object-storage.ts";
import { escapeGlob } from "./list-scan.ts";
import { put, withRedis } from "./redis-fixture.test.ts";

const redis = withRedis();

/** What a listing must give, by looking at every key. */
function expected(keys: readonly string[], { prefix, after, past, limit }: ListPosition): string[] {
  return keys
    .filter((key) => key.startsWith(prefix))
    .filter((key) => after === undefined || compareUtf8(key, after) > 0)
    .filter((key) => past === undefined || (compareUtf8(key, past) > 0 && !key.startsWith(past)))
    .toSorted(compareUtf8)
    .slice(0, limit);
}

async function listed(
  storage: ObjectStorage,
  bucket: string,
  position: ListPosition,
): Promise<string[]> {
  const objects = await storage.list(bucket, position);
  return (objects as readonly ListedObject[]).map(({ key }) => key);
}

const text = string({
  unit: constantFrom("a", "b", "/", "-", "*", "?", "[", "\\", "\0", "\uffff", "ü", "💥", ""),
  maxLength: 3,
});
const positions = record({
  prefix: text,
  after: option(text, { nil: undefined }),
  past: option(text, { nil: undefined }),
  limit: constantFrom(1, 2, 5, 1000),
});

for (const query of ["", "?index=off"]) {
  test(`RedisStorage${query} lists keys by their bytes, from any place, with any prefix`, async () => {
    const storage = await redis.open(query);
    const bucket = query === "" ? "indexed" : "scanned";
    await storage.createBucket(bucket, 1);
    let keys: string[] = [];
    const property = asyncProperty(
      array(text, { maxLength: 30 }),
      positions,
      async (more, position) => {
        const added = [...new Set(more)].filter((key) => key !== "" && !keys.includes(key));
        for (const key of added) await put(storage, key, "", {}, bucket);
        keys = [...keys, ...added];
        assert.deepEqual(await listed(storage, bucket, position), expected(keys, position));
      },
    );
    await check(property, { numRuns: 150 });
  });
}

test("RedisStorage lists pages of exactly what is wanted while most have expired", async () => {
  const storage = await redis.open("?ttl=1000");
  await storage.createBucket("expired", 1);
  const keys = Array.from({ length: 2500 }, (_, i) => `k${String(i).padStart(5, "0")}`);
  await Promise.all(keys.map((key) => put(storage, key, key, {}, "expired")));
  assert.ok(Number(await redis.command("PTTL", "expired/k00000")) > 0);
  assert.ok(Number(await redis.command("PTTL", "s3m:{expired/k00000}")) > 0);
  const alive = keys.filter((_, i) => i % 500 === 499);
  const gone = keys.filter((key) => !alive.includes(key));
  // As when their time has come, which no test waits for.
  await redis.command("DEL", ...gone.map((key) => `expired/${key}`));
  const position = { prefix: "k", limit: 3 };
  assert.deepEqual(await listed(storage, "expired", position), alive.slice(0, 3));
  const next = { ...position, after: alive[2] };
  assert.deepEqual(await listed(storage, "expired", next), alive.slice(3));
  assert.equal(await redis.command("ZCARD", "s3i:expired"), alive.length);
  assert.equal(await storage.deleteBucket("expired"), "not-empty");
  await redis.command("DEL", ...alive.map((key) => `expired/${key}`));
  assert.equal(await storage.deleteBucket("expired"), "done");
  assert.deepEqual(await redis.command("KEYS", "*expired*"), []);
});

test("RedisStorage lets objects expire after ttl seconds", async () => {
  const storage = await redis.open("?ttl=0.02");
  await storage.createBucket("brief", 1);
  await put(storage, "key", "x", {}, "brief");
  for (;;) {
    const found = await storage.read("brief", "key", { body: "none", streamAbove: 0 });
    if (found === "no-key") break;
  }
  assert.deepEqual(await listed(storage, "brief", { prefix: "", limit: 9 }), []);
  assert.equal(await storage.deleteBucket("brief"), "done");
});

test("RedisStorage with index=off lists everything that anybody wrote, once and in order", async () => {
  const storage = await redis.open("?index=off");
  await redis.command("SADD", "s3://", "theirs");
  const keys = Array.from({ length: 3000 }, (_, i) => `a*${i % 7}/${i}`);
  await Promise.all(keys.map((key) => redis.command("SET", `theirs/${key}`, key)));
  await redis.command("SET", "theirs/", "no key");
  await redis.command("SET", Buffer.from("theirs/\xff\xfe", "latin1"), "no text");
  await redis.command("RPUSH", "theirs/list", "no bytes");
  const position = { prefix: "", limit: 1001 };
  assert.deepEqual(await listed(storage, "theirs", position), expected(keys, position));
  const behind = { prefix: "a*", past: "a*3/", limit: 1001 };
  assert.deepEqual(await listed(storage, "theirs", behind), expected(keys, behind));
  assert.equal(await storage.deleteBucket("theirs"), "not-empty");
  assert.equal(await storage.list("nobody", position), "no-bucket");
  assert.equal(await storage.deleteBucket("nobody"), "no-bucket");
  await Promise.all(keys.map(async (key) => storage.delete("theirs", key, {})));
  await redis.command("DEL", Buffer.from("theirs/\xff\xfe", "latin1"), "theirs/list");
  assert.equal(await storage.deleteBucket("theirs"), "done");
});

test("escapeGlob leaves a pattern that matches the text alone", async () => {
  await redis.command("SET", String.raw`g*[a-z]?\x^`, "");
  await redis.command("SET", String.raw`gxay\x^`, "");
  const pattern = escapeGlob(String.raw`g*[a-z]?\x^`);
  const reply = await redis.command("SCAN", "0", "COUNT", "100000", "MATCH", pattern);
  const [, keys] = reply as [string, string[]];
  assert.deepEqual(keys, [String.raw`g*[a-z]?\x^`]);
});
