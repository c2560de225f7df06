import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { bodySource } from "./body-source.ts";

async function readOne(value: unknown): Promise<void> {
  for await (const piece of bodySource(value).open()) {
    assert.ok(piece.length > 0);
    break;
  }
}

async function* watched(onEnd: () => void): AsyncGenerator<string> {
  try {
    yield "a";
    yield "b";
  } finally {
    onEnd();
  }
}

test("bodySource() destroys a Node stream that is left early (CL-16)", async () => {
  const stream = Readable.from(watched(() => {}));
  await readOne(stream);
  assert.equal(stream.destroyed, true);
});

test("bodySource() cancels a web stream that is left early (CL-16)", async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.from("a")),
    cancel: () => {
      cancelled = true;
    },
  });
  await readOne(stream);
  assert.equal(cancelled, true);
});

test("bodySource() ends a generator that is left early (CL-16)", async () => {
  let ended = false;
  await readOne(watched(() => (ended = true)));
  await setImmediate();
  assert.equal(ended, true);
});

test("bodySource() ends what a function has opened and is left early (CL-16)", async () => {
  const opened: Readable[] = [];
  await readOne(() => {
    const stream = Readable.from(watched(() => {}));
    opened.push(stream);
    return stream;
  });
  assert.equal(opened.length, 1);
  assert.equal(opened[0]?.destroyed, true);
});

test("discard() closes streams that nobody has read (CL-16)", async () => {
  const stream = new PassThrough();
  bodySource(stream).discard();
  assert.equal(stream.destroyed, true);
  let cancelled = 0;
  const web = new ReadableStream({ cancel: () => void (cancelled += 1) });
  const source = bodySource(web);
  source.discard();
  source.discard();
  await setImmediate();
  assert.equal(cancelled, 1);
  assert.throws(() => source.open(), TypeError);
});

test("discard() ends a reading that waits for bytes (CL-16)", async () => {
  const stream = new PassThrough();
  const source = bodySource(stream);
  const waiting = source.open()[Symbol.asyncIterator]().next();
  await setImmediate();
  source.discard();
  const outcome = await waiting.then(
    (result) => result.done,
    () => true,
  );
  assert.equal(outcome, true);
});

test("discard() does nothing to a stream that was read to its end", async () => {
  let cancelled = false;
  const web = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from("a"));
      controller.close();
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const source = bodySource(web);
  for await (const piece of source.open()) assert.equal(piece.length, 1);
  source.discard();
  assert.equal(cancelled, false);
});

test("the errors of sources come out of the iteration", async () => {
  const failure = new Error("disk on fire");
  const failing: readonly unknown[] = [
    new Readable({ read: () => {} }).destroy(failure),
    new ReadableStream({ start: (controller) => controller.error(failure) }),
    // oxlint-disable-next-line require-yield
    (async function* () {
      throw failure;
    })(),
    () => Promise.reject(failure),
  ];
  for (const value of failing) {
    const source = bodySource(value);
    await setImmediate();
    await assert.rejects(async () => {
      for await (const piece of source.open()) assert.fail(`${piece.length} bytes`);
    }, failure);
  }
});

test("bodySource() closes the stream of fs whose file it reads itself", () => {
  const stream = createReadStream(import.meta.filename);
  const source = bodySource(stream);
  assert.equal(source.replayable, true);
  assert.equal(stream.destroyed, true);
});

const readOnce: Readonly<Record<string, () => unknown>> = {
  "a Node stream": () => Readable.from(watched(() => {})),
  "a web stream": () => ReadableStream.from(watched(() => {})),
  "an async generator": () => watched(() => {}),
  "a generator": () =>
    (function* () {
      yield "a";
      yield "b";
    })(),
};

for (const [kind, make] of Object.entries(readOnce)) {
  test(`bodySource() gives ${kind} to one reader only, who gets all of it (CL-8)`, async () => {
    const value = make();
    const [first, second] = [bodySource(value), bodySource(value)];
    const opened = [first.open(), second.open()];
    const [firstRead, secondRead] = await Promise.allSettled(opened.map((pieces) => text(pieces)));
    second.discard();
    assert.equal(firstRead?.status === "fulfilled" && firstRead.value, "ab");
    assert.match(String(secondRead?.status === "rejected" && secondRead.reason), /has been read/);
  });

  test(`bodySource() does not take ${kind} that was closed for an empty body (CL-8)`, () => {
    const value = make();
    bodySource(value).discard();
    assert.throws(() => bodySource(value).open(), /has been read/);
  });
}

test("bodySource() reads an iterable anew that is its own iterator", async () => {
  const counter = {
    at: 0,
    [Symbol.iterator]() {
      this.at = 0;
      return this;
    },
    next(): IteratorResult<string> {
      return this.at++ < 2 ? { done: false, value: "a" } : { done: true, value: undefined };
    },
  };
  for (let times = 0; times < 2; times++) {
    assert.equal(await text(bodySource(counter).open()), "aa");
  }
});

test("bodySource() of a file refuses another file that got its name meanwhile, also for a part of it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "aws-source-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  await writeFile(path, "first");
  const source = bodySource({ path });
  const part = source.slice?.(0, 2);
  assert.ok(part);
  assert.equal(await text(source.open()), "first");
  await writeFile(`${path}.new`, "other");
  await rename(`${path}.new`, path);
  await assert.rejects(text(source.open()), /replaced by another file/);
  await assert.rejects(async () => source.readInto?.(Buffer.alloc(2), 0), /replaced by another/);
  await assert.rejects(text(part.open()), /replaced by another file/);
});

test("bodySource() of a stream of a file reads what the stream has opened, whatever has its name now", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "aws-source-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  await writeFile(path, "first");
  const stream = createReadStream(path);
  await once(stream, "open");
  await writeFile(`${path}.new`, "other");
  await rename(`${path}.new`, path);
  assert.equal(await text(bodySource(stream).open()), "first");
});
