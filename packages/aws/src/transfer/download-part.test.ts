import assert from "node:assert/strict";
import { test } from "node:test";
import type { BodyStream } from "../client/body-stream.ts";
import { patterned } from "./download-fixture.test.ts";
import type { DownloadObject } from "./download-object.ts";
import { fetchPart, type PartTarget } from "./download-part.ts";

const bytes = patterned(1000);

/** A body of an object store's: no connection, and read by asking. */
class PlainBody implements BodyStream {
  readonly length = 1000;
  hasEnded = false;
  asked = 0;
  readonly #breaksAt: number;

  constructor(breaksAt = Infinity) {
    this.#breaksAt = breaksAt;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    await new Promise(setImmediate);
    const at = this.asked++ * 100;
    if (this.hasEnded || at >= 1000) return { done: true, value: undefined };
    if (at >= this.#breaksAt) throw new Error("broken");
    return { done: false, value: bytes.subarray(at, at + 100) };
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return { done: true, value: undefined };
  }

  cancel(): void {
    this.hasEnded = true;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Takes one piece at a time. */
class Holding implements PartTarget {
  onWritable: (() => void) | undefined;
  readonly pieces: Buffer[] = [];

  write(piece: Uint8Array): boolean {
    this.pieces.push(Buffer.from(piece));
    return false;
  }

  complete(): undefined {}
}

const part = { number: 1, start: 0, end: 999 };
const onBytes = (): void => {};

test("fetchPart asks a body without a connection for no more than its target takes", async () => {
  const target = new Holding();
  const source = new PlainBody();
  const object = { read: () => assert.fail("asked again") } as unknown as DownloadObject;
  const { signal } = new AbortController();
  const first = { source, skip: 0 };
  const fetched = fetchPart(object, part, target, { signal, first, onBytes });
  for (let count = 1; count <= 10; count++) {
    while (target.pieces.length < count) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(source.asked, count);
    target.onWritable?.();
  }
  await fetched;
  assert.ok(Buffer.concat(target.pieces).equals(bytes));
});

test("fetchPart goes on where such a body broke, and ends while it is held", async () => {
  const target = new Holding();
  target.write = (piece): boolean => Holding.prototype.write.call(target, piece) || true;
  const { signal } = new AbortController();
  const asked: number[] = [];
  const object = {
    read: (start: number) => (
      asked.push(start),
      Promise.resolve({ source: new PlainBody(), skip: start })
    ),
  } as unknown as DownloadObject;
  const first = { source: new PlainBody(300), skip: 0 };
  await fetchPart(object, part, target, { signal, first, onBytes });
  assert.deepEqual(asked, [300]);
  assert.ok(Buffer.concat(target.pieces).equals(bytes));

  const controller = new AbortController();
  const source = new PlainBody();
  const held = new Holding();
  const options = { signal: controller.signal, first: { source, skip: 0 }, onBytes };
  const fetched = fetchPart(object, part, held, options);
  while (held.pieces.length === 0) await new Promise(setImmediate);
  controller.abort();
  await assert.rejects(fetched, { name: "AbortError" });
  assert.equal(source.hasEnded, true);
});
