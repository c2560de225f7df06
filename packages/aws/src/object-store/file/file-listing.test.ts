import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { compareUtf8 } from "../compare-utf8.ts";
import { MemoryStorage } from "../memory/memory-storage.ts";
import type { ListPosition } from "../object-storage.ts";
import { etagOf, newStore, recordOf } from "./file-fixture.test.ts";

test("list: byte order of keys is not the order of folders", async (t) => {
  const store = await newStore(t);
  const keys = ["a", "a-b", "a/", "a//", "a/b", "a/b/c", "a0", "a.txt", "\uFFFD", "😀", "B"];
  for (const key of keys) assert.equal(await store.put(key, key), "done");
  const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(sorted.slice(0, 4), ["B", "a", "a-b", "a.txt"]);
  assert.deepEqual(await store.list(), sorted);
});

test("list: ETag, size and time come with the keys", async (t) => {
  const store = await newStore(t);
  await store.put("k", "text");
  assert.deepEqual(await store.storage.list("b", { prefix: "", limit: 10 }), [
    {
      key: "k",
      size: 4,
      etag: etagOf("text"),
      modified: 1_700_000_000_000,
      storageClass: undefined,
      checksum: undefined,
    },
  ]);
});

test("list: folders are remembered only as long as they are the same", async (t) => {
  const store = await newStore(t);
  const folder = store.path("f");
  mkdirSync(folder);
  writeFileSync(store.path("f/1"), "");
  utimesSync(folder, 1000, 1000);
  assert.deepEqual(await store.list({ prefix: "f/" }), ["f/1"]);
  assert.deepEqual(await store.list({ prefix: "f/" }), ["f/1"]);
  writeFileSync(store.path("f/2"), "");
  assert.deepEqual(await store.list({ prefix: "f/" }), ["f/1", "f/2"]);
  await store.storage.delete("b", "f/1", {});
  assert.deepEqual(await store.list({ prefix: "f/" }), ["f/2"]);
});

const long = "x".repeat(247);
const segment = fc.oneof(
  fc.constantFrom("", "a", "b", ".", "..", "-", "0", "é", "😀", "\uFFFD", "%~f", "%41", "a\n"),
  fc.constantFrom(long, `${long}y`, `${long}%`, long.slice(1), `${long}%~c`, `${long}%4`),
);
const anyKey = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"))
  .filter((key) => key !== "");
const start = fc.option(
  fc.oneof(
    anyKey,
    anyKey.map((key) => key.slice(0, 3)),
  ),
  { nil: undefined },
);
const position: fc.Arbitrary<ListPosition> = fc.record({
  prefix: fc.oneof(
    fc.constant(""),
    anyKey,
    anyKey.map((key) => key.slice(0, -1)),
  ),
  after: start,
  past: start,
  limit: fc.nat({ max: 8 }),
});

test("list: the same as in memory, for any keys and any position", async (t) => {
  const { storage } = await newStore(t);
  let buckets = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyKey, { maxLength: 14 }),
      fc.array(position, { minLength: 1, maxLength: 8 }),
      async (keys, positions) => {
        const memory = new MemoryStorage("memory:");
        const bucket = `bucket-${buckets++}`;
        memory.createBucket(bucket, 1);
        await storage.createBucket(bucket, 1);
        for (const key of keys) {
          memory.write(bucket, key, recordOf(key), Buffer.from(key), {});
          await storage.write(bucket, key, recordOf(key), Buffer.from(key), {});
        }
        for (const each of [{ prefix: "", limit: 1000 }, ...positions]) {
          const expected = memory.list(bucket, each);
          assert.deepEqual(await storage.list(bucket, each), expected, JSON.stringify(each));
        }
        for (const key of keys) assert.equal(await storage.delete(bucket, key, {}), "done");
        assert.equal(await storage.deleteBucket(bucket), "done");
      },
    ),
    { numRuns: 150 },
  );
});

test("list: pages through a big folder give each key once, while others come and go", async (t) => {
  const store = await newStore(t);
  mkdirSync(store.path("f"));
  const names = Array.from({ length: 2500 }, (_, i) => `f/${i}`);
  for (const name of names) writeFileSync(store.path(name), "");
  const seen: string[] = [];
  for (;;) {
    const page = await store.list({ prefix: "f/", after: seen.at(-1), limit: 700 });
    seen.push(...page);
    await store.put(`f/zz${seen.length}`, "x");
    await store.storage.delete("b", `f/zz${seen.length - 700}`, {});
    if (page.length < 700) break;
  }
  const expected = names.toSorted(compareUtf8);
  assert.deepEqual(
    seen.filter((key) => !key.startsWith("f/zz")),
    expected,
  );
});
