import assert from "node:assert/strict";
import { once } from "node:events";
import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test } from "node:test";
import { gatherWrites } from "./gather-writes.ts";

/** Notes what reaches the system, and in how many calls. */
class Sink extends Writable {
  readonly calls: string[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.calls.push(chunk.toString());
    setImmediate(done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this.calls.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
    setImmediate(done);
  }
}

describe("gatherWrites()", () => {
  test("makes one call of all writes of a turn, in their order", async () => {
    const sink = new Sink();
    gatherWrites(sink);
    for (const text of ["a", "b", "c"]) sink.write(text);
    assert.deepEqual(sink.calls, []);
    await turn();
    assert.deepEqual(sink.calls, ["abc"]);
    await turn();
    sink.write("d");
    await turn();
    assert.deepEqual(sink.calls, ["abc", "d"]);
  });

  test("says as before when the buffer is full, and when it is empty again", async () => {
    const sink = new Sink({ highWaterMark: 4 });
    gatherWrites(sink);
    assert.equal(sink.write("ab"), true);
    assert.equal(sink.write("cd"), false);
    await once(sink, "drain");
    assert.equal(sink.writableLength, 0);
  });

  test("calls back for each write, and loses nothing that is written before the end", async () => {
    const sink = new Sink();
    gatherWrites(sink);
    let written = 0;
    sink.write("a", () => (written += 1));
    sink.write("b", "utf8", () => (written += 1));
    sink.end("c");
    await once(sink, "finish");
    assert.equal(sink.calls.join(""), "abc");
    assert.equal(written, 2);
  });

  test("bears a socket that is destroyed within the turn", async () => {
    const sink = new Sink();
    gatherWrites(sink);
    const closed = once(sink, "close");
    sink.write("a", () => undefined);
    sink.destroy();
    await closed;
    await turn();
    assert.deepEqual(sink.calls, []);
  });
});
