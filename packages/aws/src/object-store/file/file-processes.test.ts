import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ListedObject, StoredObject } from "../object-storage.ts";
import { ended, startChild } from "./file-child.test.ts";
import { etagOf, newStore, StoreFixture } from "./file-fixture.test.ts";

const increments = 150;

test(
  "FileStorage: no conditional write of three processes is lost",
  { timeout: 60_000 },
  async (t) => {
    const store = await newStore(t);
    await store.put("d/counter", "0");
    const script = `
    for (let i = 0; i < ${increments}; ) {
      const text = await textOf("d/counter");
      const outcome = await put("d/counter", String(Number(text) + 1), { ifMatch: etagOf(text) });
      if (outcome === "done") i++;
      else if (outcome !== "condition") throw new Error(outcome);
      await put("d/other", "x".repeat(i));
    }
    await store.close();
    process.disconnect();
  `;
    const children = [startChild(t, store.folder, script), startChild(t, store.folder, script)];
    for (let i = 0; i < increments;) {
      const text = await store.text("d/counter");
      const outcome = await store.put("d/counter", `${Number(text) + 1}`, {
        ifMatch: etagOf(text),
      });
      if (outcome === "done") i++;
      else assert.equal(outcome, "condition");
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const child of children) assert.equal(await ended(child), 0);
    assert.equal(await store.text("d/counter"), `${3 * increments}`);
    assert.deepEqual(store.leftovers(), []);
  },
);

