import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StoredObject, StoredStream } from "../object-storage.ts";
import { etagOf, newStore, recordOf, StoreFixture } from "./file-fixture.test.ts";

async function bytesOf(stream: StoredStream): Promise<string> {
  const read: Buffer[] = [];
  for await (const piece of stream.read()) read.push(piece);
  return Buffer.concat(read).toString();
}

/** Descriptors of this process into a folder. */
function openFiles(folder: string): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

async function* pieces(fails: boolean): AsyncGenerator<Buffer> {
  yield Buffer.from("one ");
  if (fails) throw new Error("source");
  yield Buffer.from("two");
}

for (const fsync of [false, true]) {
  test(`FileStorage: what was written is read, and is a file (fsync: ${fsync})`, async (t) => {
    const store = await newStore(t, fsync);
    assert.equal(await store.put("a/b.txt", "hello"), "done");
    assert.equal(readFileSync(store.path("a/b.txt"), "utf8"), "hello");
    assert.deepEqual(await store.read("a/b.txt"), {
      record: recordOf("hello"),
      body: Buffer.from("hello"),
    });
    assert.deepEqual(await store.list(), ["a/b.txt"]);
    assert.equal(await store.put("a/b.txt", "other"), "done");
    assert.equal(await store.text("a/b.txt"), "other");
    assert.deepEqual(store.leftovers(), []);
    assert.equal(await store.storage.delete("b", "a/b.txt", {}), "done");
    assert.equal(await store.text("a/b.txt"), "no-key");
    assert.ok(!existsSync(store.path("a")));
    assert.deepEqual(openFiles(store.folder), []);
  });
}

test("FileStorage: conditions of writes and deletes", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  assert.equal(await store.put("x/k", "1", { ifMatch: "*" }), "no-key");
  assert.ok(!existsSync(store.path("x")), "a refused write makes no folder");
  assert.equal(await store.put("x/k", "1", { ifNone: true }), "done");
  assert.equal(await store.put("x/k", "2", { ifNone: true }), "condition");
  assert.equal(await store.put("x/k", "2", { ifMatch: etagOf("2") }), "condition");
  assert.equal(await store.put("x/k", "2", { ifMatch: etagOf("1") }), "done");
  assert.equal(await store.put("x/k", "3", { ifMatch: "*" }), "done");
  assert.equal(await storage.delete("b", "x/k", { ifMatch: etagOf("1") }), "condition");
  assert.equal(await storage.delete("b", "y", { ifMatch: etagOf("1") }), "no-key");
  assert.equal(await storage.delete("b", "x/k", { ifMatch: etagOf("3") }), "done");
  assert.equal(await storage.delete("b", "x/k", {}), "done");
  assert.deepEqual(store.leftovers(), []);
});

test("FileStorage: buckets are made, listed and deleted when they are empty", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  assert.equal(await storage.createBucket("b", 1), "exists");
  assert.equal(await storage.createBucket("a-bucket", 5), "done");
  assert.deepEqual(await storage.buckets(), [
    { name: "a-bucket", created: 5 },
    { name: "b", created: 1_700_000_000_123 },
  ]);
  await store.put("x/y", "1");
  assert.equal(await storage.deleteBucket("b"), "not-empty");
  await storage.delete("b", "x/y", {});
  assert.equal(await storage.deleteBucket("b"), "done");
  assert.equal(await storage.deleteBucket("b"), "no-bucket");
  assert.equal(await storage.bucket("b"), undefined);
  assert.equal(await store.put("x", "1"), "no-bucket");
  assert.equal(await store.text("x"), "no-bucket");
  assert.equal(await storage.delete("b", "x", {}), "no-bucket");
  assert.equal(await storage.setTags("b", "x", []), "no-bucket");
  assert.deepEqual(await store.list(), ["no-bucket"]);
  assert.deepEqual(store.leftovers(), []);
});

test("FileStorage: a folder that is not there has no buckets, and is not made by reading", async (t) => {
  const { folder } = await newStore(t);
  const store = new StoreFixture(join(folder, "not-there"));
  assert.deepEqual(await store.storage.buckets(), []);
  assert.equal(await store.storage.bucket("b"), undefined);
  assert.equal(await store.text("x"), "no-bucket");
  assert.equal(await store.put("x", "1"), "no-bucket");
  assert.ok(!existsSync(store.folder));
  await assert.rejects(store.storage.stage((async function* () {})()), { code: "NoSuchBucket" });
});

