import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ListedObject, StoredObject } from "../object-storage.ts";
import { etagOf, newStore, recordOf, StoreFixture } from "./file-fixture.test.ts";

const yearAgo = Math.floor(Date.now() / 1000) - 365 * 24 * 3600;

test("FileStorage: files that others put there are objects", async (t) => {
  const store = await newStore(t);
  mkdirSync(store.path("photos/2024"), { recursive: true });
  writeFileSync(store.path("photos/2024/a 100%.jpg"), "jpeg");
  utimesSync(store.path("photos/2024/a 100%.jpg"), yearAgo, yearAgo);
  mkdirSync(join(store.folder, "other-bucket"));
  mkdirSync(store.path("empty folder"));
  const expected = {
    record: { size: 4, etag: etagOf("jpeg"), modified: yearAgo * 1000, details: {}, tags: [] },
    body: undefined,
  };
  const key = "photos/2024/a 100%.jpg";
  const [before] = (await store.storage.list("b", { prefix: "", limit: 9 })) as ListedObject[];
  assert.equal(before?.etag, undefined, "it has not been read yet");
  assert.deepEqual(await store.read(key, { body: "none" }), expected);
  assert.deepEqual(await store.read(key, { body: "none" }), expected);
  assert.equal(await store.text(key), "jpeg");
  const [after] = (await store.storage.list("b", { prefix: "", limit: 9 })) as ListedObject[];
  assert.equal(after?.etag, etagOf("jpeg"));
  assert.deepEqual(await store.list(), [key]);
  assert.deepEqual(
    (await store.storage.buckets()).map(({ name }) => name),
    ["b", "other-bucket"],
  );
});

test("FileStorage: a file that others change is read anew, and loses what was known of it", async (t) => {
  const store = await newStore(t);
  await store.put("k", "ours");
  appendFileSync(store.path("k"), " and theirs");
  const found = (await store.read("k")) as StoredObject;
  assert.deepEqual(found.body, Buffer.from("ours and theirs"));
  assert.equal(found.record.etag, etagOf("ours and theirs"));
  assert.deepEqual(found.record.details, {});
  for (const text of ["abcd", "efgh", "ijkl"]) {
    writeFileSync(store.path("k"), text);
    const read = (await store.read("k")) as StoredObject;
    assert.equal(read.record.etag, etagOf(text), "a change within one tick of the clock counts");
  }
});

test("FileStorage: conditions and tags work on files of others", async (t) => {
  const store = await newStore(t);
  for (const name of ["a", "b", "c"]) {
    writeFileSync(store.path(name), name);
    utimesSync(store.path(name), yearAgo, yearAgo);
  }
  assert.equal(await store.put("a", "x", { ifNone: true }), "condition");
  assert.equal(await store.put("a", "x", { ifMatch: etagOf("b") }), "condition");
  assert.equal(await store.put("a", "x", { ifMatch: etagOf("a") }), "done");
  assert.equal(await store.storage.delete("b", "b", { ifMatch: etagOf("a") }), "condition");
  assert.equal(await store.storage.delete("b", "b", { ifMatch: etagOf("b") }), "done");
  const tags = [{ Key: "k", Value: "v" }];
  assert.equal(await store.storage.setTags("b", "c", tags), "done");
  const { record } = (await store.read("c", { body: "none" })) as StoredObject;
  assert.deepEqual([record.tags, record.etag], [tags, etagOf("c")]);
  assert.deepEqual(await store.list(), ["a", "c"]);
});

for (const name of ["a%2Fb", "a%~x", "%41", "line\nbreak", "x%~c"]) {
  test(`FileStorage: the file ${JSON.stringify(name)} has the name of no key, and is left alone`, async (t) => {
    const store = await newStore(t);
    writeFileSync(store.path(name), "theirs");
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.text(name), "no-key");
    assert.equal(await store.put(name, "ours"), "done");
    assert.equal(await store.text(name), "ours");
    assert.deepEqual(await store.list(), [name]);
    assert.equal(readdirSync(store.path()).length, 2);
  });
}

test("FileStorage: a store that was copied with its times knows what it knew", async (t) => {
  const store = await newStore(t);
  await store.put("k", "text");
  await store.put("k", "text2");
  const copy = `${store.folder}-copy`;
  cpSync(store.folder, copy, { recursive: true, preserveTimestamps: true });
  const other = new StoreFixture(copy);
  // cp keeps milliseconds here; backup programs keep seconds, or all.
  utimesSync(join(copy, "b/k"), yearAgo, yearAgo);
  assert.deepEqual(((await other.read("k")) as StoredObject).record.details, {});
  await other.storage.close();
  const third = new StoreFixture(mkdtempSync(`${store.folder}-`));
  rmSync(third.folder, { recursive: true });
  renameSync(store.folder, third.folder);
  assert.deepEqual(((await third.read("k")) as StoredObject).record, recordOf("text2"));
  await third.storage.close();
  mkdirSync(store.folder);
});

test("FileStorage: a file of another's in the way of a folder is moved beside it", async (t) => {
  const store = await newStore(t);
  writeFileSync(store.path("a"), "theirs");
  assert.equal(await store.put("a/b", "ours"), "done");
  assert.equal(await store.text("a"), "theirs");
  assert.equal(await store.text("a/b"), "ours");
  assert.deepEqual(await store.list(), ["a", "a/b"]);
});
