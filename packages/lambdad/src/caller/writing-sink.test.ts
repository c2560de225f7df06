import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WritingSink } from "./writing-sink.ts";

describe("WritingSink", () => {
  test("writes the pieces in order, and is full until each is written", async () => {
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const sink = new WritingSink(async (bytes) => {
      events.push(Buffer.from(bytes).toString());
      await gate.promise;
    });
    const piece = Buffer.from("one");
    assert.equal(sink.write(piece), false);
    piece.fill(0);
    sink.onDrain(() => {
      events.push("drained");
      sink.write(Buffer.from("two"));
    });
    await Promise.resolve();
    assert.deepEqual(events, ["one"]);
    gate.resolve();
    await sink.flush();
    await sink.flush();
    assert.deepEqual(events, ["one", "drained", "two"]);
    assert.equal(sink.lastByte, "o".charCodeAt(0));
  });

  test("keeps the last byte when a piece is empty, and has none before the first", () => {
    const sink = new WritingSink(async () => undefined);
    assert.equal(sink.lastByte, undefined);
    sink.write(Buffer.from("a"));
    sink.write(Buffer.alloc(0));
    assert.equal(sink.lastByte, "a".charCodeAt(0));
  });
});
