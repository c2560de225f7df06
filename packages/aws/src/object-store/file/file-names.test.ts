import assert from "node:assert/strict";
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { compareUtf8 } from "../compare-utf8.ts";
import { newStore, type StoreFixture } from "./file-fixture.test.ts";

const outer = (store: StoreFixture): string => join(store.folder, "..");

/** Everything in a folder. As all of it are files and folders, no link leads out of it. */
function walk(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
    const path = join(folder, name);
    const status = lstatSync(path);
    assert.ok(status.isFile() || status.isDirectory(), path);
    return name;
  });
}

/** All that a store has made is in its bucket and its own folder. */
function assertInside(store: StoreFixture): void {
  assert.deepEqual(readdirSync(outer(store)), ["store"]);
  for (const path of walk(outer(store))) {
    assert.match(path, /^store(?:$|\/b(?:$|\/)|\/\.lambdad(?:$|\/))/);
  }
}

const oddKeys = [
  "../x",
  "../../../../../../../../tmp/x",
  "..",
  ".",
  "./..",
  "/",
  "//",
  "/etc/passwd",
  "a",
  "a/",
  "a//",
  "a//b",
  "a/b",
  "a/b/",
  "a/./b",
  "a/../b",
  "a%2Fb",
  "a%252Fb",
  "a%~f",
  "%~e",
  "%",
  "%/%",
  "%%~f",
  "%00",
  "nul\0byte",
  "line\nbreak\r\ttab\x7f",
  "back\\slash",
  "C:\\windows",
  "con",
  "aux.txt",
  "trailing dot.",
  "trailing space ",
  ".lambdad",
  ".lambdad/tmp/x",
  "../.lambdad/meta",
  "\u00E9",
  "e\u0301",
  "😀/😀",
  "x".repeat(1024),
  "é".repeat(512),
  "/".repeat(1024),
  `${"y".repeat(255)}/z`,
  `${"y".repeat(256)}/z`,
  "\x01".repeat(1024),
  "%41".repeat(341),
  `${"d/".repeat(511)}e`,
];

test("FileStorage: names that no file system likes come back, and stay inside the folder", async (t) => {
  const store = await newStore(t);
  for (const key of oddKeys) assert.equal(await store.put(key, `1 ${key}`), "done", key);
  for (const key of oddKeys) assert.equal(await store.put(key, `2 ${key}`), "done", key);
  assertInside(store);
  for (const key of oddKeys) assert.equal(await store.text(key), `2 ${key}`, key);
  assert.deepEqual(await store.list(), oddKeys.toSorted(compareUtf8));
  for (const [index, key] of oddKeys.entries()) {
    assert.equal(await store.storage.delete("b", key, {}), "done");
    assert.equal(await store.text(key), "no-key", key);
    if (index % 9 !== 0) continue;
    assert.deepEqual(await store.list(), oddKeys.slice(index + 1).toSorted(compareUtf8));
  }
  assert.deepEqual(readdirSync(store.path()), [], "no folder is left");
  assert.deepEqual(store.leftovers(), []);
});

test("FileStorage: any keys side by side, in any order of writes and deletes", async (t) => {
  const store = await newStore(t);
  const segment = fc.oneof(
    fc.constantFrom("", "a", "b", "..", ".", "%~f", "%", "a%~f", "\0", "%~e", "x".repeat(250)),
    fc.string({ unit: "binary", maxLength: 3 }).filter((text) => text.isWellFormed()),
  );
  const key = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join("/"))
    .filter((text) => text !== "");
  const step = fc.record({ key, deletes: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const model = new Map<string, string>();
      for (const [index, each] of steps.entries()) {
        if (each.deletes) {
          model.delete(each.key);
          assert.equal(await store.storage.delete("b", each.key, {}), "done");
        } else {
          model.set(each.key, `${index}`);
          assert.equal(await store.put(each.key, `${index}`), "done");
        }
      }
      assert.deepEqual(await store.list(), [...model.keys()].sort(compareUtf8));
      for (const [name, text] of model) assert.equal(await store.text(name), text);
      assertInside(store);
      for (const name of model.keys()) await store.storage.delete("b", name, {});
      assert.deepEqual(readdirSync(store.path()), []);
    }),
    { numRuns: 60 },
  );
});

test("FileStorage: an object stays when a folder of its name comes and goes", async (t) => {
  const store = await newStore(t);
  await store.put("a", "object");
  const stream = await store.read("a", { streamAbove: -1 });
  await store.put("a/b", "below");
  assert.deepEqual(readdirSync(store.path()).toSorted(), ["a", "a%~f"]);
  assert.equal(await store.text("a"), "object");
  assert.ok(
    typeof stream !== "string" && stream.body !== undefined && !Buffer.isBuffer(stream.body),
  );
  for await (const piece of stream.body.read()) assert.equal(piece.toString(), "object");
  const found = await store.read("a", { body: "none" });
  assert.ok(typeof found !== "string" && found.record.details.headers?.["ContentType"]);
  await store.storage.delete("b", "a/b", {});
  await store.put("a", "again");
  assert.deepEqual(await store.list(), ["a"]);
  assert.equal(await store.text("a"), "again");
  await store.storage.delete("b", "a", {});
  assert.deepEqual(readdirSync(store.path()), []);
});

test("FileStorage: the store's own folder may vanish", async (t) => {
  const store = await newStore(t);
  await store.put("a", "1");
  rmSync(join(store.folder, ".lambdad"), { recursive: true });
  assert.equal(await store.text("a"), "1");
  assert.equal(await store.put("a", "2"), "done");
  assert.equal(await store.text("a"), "2");
  assert.deepEqual(await store.list(), ["a"]);
});
