import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { PartRecord, StoredObject, UploadRecord } from "../object-storage.ts";
import { etagOf, newStore, recordOf, type StoreFixture } from "./file-fixture.test.ts";

const upload = (id: string, key: string): UploadRecord => ({
  id,
  key,
  initiated: 5,
  details: { headers: { ContentType: "text/plain" } },
  tags: [{ Key: "a", Value: "b" }],
  checksum: { algorithm: "CRC32", type: "COMPOSITE" },
});

const partOf = (number: number, text: string, modified = 7): PartRecord => ({
  number,
  size: Buffer.byteLength(text),
  etag: etagOf(text),
  modified,
  checksum: "ab/+==",
});

async function put(
  { storage }: StoreFixture,
  key: string,
  id: string,
  part: PartRecord,
  text: string,
): Promise<string> {
  const body = await storage.stage(
    (async function* () {
      yield Buffer.from(text);
    })(),
  );
  return storage.writePart("b", key, id, part, body);
}

const uploadsOf = (store: StoreFixture): readonly string[] => {
  const folder = join(store.folder, ".lambdad/uploads/b");
  return existsSync(folder) ? readdirSync(folder) : [];
};

for (const fsync of [false, true]) {
  test(`FileStorage: an object of parts (fsync: ${fsync})`, async (t) => {
    const store = await newStore(t, fsync);
    const { storage } = store;
    const key = "a/../b";
    const id = "../../id/with.dots\0";
    assert.equal(await storage.createUpload("b", upload(id, key)), "done");
    assert.deepEqual(await storage.upload("b", key, id), upload(id, key));
    assert.deepEqual(await storage.uploads("b"), [upload(id, key)]);
    assert.deepEqual(await store.list(), []);
    assert.equal(await put(store, key, id, partOf(10, "ten"), "ten"), "done");
    assert.equal(await put(store, key, id, partOf(2, "two"), "two"), "done");
    assert.equal(await put(store, key, id, partOf(2, "TWO!", 8), "TWO!"), "done");
    assert.equal(await put(store, key, id, partOf(3, "unused"), "unused"), "done");
    const kept = [partOf(2, "TWO!", 8), partOf(3, "unused"), partOf(10, "ten")];
    assert.deepEqual(await storage.parts("b", key, id), kept);
    const parts = [partOf(2, "TWO!", 8), partOf(10, "ten")];
    const complete = async (given: readonly PartRecord[], condition = {}): Promise<string> =>
      storage.completeUpload("b", key, id, given, recordOf("TWO!ten"), condition);
    assert.equal(await complete([partOf(2, "two"), partOf(10, "ten")]), "changed");
    assert.equal(await complete([partOf(1, "one")]), "changed");
    assert.equal(await complete(parts, { ifMatch: etagOf("x") }), "no-key");
    assert.deepEqual(await storage.parts("b", key, id), kept, "the upload is still there");
    assert.equal(await complete(parts, { ifNone: true }), "done");
    assert.equal(await store.text(key), "TWO!ten");
    assert.deepEqual(((await store.read(key)) as StoredObject).record, recordOf("TWO!ten"));
    assert.equal(await complete(parts), "no-upload");
    assert.equal(await put(store, key, id, partOf(2, "two"), "two"), "no-upload");
    assert.deepEqual(uploadsOf(store), []);
    assert.deepEqual(store.leftovers(), []);
  });
}

test("FileStorage: uploads are known by bucket, key and id together, and end with abort", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  assert.equal(await storage.createUpload("c", upload("1", "k")), "no-bucket");
  assert.equal(await storage.createUpload("b", upload("1", "k")), "done");
  assert.equal(await storage.upload("b", "other", "1"), "no-upload");
  assert.equal(await storage.upload("b", "k", "2"), "no-upload");
  assert.equal(await storage.upload("c", "k", "1"), "no-bucket");
  assert.equal(await storage.uploads("c"), "no-bucket");
  assert.equal(await storage.parts("b", "other", "1"), "no-upload");
  assert.equal(await storage.abortUpload("b", "other", "1"), "no-upload");
  assert.equal(await put(store, "other", "1", partOf(1, "x"), "x"), "no-upload");
  assert.equal(await put(store, "k", "1", partOf(1, "x"), "x"), "done");
  assert.equal(await storage.abortUpload("b", "k", "1"), "done");
  assert.equal(await storage.abortUpload("b", "k", "1"), "no-upload");
  assert.deepEqual([uploadsOf(store), store.leftovers()], [[], []]);
});

test("FileStorage: uploads go with their bucket, and do not keep it", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  await storage.createUpload("b", upload("1", "k"));
  await put(store, "k", "1", partOf(1, "x"), "x");
  assert.equal(await storage.deleteBucket("b"), "done");
  assert.equal(await storage.uploads("b"), "no-bucket");
  await storage.createBucket("b", 1);
  assert.deepEqual(await storage.uploads("b"), []);
  assert.equal(await put(store, "k", "1", partOf(1, "x"), "x"), "no-upload");
  assert.deepEqual(store.leftovers(), []);
});

test("FileStorage: large parts are joined in their order", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  await storage.createUpload("b", upload("1", "k"));
  const texts = ["a".repeat(3_000_001), "b".repeat(1_048_576), "c".repeat(5)];
  for (const [index, text] of texts.entries()) {
    const bytes = storage.stageBytes(Buffer.from(text));
    assert.equal(await storage.writePart("b", "k", "1", partOf(index + 1, text), bytes), "done");
  }
  const parts = texts.map((text, index) => partOf(index + 1, text));
  const record = recordOf(texts.join(""));
  assert.equal(await storage.completeUpload("b", "k", "1", parts, record, {}), "done");
  assert.equal(await store.text("k"), texts.join(""));
});

test("FileStorage: a part that is a link out of the store is not read", async (t) => {
  const store = await newStore(t);
  const { storage } = store;
  await storage.createUpload("b", upload("1", "k"));
  await put(store, "k", "1", partOf(1, "x"), "x");
  await put(store, "k", "1", partOf(2, "secret"), "secret");
  const [folder = ""] = uploadsOf(store);
  const path = join(store.folder, ".lambdad/uploads/b", folder);
  const secret = join(store.folder, "../secret");
  writeFileSync(secret, "SECRET");
  const name = readdirSync(path).find((each) => each.startsWith("2.")) ?? "";
  rmSync(join(path, name));
  symlinkSync(secret, join(path, name));
  const parts = [partOf(1, "x"), partOf(2, "secret")];
  const completed = storage.completeUpload("b", "k", "1", parts, recordOf("xsecret"), {});
  await assert.rejects(async () => completed);
  assert.deepEqual(await store.list(), []);
  assert.deepEqual(store.leftovers(), []);
});
