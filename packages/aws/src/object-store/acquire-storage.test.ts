import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../client/errors.ts";
import { acquireStorage } from "./acquire-storage.ts";
import type { ObjectStorage } from "./object-storage.ts";

async function storageOf(url: string, owner: object): Promise<ObjectStorage> {
  return (await acquireStorage(url, owner)).storage;
}

describe("acquireStorage of memory:", () => {
  test("gives owners a store each, and a name the same to all", async () => {
    const [one, other] = [{}, {}];
    assert.equal(await storageOf("memory:", one), await storageOf("memory:", one));
    assert.notEqual(await storageOf("memory:", one), await storageOf("memory:", other));
    assert.equal(await storageOf("memory:shared", one), await storageOf("memory:shared", other));
  });

  test("keeps nothing of wrong options: the next one may have others", async () => {
    for (const url of ["memory:retried?ttl=soon", "memory:retried?size=1"]) {
      await assert.rejects(acquireStorage(url, {}), ConfigurationError);
    }
    await acquireStorage("memory:retried", {});
    const other = acquireStorage("memory:retried?ttl=5", {});
    await assert.rejects(other, { name: "ConfigurationError", message: /other options/ });
  });

  test("refuses what would silently be another store", async () => {
    await assert.rejects(acquireStorage("memory://name", {}), /write "memory:name"/);
    await assert.rejects(acquireStorage("memory:%", {}), ConfigurationError);
  });
});

describe("acquireStorage of file:", () => {
  test("closes with the last share, each of which counts once, and opens anew", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "acquire-storage-"));
    t.after(() => rm(folder, { recursive: true }));
    const url = pathToFileURL(folder).href;
    const [first, second] = await Promise.all([acquireStorage(url, {}), acquireStorage(url, {})]);
    assert.equal(first.storage, second.storage);
    await Promise.all([first.release(), first.release()]);
    await first.storage.createBucket("notes", 1);
    const [third] = await Promise.all([acquireStorage(url, {}), second.release()]);
    assert.equal((await third.storage.bucket("notes"))?.name, "notes");
    await third.release();
    const fourth = await acquireStorage(url, {});
    assert.equal((await fourth.storage.bucket("notes"))?.name, "notes");
    await fourth.release();
  });

  test("a store that cannot be opened is tried anew by the next one", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "acquire-storage-"));
    t.after(() => rm(folder, { recursive: true }));
    const bad = `${pathToFileURL(folder).href}?unknown=1`;
    const failed = await Promise.allSettled([acquireStorage(bad, {}), acquireStorage(bad, {})]);
    assert.deepEqual(
      failed.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    await assert.rejects(acquireStorage(bad, {}), ConfigurationError);
  });
});
