import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { Session } from "../client/session.ts";
import type { ReferenceValue } from "./reference-value.ts";
import { References, type ReferencesOptions } from "./references.ts";

const bucket = "work";

/** References on a store of their own. */
async function made(t: TestContext, options: Partial<ReferencesOptions> = {}) {
  const session = new Session();
  t.after(() => session.close());
  const s3 = session.client("s3", { endpoint: "memory:" });
  for (const Bucket of [bucket, "other"]) await s3.createBucket({ Bucket });
  return { s3, references: new References(s3, { bucket, prefix: "in/", ...options }) };
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-references-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const text = "Grüße 🙂";
const bytes = Buffer.from(text);
const values: readonly (readonly [name: string, value: () => ReferenceValue, type: string])[] = [
  ["text", () => text, "text/plain; charset=utf-8"],
  ["bytes", () => new Uint8Array(bytes), "application/octet-stream"],
  [
    "a view",
    () => new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    "application/octet-stream",
  ],
  ["an ArrayBuffer", () => new Uint8Array(bytes).buffer, "application/octet-stream"],
  ["a Blob", () => new Blob([bytes]), "application/octet-stream"],
  ["a Blob with a type", () => new Blob([bytes], { type: "text/x" }), "text/x"],
  ["a Node stream", () => Readable.from([bytes]), "application/octet-stream"],
  ["a web stream", () => new Blob([bytes]).stream(), "application/octet-stream"],
  ["a generator", () => pieces(), "application/octet-stream"],
  ["an opener", () => () => Readable.from([bytes]), "application/octet-stream"],
];

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

test("References.put keeps text and bytes of every kind, with the type of the kind", async (t) => {
  const { s3, references } = await made(t);
  for (const [name, value, type] of values) {
    const reference = await references.put(value());
    assert.match(reference, /^s3:\/\/work\/in\/[0-9a-f-]{36}$/);
    assert.equal(await references.text(reference), text, name);
    assert.ok((await references.bytes(reference)).equals(bytes), name);
    assert.equal(await references.size(reference), bytes.length);
    const { ContentType } = await s3.headObject({ Bucket: bucket, Key: reference.slice(10) });
    assert.equal(ContentType, type, name);
  }
});

test("References.put keeps any other value as JSON", async (t) => {
  const { references } = await made(t);
  const date = new Date(0);
  for (const value of [
    { a: [1, { b: null }] },
    [],
    [1, "x"],
    7,
    true,
    false,
    null,
    { path: "x" },
  ]) {
    const reference = await references.put(value);
    assert.deepEqual(await references.json(reference), value);
  }
  assert.equal(await references.json(await references.put(date)), date.toJSON());
  for (const value of [undefined, Symbol("x"), new Map(), new Set([1])]) {
    await assert.rejects(references.put(value as unknown as string), {
      name: "TypeError",
      message: /JSON has none/,
    });
  }
  const reference = await references.put("{");
  await assert.rejects(references.json(reference), { name: "SyntaxError", reference });
});

test("References.put takes the value as it is at the call", async (t) => {
  const { references } = await made(t);
  const value = { a: 1 };
  const put = references.put(value);
  value.a = 2;
  assert.deepEqual(await references.json(await put), { a: 1 });
});

test("References.put takes a key, a type and members of PutObject", async (t) => {
  const { s3, references } = await made(t, { put: { Metadata: { job: "7" }, ContentType: "a/b" } });
  const reference = await references.put("x", { key: "../a?b#c%20 d/" });
  assert.equal(reference, "s3://work/in/../a?b#c%20 d/");
  assert.equal(await references.text(reference), "x");
  const place = { Bucket: bucket, Key: "in/../a?b#c%20 d/" };
  assert.equal((await s3.headObject(place)).ContentType, "a/b");
  assert.deepEqual({ ...(await s3.headObject(place)).Metadata }, { job: "7" });
  await references.put("y", { key: "../a?b#c%20 d/", contentType: "c/d" });
  assert.equal((await s3.headObject(place)).ContentType, "c/d");
  assert.equal(await references.text(reference), "y");
});

test("References.put names by content: equal values are one object", async (t) => {
  const { references } = await made(t, { naming: "content", prefix: "" });
  const sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
  const path = join(await folderOf(t), "file");
  await writeFile(path, "x");
  for (const value of ["x", Buffer.from("x"), new Blob(["x"])]) {
    assert.equal(await references.put(value), `s3://work/${sha256}`);
  }
  assert.equal(await references.putFile(path), `s3://work/${sha256}`);
  assert.notEqual(await references.put("y"), `s3://work/${sha256}`);
  await assert.rejects(references.put(Readable.from(["x"])), { message: /Cannot name a stream/ });
  assert.equal(await references.put(Readable.from(["x"]), { key: "k" }), "s3://work/k");
});

test("References keeps files, and resolves into files and streams", async (t) => {
  const { references } = await made(t);
  const folder = await folderOf(t);
  const large = Buffer.alloc(9 * 1024 * 1024, "0123456789");
  await writeFile(join(folder, "file"), large);
  const reference = await references.putFile(join(folder, "file"));
  assert.ok((await references.bytes(reference)).equals(large));
  await references.toFile(reference, join(folder, "copy"));
  assert.ok((await readFile(join(folder, "copy"))).equals(large));
  const body = await references.stream(reference);
  assert.ok((await buffer(body.stream())).equals(large));
  const again = await references.put(large);
  assert.equal(await references.size(again), large.length);
  await assert.rejects(references.putFile(join(folder, "none")), { code: "ENOENT" });
});

test("References takes lists, several at once, and gives results in their order", async (t) => {
  const { s3, references } = await made(t, { concurrency: 3 });
  const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
  let most = 0;
  let now = 0;
  for (const name of ["putObject", "getObject"] as const) {
    const method = s3[name].bind(s3) as (...args: unknown[]) => Promise<unknown>;
    t.mock.method(s3, name, async (...args: unknown[]) => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      return method(...args).finally(() => now--);
    });
  }
  const given = await references.putAll(texts);
  assert.deepEqual(await references.text(given), texts);
  assert.equal(most, 3);
  assert.deepEqual(
    await references.size(given),
    texts.map(({ length }) => length),
  );
  assert.deepEqual(await references.bytes([]), []);
  await references.delete(given.slice(1));
  const there = await references.exists(given);
  assert.deepEqual(
    there,
    texts.map((_, at) => at === 0),
  );
  const error = (await references.text(given).catch((thrown: unknown) => thrown)) as Error;
  assert.equal(error.name, "NoSuchKey");
  assert.ok(given.slice(1).includes((error as Error & { reference: string }).reference));
});

