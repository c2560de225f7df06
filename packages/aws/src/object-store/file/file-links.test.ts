import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { newStore, StoreFixture } from "./file-fixture.test.ts";

/** A store with links of every kind out of it, and a folder outside that nobody may touch. */
async function storeWithLinks(t: TestContext): Promise<{ store: StoreFixture; outside: string }> {
  const store = await newStore(t);
  const outside = join(store.folder, "../outside");
  mkdirSync(join(outside, "empty"), { recursive: true });
  writeFileSync(join(outside, "secret"), "secret");
  await store.put("a/inside", "inside");
  symlinkSync(outside, store.path("folder"));
  symlinkSync(join(outside, "secret"), store.path("file"));
  symlinkSync(outside, store.path("a/folder"));
  symlinkSync(join(outside, "new"), store.path("dangling"));
  symlinkSync(store.path("a/inside"), store.path("within"));
  symlinkSync(outside, join(store.folder, "linked-bucket"));
  return { store, outside };
}

const linkKeys = ["folder/secret", "file", "a/folder/secret", "dangling", "within", "folder/empty"];

test("FileStorage: links are neither read nor listed", async (t) => {
  const { store } = await storeWithLinks(t);
  for (const key of linkKeys) assert.equal(await store.text(key), "no-key", key);
  assert.deepEqual(await store.list(), ["a/inside"]);
  assert.deepEqual(await store.list({ prefix: "folder/" }), []);
  const buckets = await store.storage.buckets();
  assert.deepEqual(
    buckets.map(({ name }) => name),
    ["b"],
  );
  assert.equal(await store.storage.bucket("linked-bucket"), undefined);
  const options = { body: "whole", streamAbove: 1e9 } as const;
  assert.equal(await store.storage.read("linked-bucket", "secret", options), "no-bucket");
});

test("FileStorage: nothing is written or deleted through links", async (t) => {
  const { store, outside } = await storeWithLinks(t);
  const { storage } = store;
  for (const key of ["folder/new", "a/folder/new", "folder/deep/new", "folder/secret"]) {
    await assert.rejects(store.put(key, "x"), {
      code: "AccessDenied",
      message: /a symbolic link, which is not followed: remove it/,
    });
  }
  for (const key of ["folder/secret", "folder/empty/x", "a/folder/secret"]) {
    assert.equal(await storage.delete("b", key, {}), "done");
  }
  assert.equal(await storage.delete("b", "file", {}), "done");
  assert.equal(await storage.deleteBucket("linked-bucket"), "no-bucket");
  assert.equal(await storage.deleteBucket("b"), "not-empty");
  // An object takes the place of a link, and not of what it leads to.
  assert.equal(await store.put("file", "mine"), "done");
  assert.equal(await store.put("dangling", "mine"), "done");
  assert.ok(lstatSync(store.path("file")).isFile() && lstatSync(store.path("dangling")).isFile());
  assert.deepEqual(readdirSync(outside).toSorted(), ["empty", "secret"]);
  assert.equal(readFileSync(join(outside, "secret"), "utf8"), "secret");
  assert.deepEqual(store.leftovers(), []);
});

test("FileStorage: a folder that becomes a link between two calls is not followed", async (t) => {
  const { store, outside } = await storeWithLinks(t);
  await store.put("d/k", "1");
  renameSync(store.path("d"), store.path("moved"));
  symlinkSync(outside, store.path("d"));
  assert.equal(await store.text("d/secret"), "no-key");
  await assert.rejects(store.put("d/k", "2"), { code: "AccessDenied" });
  assert.equal(await store.storage.delete("b", "d/secret", {}), "done");
  assert.ok(existsSync(join(outside, "secret")));
});

test("FileStorage: a store's own folder that is a link is refused", async (t) => {
  const { store, outside } = await storeWithLinks(t);
  rmSync(join(store.folder, ".lambdad"), { recursive: true });
  symlinkSync(outside, join(store.folder, ".lambdad"));
  const other = new StoreFixture(store.folder);
  await assert.rejects(other.put("k", "1"), {
    code: "AccessDenied",
    message: /not a folder of the store's own/,
  });
  await assert.rejects(other.text("a/inside"), { code: "AccessDenied" });
  assert.deepEqual(readdirSync(outside).toSorted(), ["empty", "secret"]);
});

test("FileStorage: the root itself may be a link", async (t) => {
  const store = await newStore(t);
  await store.put("a/b", "1");
  const link = join(store.folder, "../link");
  symlinkSync(store.folder, link);
  const linked = new StoreFixture(link);
  assert.equal(await linked.text("a/b"), "1");
  assert.equal(await linked.put("a/b", "2"), "done");
  assert.equal(await store.text("a/b"), "2");
  await linked.storage.close();
});

test("FileStorage: pipes are no objects, and nobody waits for them", async (t) => {
  const store = await newStore(t);
  const makePipe = "mkfifo";
  execFileSync(makePipe, [store.path("pipe")]);
  assert.equal(await store.text("pipe"), "no-key");
  assert.deepEqual(await store.list(), []);
});