test("FileStorage: of two processes one makes an object", { timeout: 60_000 }, async (t) => {
  const store = await newStore(t);
  const script = `
    let made = 0;
    for (let i = 0; i < 200; i++) {
      const outcome = await put("k/" + i, "theirs", { ifNone: true });
      if (outcome === "done") made++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.send(made);
  `;
  const child = startChild(t, store.folder, script);
  const told = once(child, "message");
  let ours = 0;
  for (let i = 0; i < 200; i++) {
    if ((await store.put(`k/${i}`, "ours", { ifNone: true })) === "done") ours++;
    // Others get in between once they have started.
    if (i < 100) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [theirs] = (await told) as [number];
  assert.equal(ours + theirs, 200);
  let found = 0;
  for (let i = 0; i < 200; i++) if ((await store.text(`k/${i}`)) === "ours") found++;
  assert.equal(found, ours);
});

test("FileStorage: a reader never sees a mixture of two writes", { timeout: 60_000 }, async (t) => {
  const store = await newStore(t);
  await store.put("k", "first");
  const script = `
    for (let i = 0; process.connected; i++) {
      await put("k", String(process.pid + i).repeat(1 + (i * 7919) % 30_000));
      // The same size, within one tick of the file system's clock.
      await put("k", "a".repeat(99) + i % 10);
      await put("k", "b".repeat(99) + i % 10);
      if (i === 0) process.send("started");
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  `;
  const children = [startChild(t, store.folder, script), startChild(t, store.folder, script)];
  await Promise.all(children.map((child) => once(child, "message")));
  const seen = new Set<string>();
  for (let i = 0; i < 1500; i++) {
    const { record, body } = (await store.read("k")) as StoredObject;
    assert.ok(Buffer.isBuffer(body));
    assert.equal(etagOf(body.toString()), record.etag);
    assert.equal(record.details.metadata?.["text"], record.etag);
    assert.equal(record.size, body.length);
    seen.add(record.etag ?? "");
    const [listed] = (await store.storage.list("b", { prefix: "", limit: 2 })) as ListedObject[];
    assert.notEqual(listed, undefined, "an object that is replaced is listed");
  }
  assert.ok(seen.size > 1);
  for (const child of children) child.disconnect();
  for (const child of children) assert.equal(await ended(child), 0);
});

test(
  "FileStorage: folders and buckets that come and go under writers",
  { timeout: 60_000 },
  async (t) => {
    const store = await newStore(t);
    const script = `
    process.send("started");
    for (let i = 0; process.connected; i++) {
      await put("x/y/theirs", "1");
      await store.delete("b", "x/y/theirs", {});
      await put("x/y", "object");
      await store.delete("b", "x/y", {});
      await store.createBucket("c", 1);
      await store.deleteBucket("c");
      await new Promise((resolve) => setImmediate(resolve));
    }
  `;
    const child = startChild(t, store.folder, script);
    await once(child, "message");
    const outcomes = new Set<string>();
    for (let i = 0; i < 500; i++) {
      assert.equal(await store.put("x/y/ours", `${i}`), "done");
      assert.equal(await store.text("x/y/ours"), `${i}`);
      if (i % 3 === 0) await store.storage.delete("b", "x/y/ours", {});
      const body = Buffer.from("text");
      const record = { size: 4, etag: etagOf("text"), modified: 1, details: {}, tags: [] };
      outcomes.add(await store.storage.write("c", "deep/key", record, body, {}));
      await store.storage.delete("c", "deep/key", {});
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.disconnect();
    assert.equal(await ended(child), 0);
    for (const outcome of outcomes) assert.match(outcome, /^(?:done|no-bucket)$/);
  },
);

/** Does something to a store and is killed before its n-th step in the file system. */
const killedAt = (steps: string, step: number): string => `
  let left = ${step};
  await textOf("k");
  await put("warm", "up");
  for (const name of Object.keys(fs)) {
    if (!name.endsWith("Sync")) continue;
    const own = fs[name];
    fs[name] = (...args) => {
      if (left-- === 1) process.kill(process.pid, "SIGKILL");
      return own(...args);
    };
  }
  ${steps}
  process.disconnect();
`;

for (const [what, steps] of [
  ["a write", `await put("k", "new text")`],
  ["a write below it", `await put("k/below", "below")`],
  ["a delete", `await store.delete("b", "k", {})`],
] as const) {
  const title = `FileStorage: ${what} that is killed at any step leaves the old object or the new state`;
  test(title, { timeout: 120_000 }, async (t) => {
    const states = new Set<string>();
    let last: number | string = "SIGKILL";
    for (let step = 1; last === "SIGKILL"; step += 1) {
      const store = await newStore(t);
      await store.put("k", "old");
      const child = startChild(t, store.folder, killedAt(steps, step));
      last = await ended(child);
      assert.match(String(last), /^(?:0|SIGKILL)$/);
      const listed = await store.list();
      const texts = await Promise.all(listed.map((key) => store.text(key)));
      states.add(JSON.stringify([listed, texts]));
      for (const key of listed) {
        const { record, body } = (await store.read(key)) as StoredObject;
        assert.equal(record.etag, etagOf((body as Buffer).toString()));
        assert.equal(record.details.metadata?.["text"], record.etag);
      }
      // The next process has its way, and clears up.
      const next = new StoreFixture(store.folder);
      assert.equal(await next.put("k", "next"), "done");
      assert.equal(await next.text("k"), "next");
      assert.equal(await next.put("k/below", "next"), "done");
      assert.deepEqual(next.leftovers(), [], `step ${step}`);
      assert.equal(readdirSync(join(store.folder, ".lambdad/owners")).length, 2);
      await next.storage.close();
    }
    assert.equal(states.size, 2, [...states].join("\n"));
  });
}

test("FileStorage: a lock that nobody gives back ends the wait with its path", async (t) => {
  const { KeyLocks } = await import("./key-locks.ts");
  const { fileParts } = await import("./file-parts.ts");
  const store = await newStore(t);
  const { own } = fileParts(store.folder, false);
  const locks = new KeyLocks(own, 50);
  own.make();
  // Somebody on another machine, of whom nothing is known but that the lock is new.
  writeFileSync(join(store.folder, ".lambdad/locks/name"), '{"space":"elsewhere","pid":1}');
  await assert.rejects(async () => locks.hold(["name"], () => 1), {
    code: "InternalError",
    message: /has had the lock ".*\/\.lambdad\/locks\/name" for 50 ms/,
  });
  own.close();
});