test("FileStorage: a body above the limit is a stream, and stays that of its object", async (t) => {
  const store = await newStore(t);
  const text = "0123456789".repeat(60_000);
  await store.put("k", text);
  const read = async (body: "whole" | { first: number; last: number }): Promise<StoredStream> => {
    const found = (await store.read("k", { body, streamAbove: 1000 })) as StoredObject;
    return found.body as StoredStream;
  };
  const whole = await read("whole");
  const range = await read({ first: 5, last: 300_004 });
  const forgotten = await read("whole");
  const left = await read("whole");
  await store.put("k", "new");
  await store.storage.delete("b", "k", {});
  assert.equal(whole.length, text.length);
  assert.equal(await bytesOf(whole), text);
  assert.equal(await bytesOf(range), text.slice(5, 300_005));
  for await (const piece of left.read()) {
    assert.ok(piece.length > 0);
    break;
  }
  forgotten.release();
  forgotten.release();
  // They are closed by threads.
  for (let look = 0; look < 1000 && openFiles(store.folder).length > 0; look++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(openFiles(store.folder), []);
});

for (const [range, text] of [
  [{ first: 2, last: 4 }, "234"],
  [{ first: 8, last: undefined }, "89"],
  [{ first: 8, last: 100 }, "89"],
  [{ suffix: 3 }, "789"],
  [{ suffix: 30 }, "0123456789"],
  [{ first: 10, last: undefined }, undefined],
] as const) {
  test(`FileStorage: the range ${JSON.stringify(range)} of ten bytes`, async (t) => {
    const store = await newStore(t);
    await store.put("k", "0123456789");
    const found = (await store.read("k", { body: range })) as StoredObject;
    assert.equal(found.record.size, 10);
    assert.equal((found.body as Buffer | undefined)?.toString(), text);
  });
}

test("FileStorage: tags change neither ETag nor time", async (t) => {
  const store = await newStore(t);
  const tags = [{ Key: "a", Value: "1" }];
  assert.equal(await store.storage.setTags("b", "k", tags), "no-key");
  await store.put("k", "text");
  assert.equal(await store.storage.setTags("b", "k", tags), "done");
  const found = (await store.read("k", { body: "none" })) as StoredObject;
  assert.deepEqual(found, { record: { ...recordOf("text"), tags }, body: undefined });
});

test("FileStorage: pieces are staged as they come; what fails leaves nothing", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  await assert.rejects(storage.stage(pieces(true)), /source/);
  assert.deepEqual(store.leftovers(), []);
  const refused = await storage.stage(pieces(false));
  assert.equal(await storage.write("c", "k", recordOf("one two"), refused, {}), "no-bucket");
  const dropped = await storage.stage(pieces(false));
  await storage.discard(dropped);
  assert.deepEqual(store.leftovers(), []);
  const staged = await storage.stage(pieces(false));
  assert.equal(await storage.write("b", "k", recordOf("one two"), staged, {}), "done");
  assert.equal(await store.text("k"), "one two");
});

test("FileStorage: close waits, takes its own file away, and a later write brings it back", async (t) => {
  const store = await newStore(t);
  const owners = join(store.folder, ".lambdad/owners");
  assert.equal(readdirSync(owners).length, 1);
  const write = store.put("k", "x".repeat(1_000_000));
  await store.storage.close();
  assert.equal(await write, "done");
  assert.deepEqual(readdirSync(owners), []);
  assert.equal(await store.put("l", "x"), "done");
});

for (const fsync of [false, true]) {
  test(`FileStorage: many writes of one key in one process have their turns (fsync: ${fsync})`, async (t) => {
    const store = await newStore(t, fsync);
    await store.put("k", "0");
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0
          ? store.put("k", `even ${i}`)
          : store.put("k", `${i}`, { ifMatch: etagOf("never") }),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "done").length, 30);
    const text = await store.text("k");
    // With fsync the bodies are on the disk in whatever order the disk likes.
    assert.match(text, fsync ? /^even \d+$/ : /^even 58$/);
    assert.deepEqual(store.leftovers(), []);
  });
}
