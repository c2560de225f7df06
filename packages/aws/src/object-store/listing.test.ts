import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareUtf8 } from "./compare-utf8.ts";
import { type ListingPage, listPage } from "./listing.ts";
import type { ListToken } from "./list-token.ts";
import { MemoryStorage } from "./memory/memory-storage.ts";

/** Few letters, so that keys share prefixes. */
const key = fc.string({
  unit: fc.constantFrom("a", "b", "/", "-", "*", "é", "\u{1F600}", "\uffff"),
});

function filled(keys: Iterable<string>): MemoryStorage {
  const storage = new MemoryStorage("memory:");
  storage.createBucket("b", 0);
  const record = { size: 0, etag: '"e"', modified: 0, details: {}, tags: [] };
  for (const each of keys) storage.write("b", each, record, Buffer.alloc(0), {});
  return storage;
}

/** What a listing shows, by the definition: keys, and common prefixes once. */
function shown(keys: Iterable<string>, prefix: string, delimiter: string): string[] {
  const entries = new Set<string>();
  for (const each of keys) {
    if (!each.startsWith(prefix)) continue;
    const at = delimiter === "" ? -1 : each.indexOf(delimiter, prefix.length);
    entries.add(at < 0 ? each : `${each.slice(0, at + delimiter.length)} (prefix)`);
  }
  return [...entries].toSorted((a, b) => compareUtf8(bare(a), bare(b)));
}

function bare(entry: string): string {
  return entry.replace(/ \(prefix\)$/, "");
}

function entriesOf({ objects, commonPrefixes }: ListingPage): string[] {
  const entries = [
    ...objects.map((object) => object.key),
    ...commonPrefixes.map((each) => `${each} (prefix)`),
  ];
  return entries.toSorted((a, b) => compareUtf8(bare(a), bare(b)));
}

test("listPage() shows every key and common prefix once, in order, in pages of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        key.filter((each) => each !== ""),
        { maxLength: 60 },
      ),
      fc.constantFrom("", "a", "a/", "*", "/"),
      fc.constantFrom("", "/", "-", "a/", "é"),
      fc.integer({ min: 1, max: 7 }),
      async (keys, prefix, delimiter, limit) => {
        const storage = filled(keys);
        const seen: string[] = [];
        let start: ListToken = {};
        for (;;) {
          const page = await listPage(storage, "b", { prefix, delimiter, start, limit });
          const entries = entriesOf(page);
          seen.push(...entries);
          if (page.next === undefined) break;
          // A page that is not the last one is full.
          assert.equal(entries.length, limit);
          start = page.next;
        }
        assert.deepEqual(seen, shown(keys, prefix, delimiter));
      },
    ),
  );
});

test("listPage() goes on behind a place whose key has gone, and does not show a common prefix twice", async () => {
  const storage = filled(["a", "b/1", "b/2", "c", "d"]);
  const first = await listPage(storage, "b", { prefix: "", delimiter: "/", start: {}, limit: 2 });
  assert.deepEqual(entriesOf(first), ["a", "b/ (prefix)"]);
  storage.delete("b", "b/1", {});
  storage.delete("b", "c", {});
  const start = first.next as ListToken;
  const second = await listPage(storage, "b", { prefix: "", delimiter: "/", start, limit: 2 });
  assert.deepEqual([entriesOf(second), second.next], [["d"], undefined]);
});

test("listPage() refuses a bucket that is not there", async () => {
  const request = { prefix: "", delimiter: "", start: {}, limit: 1 };
  await assert.rejects(listPage(filled([]), "other", request), { code: "NoSuchBucket" });
});