test("References says of which reference an error is", async (t) => {
  const { s3, references } = await made(t);
  const reference = "s3://work/none";
  const gone = { name: "NoSuchKey", reference };
  await assert.rejects(references.text(reference), gone);
  await assert.rejects(
    references.bytes(reference),
    (error) => error instanceof s3.errors.NoSuchKey,
  );
  await assert.rejects(references.json([reference]), gone);
  await assert.rejects(references.stream(reference), gone);
  await assert.rejects(references.size(reference), { statusCode: 404, reference });
  assert.equal(await references.exists(reference), false);
  await references.delete(reference);
  const elsewhere = "s3://nowhere/key";
  await assert.rejects(references.text(elsewhere), { name: "NoSuchBucket", reference: elsewhere });
  await assert.rejects(references.text("work/key"), {
    name: "TypeError",
    message: /begin with "s3:/,
  });
});

test("References resolves in the buckets that it may", async (t) => {
  for (const [buckets, isAllowed] of [
    [undefined, true],
    [["other"], true],
    [[], false],
    [["third"], false],
  ] as const) {
    const { s3, references } = await made(t, { buckets });
    await s3.putObject({ Bucket: "other", Key: "key", Body: "x" });
    const own = await references.put("own");
    assert.equal(await references.text(own), "own");
    const reading = references.text("s3://other/key");
    if (isAllowed) {
      assert.equal(await reading, "x");
    } else {
      const message = /"other" is none of the buckets/;
      await assert.rejects(reading, { name: "TypeError", message });
    }
    const deleting = references.delete("s3://other/key");
    if (!isAllowed) await assert.rejects(deleting, TypeError);
    else await deleting;
  }
});

test("References ends with its signal, and refuses a bucket that is none", async (t) => {
  const { s3, references } = await made(t);
  const reference = await references.put("x");
  const signal = AbortSignal.abort(new Error("enough"));
  const ended = { name: "AbortError" };
  await assert.rejects(references.text(reference, { signal }), ended);
  await assert.rejects(references.text([reference], { signal }), ended);
  await assert.rejects(references.put("x", { signal }), ended);
  await assert.rejects(references.putAll(["x"], { signal }), ended);
  await assert.rejects(references.stream(reference, { signal }), ended);
  for (const name of ["", "a/b", "s3://bucket", undefined]) {
    assert.throws(() => new References(s3, { bucket: name as string }), TypeError);
  }
});
