import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ResponseBody } from "../client/response-body.ts";
import { type BodySource, bodySource } from "./body-source.ts";

const folder = mkdtempSync(join(tmpdir(), "body-source-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "file");
writeFileSync(path, "0123456789");

async function read(source: BodySource): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.open()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function* generator(): AsyncGenerator<Uint8Array | string> {
  yield Buffer.from("01234");
  yield "";
  yield "56789";
}

const text = "0123456789";
const bytes = new TextEncoder().encode(text);

const replayable: readonly [string, () => unknown, number | undefined][] = [
  ["text", () => text, 10],
  ["a Uint8Array", () => bytes, 10],
  ["an ArrayBuffer", () => bytes.buffer, 10],
  ["a DataView", () => new DataView(bytes.buffer), 10],
  ["a Blob", () => new Blob(["01234", "56789"]), 10],
  ["an array of bytes and text", () => [Buffer.from("01234"), "56789"], 10],
  ["a file by path", () => ({ path }), 10],
  ["a file by URL", () => ({ path: pathToFileURL(path) }), 10],
  ["a stream of fs", () => createReadStream(path), 10],
  ["a function of a stream", () => () => Readable.from(generator()), undefined],
  ["a function of a promise of bytes", () => () => Promise.resolve(bytes), undefined],
  ["a function of a generator", () => generator, undefined],
];

for (const [name, make, length] of replayable) {
  test(`bodySource() of ${name} can be read again (CL-6)`, async () => {
    const source = bodySource(make());
    assert.equal(source.length, length);
    assert.equal(source.replayable, true);
    assert.equal(await read(source), text);
    assert.equal(source.taken, false);
    assert.equal(await read(source), text);
    source.discard();
  });
}

const once: readonly [string, () => unknown][] = [
  ["a Node stream", () => Readable.from(generator())],
  ["an async generator", () => generator()],
  ["a generator", () => [Buffer.from("01234"), "56789"].values()],
  ["a web stream", () => new Blob([text]).stream()],
];

for (const [name, make] of once) {
  describe(`bodySource() of ${name}`, () => {
    test("is read once (CL-6)", async () => {
      const source = bodySource(make());
      assert.equal(source.length, undefined);
      assert.equal(source.replayable, false);
      assert.equal(source.taken, false);
      assert.equal(await read(source), text);
      assert.equal(source.taken, true);
      assert.throws(() => source.open(), {
        name: "TypeError",
        message: /a function that opens it/,
      });
    });

    test("can be opened again until its first byte is asked for (CL-6)", async () => {
      const source = bodySource(make());
      const unused = source.open()[Symbol.asyncIterator]();
      await unused.return?.();
      assert.equal(source.taken, false);
      assert.equal(await read(source), text);
    });
  });
}

test("bodySource() of files and bytes gives parts of them", async () => {
  for (const value of [text, bytes, new Blob([text]), { path }]) {
    const part = bodySource(value).slice?.(2, 8);
    assert.ok(part !== undefined);
    assert.equal(part.length, 6);
    assert.equal(await read(part), "234567");
    const inner = part.slice?.(1, 100);
    assert.ok(inner !== undefined);
    assert.equal(await read(inner), "34567");
  }
});

test("bodySource() reads the part of a file, `end` not included", async () => {
  const source = bodySource({ path, start: 3, end: 6 });
  assert.equal(source.length, 3);
  assert.equal(await read(source), "345");
  assert.equal(await read(bodySource({ path, start: 10 })), "");
});

test("bodySource() reads the part that a stream of fs names, its `end` included", async () => {
  const source = bodySource(createReadStream(path, { start: 3, end: 6 }));
  assert.equal(source.length, 4);
  assert.equal(await read(source), "3456");
  assert.equal(bodySource(createReadStream(path, { start: 8, end: 99 })).length, 2);
});

test("bodySource() reads on from where a stream of fs has been read to", async () => {
  const stream = createReadStream(path, { highWaterMark: 4 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const source = bodySource(stream);
  assert.equal(source.replayable, false);
  assert.equal(await read(source), "456789");
});

test("bodySource() takes what a stream of fs with an encoding gives, not the file", async () => {
  assert.equal(await read(bodySource(createReadStream(path, { encoding: "utf8" }))), text);
  const hex = createReadStream(path, { encoding: "hex" });
  assert.equal(await read(bodySource(hex)), Buffer.from(text).toString("hex"));
});

test("bodySource() refuses a Node stream that has ended: it would send an empty body", async () => {
  for (const stream of [createReadStream(path), Readable.from([text])]) {
    for await (const _ of stream);
    assert.throws(() => bodySource(stream), { name: "TypeError", message: /has been read/ });
  }
  assert.equal(await read(bodySource(Readable.from([]))), "");
});

test("bodySource() of a file that is not there names it", async () => {
  const missing = join(folder, "missing");
  assert.throws(() => bodySource({ path: missing }), { code: "ENOENT" });
  await assert.rejects(read(bodySource(createReadStream(missing))), { code: "ENOENT" });
});

test("bodySource() refuses folders, and parts that a file does not have", () => {
  assert.throws(() => bodySource({ path: folder }), {
    name: "TypeError",
    message: /no regular file/,
  });
  for (const part of [
    { start: -1 },
    { start: 11 },
    { end: 11 },
    { start: 5, end: 4 },
    { start: 0.5 },
  ]) {
    assert.throws(() => bodySource({ path, ...part }), { name: "RangeError" });
  }
});

test("bodySource() of a file that becomes shorter fails (CL-8)", async () => {
  const shrinking = join(folder, "shrinking");
  writeFileSync(shrinking, "0123456789");
  const source = bodySource({ path: shrinking });
  writeFileSync(shrinking, "01234");
  await assert.rejects(read(source), { name: "TypeError", message: /has become shorter/ });
});

for (const value of [undefined, null, 5, true, {}, { path: 5 }]) {
  test(`bodySource() refuses ${JSON.stringify(value)}`, () => {
    assert.throws(() => bodySource(value), { name: "TypeError", message: /Cannot send a body of/ });
  });
}

test("bodySource() refuses what a source gives beside bytes and text", async () => {
  await assert.rejects(read(bodySource(Readable.from([{ not: "bytes" }]))), {
    name: "TypeError",
    message: /its source gave object/,
  });
  assert.throws(() => bodySource([1, 2]), { message: /its source gave number/ });
});

test("bodySource knows the length of a response's body, and gives it up where it is not read", async () => {
  const whole = bodySource(new ResponseBody(Buffer.from(text)));
  assert.deepEqual([whole.length, whole.replayable, await read(whole)], [10, false, text]);
  const unread = new ResponseBody(Buffer.from(text));
  bodySource(unread).discard();
  await assert.rejects(unread.text(), /it has been read or cancelled already/);
});
